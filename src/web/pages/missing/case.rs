//! One case: how far it has come, who is answerable, where to look and why, and what was done.

use super::{
    App, CaseDetail, CaseId, Frame, Page, Path, Place, Plan, Times, When, actor, filters, found, is_searched,
    name, page, place_name, seen,
};
use crate::access::Permission;
use crate::missing::case::{Level, Reason};
use crate::missing::plan::LastSeen;
use crate::store::{CaseStep, Viewed};
use crate::web::door;
use crate::web::pages::pick::{Picker, Picks};
use askama::Template;
use axum::extract::State;

/// Places that are shown; the rest is too unlikely to walk to.
const PLACES: usize = 15;

#[derive(Template)]
#[template(path = "missing/case.html", config = "src/web/askama.toml")]
struct CasePage {
    frame: Frame,
    detail: CaseDetail,
    discovered: When,
    needed: Option<When>,
    closed: Option<When>,
    signs: Vec<(&'static str, When)>,
    steps: Vec<(CaseStep, When)>,
    looks: Vec<Looked>,
    places: Vec<Listed>,
    elsewhere: String,
    found_at: Option<String>,
    elsewhere_picker: Picker,
    may_supervise: bool,
}

/// A place to look at.
struct Listed {
    place: Place,
    name: String,
    why: String,
    explained: String,
    probability: String,
    minutes: String,
    looks: u32,
    /// Who is on the way there, and whether that is the reader.
    claimed: Option<(String, bool)>,
}

/// A look in vain.
struct Looked {
    name: String,
    how: &'static str,
    looker: Option<String>,
    at: When,
}

/// A case.
pub(super) async fn show(State(app): State<App>, Path(case): Path<CaseId>) -> Page {
    let (detail, plan) = found(&app, case).await?;
    seen(&app, Viewed::Chart, &format!("chart {}, case {case}", detail.folder.chart))?;
    let site = app.site();
    let times = Times::new(&app, &site);
    let me = actor(&app).unwrap_or_default();
    page(&CasePage {
        frame: Frame::new(&app, &site, "/missing"),
        discovered: times.when(detail.case.discovered_at),
        needed: detail.case.needed_at.map(|at| times.due(at)),
        closed: detail.closed_at.map(|at| times.when(at)),
        signs: detail.signs.iter().map(|(sign, at)| (sign.sentence(), times.when(*at))).collect(),
        steps: detail.steps.iter().map(|step| (step.clone(), times.when(step.at))).collect(),
        looks: detail
            .looks
            .iter()
            .map(|look| Looked {
                name: place_name(&plan, look.place),
                how: look.how.words(),
                looker: look.looker.clone(),
                at: times.when(look.at),
            })
            .collect(),
        places: listed(&detail, &plan, &me),
        elsewhere: percent(plan.elsewhere()),
        found_at: detail.found_place.map(|place| place_name(&plan, place)),
        elsewhere_picker: Picks::load(&app).await?.picker("elsewhere", "place").by_desk(),
        may_supervise: door::may(Permission::Supervise),
        detail,
    })
}

fn listed(detail: &CaseDetail, plan: &Plan, me: &str) -> Vec<Listed> {
    let row = |candidate: &crate::missing::plan::Candidate| Listed {
        place: candidate.place,
        name: name(candidate),
        why: candidate.why().to_owned(),
        explained: candidate.explained(),
        probability: percent(candidate.probability()),
        minutes: format!("{:.0} min", candidate.minutes()),
        looks: candidate.looks,
        claimed: detail
            .claims
            .iter()
            .find(|claim| claim.place == candidate.place)
            .map(|claim| (claim.who.clone(), claim.who == me)),
    };
    plan.candidates().iter().take(PLACES).map(row).collect()
}

fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent < 1.0 { "under 1 %".to_owned() } else { format!("{percent:.0} %") }
}

impl Listed {
    /// The reader said that they go there.
    fn is_mine(&self) -> bool {
        self.claimed.as_ref().is_some_and(|(_, is_me)| *is_me)
    }
}

impl CasePage {
    /// Where the reader goes next: where they said that they go, else the best place that nobody goes to.
    fn first(&self) -> Option<&Listed> {
        let mine = self.places.iter().find(|listed| listed.is_mine());
        mine.or_else(|| self.places.iter().find(|listed| listed.claimed.is_none()))
    }

    fn is_searched(&self) -> bool {
        is_searched(self.detail.case.level)
    }

    fn is_suspected(&self) -> bool {
        self.detail.case.level == Level::Suspected
    }

    fn was_home(&self) -> bool {
        self.detail.case.last_seen == LastSeen::Home
    }

    fn may_answer(&self) -> bool {
        matches!(self.detail.case.level, Level::Suspected | Level::Searching)
    }

    fn waits_for_confirmation(&self) -> bool {
        self.detail.case.level == Level::FoundUnconfirmed
    }

    fn may_be_given_up(&self) -> bool {
        self.may_supervise && matches!(self.detail.case.level, Level::Searching | Level::Missing)
    }

    fn is_over(&self) -> bool {
        matches!(self.detail.case.level, Level::Found | Level::FoundUnconfirmed | Level::Cleared)
    }

    fn is_reason(&self, reason: &Reason) -> bool {
        self.detail.reason == Some(*reason)
    }

    fn reasons(&self) -> [Reason; 9] {
        Reason::ALL
    }

    fn suspicion(&self) -> String {
        percent(self.detail.case.suspicion)
    }
}
