//! The pages of the site: what a clerk and an administrator read. Every one works without its script.
//!
//! Invariant: no patient data in an address, a title or a log; what is looked for travels in the body of a POST.

mod chart;
mod custodian;
mod error;
mod extract;
#[expect(unreachable_pub, reason = "the attribute that makes a filter makes its method `pub`")]
mod filters;
mod help;
mod labels;
mod locate;
mod mark;
mod notices;
mod scanner;
mod setup;
mod station;
mod times;
mod work;

pub(super) use error::PageError;

use super::assets::{self, Assets};
use super::{App, Site};
use askama::Template;
use axum::Router;
use axum::response::Html;
use axum::routing::{get, post};
use std::sync::Arc;

/// Pages, static files, and the answer to addresses that do not exist.
pub fn router() -> Router<App> {
    Router::new()
        .route("/", get(locate::form))
        .route("/locate", post(locate::search).get(locate::again))
        .route("/charts/{chart}", get(chart::show))
        .route("/stations", get(station::list))
        .route("/stations/{name}", get(station::show))
        .route("/custodians", get(custodian::list))
        .route("/custodians/{custodian}", get(custodian::show))
        .route("/scanners", get(scanner::list))
        .route("/setup", get(setup::list))
        .route("/setup/{family}", get(setup::show))
        .route("/work", get(work::list))
        .route("/work/{item}/close", post(work::close))
        .route("/notices", get(notices::list))
        .route("/notices/slips", get(notices::slips).post(notices::printed))
        .route("/notices/{notice}", get(notices::show))
        .route("/notices/{notice}/answer", post(notices::answer))
        .route("/notices/{notice}/came-back", post(notices::came_back))
        .route("/labels", get(labels::form).post(labels::print))
        .route("/labels/sheets/{file}", get(labels::sheet))
        .route("/volumes/{volume}/label", get(labels::volume))
        .route("/volumes/{volume}/label.svg", get(labels::picture))
        .route("/help", get(help::show))
        .merge(assets::router())
        .method_not_allowed_fallback(async || PageError::WrongMethod)
        .fallback(async || PageError::NotFound("page"))
}

/// What stands around every page.
struct Frame {
    /// Name of the file room.
    site: String,
    /// Zone in which the script shows times.
    zone: String,
    /// The item of the menu that the page belongs to.
    here: &'static str,
    /// Why nothing can be recorded now.
    alarm: Option<String>,
    assets: &'static Assets,
}

/// The items of the menu.
const MENU: [(&str, &str); 8] = [
    ("/", "Locate"),
    ("/stations", "Stations"),
    ("/custodians", "Custodians"),
    ("/scanners", "Scanners"),
    ("/work", "Work list"),
    ("/notices", "Notices"),
    ("/labels", "Labels"),
    ("/help", "Help"),
];

impl Frame {
    fn new(app: &App, site: &Arc<Site>, here: &'static str) -> Frame {
        Frame {
            site: site.name.clone(),
            zone: site.time_zone.iana_name().unwrap_or("UTC").to_owned(),
            here,
            alarm: app.store.health().red,
            assets: assets::assets(),
        }
    }

    /// The frame of a page that is not about this file room, such as an error.
    fn bare() -> Frame {
        Frame {
            site: "Outguide".to_owned(),
            zone: "UTC".to_owned(),
            here: "",
            alarm: None,
            assets: assets::assets(),
        }
    }

    fn menu(&self) -> [(&'static str, &'static str); 8] {
        MENU
    }
}

/// A page's answer.
type Page = Result<Html<String>, PageError>;

fn page(template: &impl Template) -> Page {
    template.render().map(Html).map_err(PageError::Template)
}

/// What people call a station; its key if it left the configuration.
fn station_title(site: &Site, name: &str) -> String {
    let station = site.stations.iter().find(|station| station.name == name);
    station.map_or_else(|| name.to_owned(), |station| station.title.clone())
}
