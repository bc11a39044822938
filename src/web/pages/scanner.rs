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
    /// Whether it is plugged into this machine.
    is_device: bool,
    kind: &'static str,
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
            is_device: gauge.is_device,
            kind: gauge.kind,
            health,
        }
    }

    /// What is wrong and what to do; nothing if all is well.
    fn advice(&self) -> Vec<String> {
        match &self.health.presence {
            Presence::Fault(sentence) => vec![sentence.clone()],
            Presence::Absent if self.is_device => {
                vec![
                    "nothing is plugged in; plug the scanner in, or check its cable and its power".to_owned(),
                ]
            }
            Presence::Absent => {
                vec!["no scanner has connected; check its power, its network and its settings".to_owned()]
            }
            Presence::Up => self.health.concerns(),
            Presence::Played => {
                let mut advice = self.health.concerns();
                advice.push("the recording has been played; remove the source".to_owned());
                advice
            }
            Presence::Starting => Vec::new(),
        }
    }
}
