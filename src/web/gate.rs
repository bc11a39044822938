//! The gate in front of whatever is of one restricted chart: every address that names a chart, a folder, a case, a request, a
//! merge or an item of the work list is looked at here, before its handler, so that a new page cannot forget it.
//!
//! Lists, and forms that name a chart in their body, are the handlers' own business: [`super::glass::veil`] and
//! `restricted::through`.

use super::App;
use super::api;
use super::glass;
use super::pages::PageError;
use super::problem::Problem;
use crate::store::{Closed, Concerned};
use crate::tracking::{CaseId, ChartId, MergeId, RequestId, VolumeId, WorkItemId};
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse, Response};

/// Where a restricted chart is opened or restricted: these pages show nothing of it themselves.
const OPEN: [&str; 2] = ["/charts/{chart}/open", "/charts/{chart}/restriction"];

/// A request for what is of one chart.
pub(super) struct Gate {
    app: App,
    of: Vec<Concerned>,
    /// A program asks; its headers.
    program: Option<HeaderMap>,
    go_on: String,
}

impl Gate {
    /// `None`: the address names nothing that is of one chart.
    pub(super) fn of(request: &Request) -> Option<Gate> {
        let route = request.extensions().get::<MatchedPath>()?.as_str();
        let path = request.uri().path();
        let of = if OPEN.contains(&route) { Vec::new() } else { concerned(route, path) };
        let app = request.extensions().get::<App>().filter(|_| !of.is_empty())?.clone();
        let program = path.starts_with("/api/").then(|| request.headers().clone());
        Some(Gate { app, of, program, go_on: go_on(request) })
    }

    /// The answer to who has to open the chart first; `None`: its handler answers.
    pub(super) async fn refused(self) -> Option<Response> {
        let Gate { app, of, program, go_on } = self;
        match (glass::first_closed(&app, of).await, program) {
            (Ok(None), _) => None,
            (Ok(Some(closed)), Some(headers)) => {
                let through = api::let_through(&app, closed.chart, &headers).await;
                through.err().map(IntoResponse::into_response)
            }
            (Ok(Some(Closed { chart, label })), None) => {
                Some(PageError::Restricted(Box::new((chart, label, go_on))).into_response())
            }
            (Err(error), Some(_)) => Some(Problem::from(error).into_response()),
            (Err(error), None) => Some(PageError::from(error).into_response()),
        }
    }
}

/// The address to go on to once the chart is open: the page that was asked for, or the one that the form stands on.
fn go_on(request: &Request) -> String {
    if request.method() == Method::GET {
        return request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    }
    let path = request.uri().path();
    path.match_indices('/').nth(2).and_then(|(end, _)| path.get(..end)).unwrap_or(path).to_owned()
}

/// What an address names, by the words before its numbers.
fn concerned(route: &str, path: &str) -> Vec<Concerned> {
    let parts = |text: &'static str| path.strip_prefix(text).unwrap_or(path);
    let path: Vec<&str> = parts("/api/v1").split('/').skip(1).collect();
    let route: Vec<&str> = route.strip_prefix("/api/v1").unwrap_or(route).split('/').skip(1).collect();
    let pairs = route.iter().zip(&path).zip(route.iter().zip(&path).skip(1));
    pairs
        .filter(|(_, (name, _))| name.starts_with('{'))
        .filter_map(|((word, _), (_, number))| named(word, number.parse().ok()?))
        .collect()
}

fn named(word: &str, number: i64) -> Option<Concerned> {
    Some(match word {
        "charts" => Concerned::Chart(ChartId(number)),
        "volumes" => Concerned::Volume(VolumeId(number)),
        "missing" => Concerned::Case(CaseId(number)),
        "requests" => Concerned::Request(RequestId(number)),
        "merges" => Concerned::Merge(MergeId(number)),
        "work" | "work-items" => Concerned::Item(WorkItemId(number)),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_whose_chart_it_is() {
        let check = |route: &str, path: &str, expect: &[Concerned]| {
            assert_eq!(concerned(route, path), expect, "{route} {path}");
        };
        check("/charts/{chart}", "/charts/7", &[Concerned::Chart(ChartId(7))]);
        check("/charts/new", "/charts/new", &[]);
        check("/volumes/{volume}/label.svg", "/volumes/3/label.svg", &[Concerned::Volume(VolumeId(3))]);
        check("/missing/{case}/look", "/missing/2/look", &[Concerned::Case(CaseId(2))]);
        check("/missing/finds", "/missing/finds", &[]);
        let both = [Concerned::Chart(ChartId(1)), Concerned::Merge(MergeId(9))];
        check("/charts/{chart}/merges/{merge}/undo", "/charts/1/merges/9/undo", &both);
        check("/api/v1/merges/{id}/undo", "/api/v1/merges/9/undo", &[Concerned::Merge(MergeId(9))]);
        check(
            "/api/v1/work-items/{id}/combine",
            "/api/v1/work-items/4/combine",
            &[Concerned::Item(WorkItemId(4))],
        );
        check("/stations/{name}", "/stations/7", &[]);
        check("/pulls/{list}", "/pulls/7", &[]);
    }
}
