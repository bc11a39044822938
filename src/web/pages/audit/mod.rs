//! The audit log, for the privacy office: who did and saw what, by person, chart and day; and as a file.

pub(super) mod file;

use super::extract::{Form, Query};
use super::filters;
use super::times::{Times, When};
use super::{Frame, PageError, charts_of, page, seen};
use crate::store::{AuditFilter, AuditView, GlassView, Locate, Viewed};
use crate::tracking::{ChartId, Mrn};
use crate::web::{App, Site};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::civil::Date;
use serde::Deserialize;
use std::collections::BTreeSet;

/// Rows of a page.
const ROWS: usize = 100;

/// What is wanted, as it is typed.
#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    who: String,
    #[serde(default)]
    chart: String,
    #[serde(default)]
    day: String,
    #[serde(default)]
    scans: String,
    before: Option<i64>,
}

#[derive(Template)]
#[template(path = "audit.html", config = "src/web/askama.toml")]
struct AuditPage {
    frame: Frame,
    wanted: Wanted,
    /// Restricted charts that were opened and not looked at, and how many there are.
    glasses: Vec<(GlassView, When)>,
    glass_count: u64,
    rows: Vec<Row>,
    next: Option<i64>,
}

struct Row {
    row: AuditView,
    at: When,
}

/// What is looked for, as it is typed: it may be about a patient, and so is in no address.
#[derive(Deserialize)]
pub(super) struct Search {
    #[serde(default)]
    who: String,
    /// A record number.
    #[serde(default)]
    number: String,
    #[serde(default)]
    chart: String,
    #[serde(default)]
    day: String,
    #[serde(default)]
    scans: String,
}

/// Looks for a part of the log: its address has the chart's number in the log and never the record number.
pub(super) async fn search(
    State(app): State<App>,
    Form(search): Form<Search>,
) -> Result<Redirect, PageError> {
    let Search { who, number, mut chart, day, scans } = search;
    if !number.trim().is_empty() {
        let found = match Mrn::parse(&number) {
            Some(mrn) => app.store.locate(Locate { label: None, mrn: Some(mrn) }).await?,
            None => Vec::new(),
        };
        let charts: BTreeSet<i64> = found.iter().map(|volume| volume.chart.0).collect();
        seen(&app, Viewed::Search, &format!("found {}", charts_of(&found)))?;
        chart = match charts.iter().copied().collect::<Vec<_>>().as_slice() {
            [] => return Err(PageError::BadRequest("no chart has this record number")),
            [one] => one.to_string(),
            several => {
                let several: Vec<_> = several.iter().map(|chart| format!("chart {chart}")).collect();
                let why = format!("several charts have this number: look for one of {}", several.join(", "));
                return Err(PageError::Refused(why));
            }
        };
    }
    if !who.trim().is_empty() && !is_known(&app, &who).await? {
        return Err(PageError::BadRequest("nobody of this name has an account, a token or a badge"));
    }
    let wanted = Wanted { who, chart, day, scans, before: None };
    wanted.filter(&app.site())?;
    Ok(Redirect::to(
        match wanted.query().as_str() {
            "" => "/audit".to_owned(),
            query => format!("/audit?{query}"),
        }
        .as_str(),
    ))
}

/// Whether somebody is called so who can stand in the log.
async fn is_known(app: &App, who: &str) -> Result<bool, PageError> {
    let who = who.trim();
    Ok(app.store.accounts().await?.iter().any(|account| account.name == who)
        || app.store.tokens().await?.iter().any(|token| token.name == who)
        || app.store.people().await?.iter().any(|person| person.code == who))
}

/// A part of the log.
pub(super) async fn show(
    State(app): State<App>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let site = app.site();
    let found = app.store.audit_log(wanted.filter(&site)?, ROWS).await?;
    let is_known = is_known(&app, &wanted.who).await?;
    seen(&app, Viewed::Audit, &format!("log, {}", wanted.told(is_known)))?;
    let times = Times::new(&app, &site);
    let row = |row: AuditView| Row { at: times.when(row.at), row };
    let (glasses, glass_count) = app.store.broken_glasses().await?;
    let log = AuditPage {
        glasses: glasses.into_iter().map(|glass| (glass.clone(), times.when(glass.at))).collect(),
        glass_count,
        frame: Frame::new(&app, &site, "/audit"),
        rows: found.rows.into_iter().map(row).collect(),
        next: found.next,
        wanted,
    };
    page(&log).map(IntoResponse::into_response)
}

/// A cell that no spreadsheet takes for a formula (OWASP, CSV injection).
pub(super) fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

impl Wanted {
    fn filter(&self, site: &Site) -> Result<AuditFilter, PageError> {
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let chart = text(&self.chart).map(|chart| chart.parse().map(ChartId)).transpose();
        let chart =
            chart.map_err(|_| PageError::BadRequest("a chart is looked for by its number in the log"))?;
        let during = text(&self.day).map(|day| during(&day, site)).transpose()?;
        let scans = !self.scans.is_empty();
        Ok(AuditFilter { actor: text(&self.who), scans, chart, during, before: self.before })
    }

    /// What was looked for, for the log itself; a name only if it is one of ours.
    fn told(&self, is_known: bool) -> String {
        let part = |name: &str, value: &str| {
            if value.trim().is_empty() { String::new() } else { format!(" {name} {}", value.trim()) }
        };
        let told = [
            part("of", if is_known || self.who.trim().is_empty() { &self.who } else { "somebody unknown" }),
            part("chart", &self.chart),
            part("on", &self.day),
        ]
        .concat();
        if told.is_empty() { "all".to_owned() } else { told.trim().chars().take(120).collect() }
    }

    /// The same, as the end of an address.
    fn query(&self) -> String {
        let parts = [("who", &self.who), ("chart", &self.chart), ("day", &self.day), ("scans", &self.scans)];
        coded_query(parts.into_iter().filter(|(_, value)| !value.trim().is_empty()))
    }
}

fn during(day: &str, site: &Site) -> Result<(jiff::Timestamp, jiff::Timestamp), PageError> {
    let bad = |_| PageError::BadRequest("write the day as 2026-12-31");
    let day: Date = day.parse().map_err(bad)?;
    let next = day.tomorrow().map_err(bad)?;
    let start = |day: Date| day.to_zoned(site.time_zone.clone()).map(|zoned| zoned.timestamp());
    Ok((start(day).map_err(bad)?, start(next).map_err(bad)?))
}

fn coded_query<'a>(pairs: impl Iterator<Item = (&'a str, &'a String)>) -> String {
    let coded = |text: &str| {
        text.bytes()
            .map(|byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            })
            .collect::<String>()
    };
    pairs.map(|(name, value)| format!("{name}={}", coded(value))).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for bad in ["=1+1", "+1", "-1", "@sum(a1)", "\t=1", "\r=1"] {
            assert!(harmless(bad).starts_with('\''), "{bad:?}");
        }
        assert_eq!(harmless("chart 17"), "chart 17");
    }
}
