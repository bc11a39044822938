//! What a chart's page says of requests: who needs it next, and who did before.

use super::super::times::{Times, When};
use super::list::Row;
use super::{App, PageError, filters};
use crate::access::Permission;
use crate::tracking::ChartId;
use crate::web::door;
use askama::Template;
use askama::filters::HtmlSafe;

/// Requests that are over and shown on a chart's page.
const OVER_MAX: u32 = 10;

/// A section of a chart's page.
#[derive(Template)]
#[template(path = "chart_wanted.html", config = "src/web/askama.toml")]
pub(in crate::web::pages) struct WantedSection {
    chart: ChartId,
    open: Vec<Row>,
    over: Vec<(Row, When)>,
    has_volumes: bool,
    may_request: bool,
}

impl HtmlSafe for WantedSection {}

/// Who needs a chart next.
pub(in crate::web::pages) async fn section(
    app: &App,
    chart: ChartId,
    times: &Times,
) -> Result<WantedSection, PageError> {
    let requests = app.store.requests_of_chart(chart, OVER_MAX).await?;
    let has_volumes = requests.iter().any(|request| request.number > 1);
    let (open, over): (Vec<_>, Vec<_>) = requests.into_iter().partition(|request| request.state.is_open());
    let over = over.into_iter().map(|request| {
        let asked = times.when(request.asked_at);
        (Row::new(app, times, request), asked)
    });
    Ok(WantedSection {
        chart,
        over: over.collect(),
        open: open.into_iter().map(|request| Row::new(app, times, request)).collect(),
        has_volumes,
        may_request: door::may(Permission::Request),
    })
}
