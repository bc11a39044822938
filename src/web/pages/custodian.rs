//! Who has what: the custodians, and the charts of one in the order of its shelves.

use super::extract::{Form, Path, Query};
use super::filters;
use super::mark::Mark;
use super::paging::{self, Shown};
use super::times::{Times, When};
use super::{Frame, Page, PageError, page, seen, station_title};
use crate::store::{BoxStep, CustodianForm, CustodianView, Part, Viewed, VolumeView};
use crate::tracking::{CustodianId, VolumeId};
use crate::web::{App, glass};
use askama::Template;
use axum::extract::State;
use axum::response::Redirect;
use jiff::Timestamp;
use serde::Deserialize;
use std::cmp::Reverse;

/// Custodians on a page.
const ROWS: usize = 50;

/// Which part of the overview is wanted.
#[derive(Deserialize)]
pub(super) struct Overview {
    #[serde(default)]
    sort: Sort,
    #[serde(default)]
    page: usize,
}

/// What the overview is ordered by.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Default)]
#[serde(rename_all = "kebab-case")]
enum Sort {
    #[default]
    Name,
    Visiting,
    Home,
    Away,
}

#[derive(Template)]
#[template(path = "custodians.html", config = "src/web/askama.toml")]
struct CustodiansPage {
    frame: Frame,
    sort: Sort,
    custodians: Vec<CustodianView>,
    part: Shown,
}

/// Where a list of charts goes on.
#[derive(Deserialize)]
pub(super) struct After {
    after: Option<VolumeId>,
    /// Only what was not scanned since, in microseconds since 1970: what a sweep did not see.
    unseen: Option<i64>,
}

#[derive(Template)]
#[template(path = "custodian.html", config = "src/web/askama.toml")]
struct CustodianPage {
    frame: Frame,
    view: CustodianView,
    form: CustodianForm,
    parts: Vec<Part>,
    rows: Vec<Row>,
    is_first: bool,
    /// The list is of what was not scanned since.
    unseen: Option<(i64, When)>,
    next: Option<VolumeId>,
    /// Where a box was.
    steps: Vec<(When, BoxStep)>,
}

struct Row {
    volume: VolumeView,
    place: Mark,
    since: Option<When>,
    station: Option<String>,
}

/// All custodians with their counts.
pub(super) async fn list(State(app): State<App>, Query(wanted): Query<Overview>) -> Page {
    let mut custodians = app.store.custodians().await?;
    match wanted.sort {
        Sort::Name => {}
        Sort::Visiting => custodians.sort_by_key(|view| Reverse(view.visiting)),
        Sort::Home => custodians.sort_by_key(|view| Reverse(view.at_home)),
        Sort::Away => custodians.sort_by_key(|view| Reverse(view.away)),
    }
    let (custodians, mut part) = paging::part(custodians, wanted.page, ROWS);
    let frame = Frame::new(&app, &app.site(), "/custodians");
    let mut shown = CustodiansPage { frame, sort: wanted.sort, custodians, part: Shown::default() };
    part.keeps = format!("sort={}&", shown.sorted_by());
    shown.part = part;
    page(&shown)
}

/// Which one is looked for.
#[derive(Deserialize)]
pub(super) struct Find {
    #[serde(default)]
    custodian: String,
}

/// Opens the page of the one that was typed.
pub(super) async fn find(Form(Find { custodian }): Form<Find>) -> Redirect {
    match custodian.trim().parse::<i64>() {
        Ok(custodian) => Redirect::to(&format!("/custodians/{custodian}")),
        Err(_) => Redirect::to("/custodians"),
    }
}

/// What a custodian has, in shelf order.
pub(super) async fn show(
    State(app): State<App>,
    Path(custodian): Path<CustodianId>,
    Query(After { after, unseen }): Query<After>,
) -> Page {
    let since = unseen.and_then(|us| Timestamp::from_microsecond(us).ok());
    let found = app.store.custodian_after(custodian, after, since).await?;
    let found = found.ok_or(PageError::NotFound("custodian"))?;
    let form = app.store.custodian_form(custodian).await?.ok_or(PageError::NotFound("custodian"))?;
    let parts = app.store.parts(custodian).await?;
    let part = after.map(|after| format!(" after volume {after}"));
    seen(&app, Viewed::List, &format!("custodian {custodian}{}", part.unwrap_or_default()))?;
    let volumes = glass::veil(&app, found.volumes).await?;
    let steps = if found.view.kind == "box" { app.store.box_steps(custodian).await? } else { Vec::new() };
    let site = app.site();
    let times = Times::new(&app, &site);
    let row = |volume: VolumeView| Row {
        place: Mark::whereabouts(&volume),
        since: volume.since.map(|since| times.when(since)),
        station: volume.station.as_deref().map(|name| station_title(&site, name)),
        volume,
    };
    page(&CustodianPage {
        frame: Frame::new(&app, &site, "/custodians"),
        view: found.view,
        form,
        parts,
        rows: volumes.into_iter().map(row).collect(),
        is_first: after.is_none(),
        unseen: unseen.zip(since.map(|since| times.when(since))),
        next: found.next.map(|cursor| cursor.volume),
        steps: steps.into_iter().map(|step| (times.when(step.at), step)).collect(),
    })
}

impl CustodiansPage {
    /// The sortable columns: name in addresses, heading, whether it is the order now.
    fn columns(&self) -> [(&'static str, &'static str, bool); 4] {
        [
            ("name", "Custodian", self.sort == Sort::Name),
            ("visiting", "Here from elsewhere", self.sort == Sort::Visiting),
            ("home", "At home", self.sort == Sort::Home),
            ("away", "Away", self.sort == Sort::Away),
        ]
    }

    fn sorted_by(&self) -> &'static str {
        self.columns().into_iter().find(|(_, _, is_sorted)| *is_sorted).map_or("name", |(name, _, _)| name)
    }
}
