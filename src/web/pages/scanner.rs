//! How the scanners fare.

use super::filters;
use super::mark::Mark;
use super::times::{Times, When};
use super::{Frame, Page, page, station_title};
use crate::scanner::{Gauge, Presence, SourceHealth};
use crate::web::{App, Site};
use askama::Template;
use axum::extract::State;

#[derive(Template)]
#[template(path = "scanners.html", config = "src/web/askama.toml")]
struct ScannersPage {
    frame: Frame,
    scanners: Vec<Row>,
}

struct Row {
    source: String,
    station: String,
    station_title: String,
    device: String,
    mark: Mark,
    since: When,
    last: Option<When>,
    health: SourceHealth,
}

/// Every scanner of the configuration.
pub(super) async fn list(State(app): State<App>) -> Page {
    let site = app.site();
    let times = Times::new(&app, &site);
    let scanners = site.gauges.iter().map(|gauge| Row::new(gauge, &times, &site)).collect();
    page(&ScannersPage { frame: Frame::new(&app, &site, "/scanners"), scanners })
}

impl Row {
    fn new(gauge: &Gauge, times: &Times, site: &Site) -> Row {
        let health = gauge.read();
        Row {
            source: gauge.source.clone(),
            station: gauge.station.clone(),
            station_title: station_title(site, &gauge.station),
            device: gauge.device.clone(),
            mark: Mark::presence(&health.presence),
            since: times.when(health.since),
            last: health.last_frame.map(|at| times.when(at)),
            health,
        }
    }

    /// What is wrong and what to do; nothing if all is well.
    fn advice(&self) -> Option<&str> {
        match &self.health.presence {
            Presence::Fault(sentence) => Some(sentence),
            Presence::Absent => {
                Some("nothing is plugged in; plug the scanner in, or check its cable and its power")
            }
            Presence::Up if self.health.unstable => {
                Some("it goes away more often than a sound plug does; check the cable and the socket")
            }
            Presence::Up | Presence::Starting => None,
        }
    }
}
