//! The pages of the site: what a clerk and an administrator read. Every one works without its script.
//!
//! Invariant: no patient data in an address, a title or a log; what is looked for travels in the body of a POST.

mod back_dated;
mod change;
mod chart;
mod custodian;
mod custodian_form;
mod error;
mod extract;
#[expect(unreachable_pub, reason = "the attribute that makes a filter makes its method `pub`")]
mod filters;
mod help;
mod keyed;
mod labels;
mod locate;
mod mark;
mod merging;
mod requests;
mod scanner;
mod setup;
mod station;
mod times;
mod work;

pub(super) use error::PageError;
pub(super) use labels::print_one;

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
        .route("/charts/{chart}/change", get(change::show))
        .route("/charts/{chart}/volumes", post(change::begin_volume))
        .route("/charts/{chart}/temporary", post(change::make_temporary))
        .route("/charts/{chart}/unite", post(change::unite))
        .route("/charts/{chart}/merge", post(merging::merge))
        .route("/charts/{chart}/merges/{merge}/undo", post(merging::undo))
        .route("/stations", get(station::list))
        .route("/stations/{name}", get(station::show))
        .route("/stations/{name}/keyed", get(keyed::form).post(keyed::enter))
        .route("/earlier", get(back_dated::form).post(back_dated::enter))
        .route("/custodians", get(custodian::list))
        .route("/custodians/{custodian}", get(custodian::show))
        .route("/custodians/new", get(custodian_form::new).post(custodian_form::add))
        .route("/custodians/{custodian}/edit", get(custodian_form::edit).post(custodian_form::change))
        .route("/custodians/{custodian}/close", post(custodian_form::close))
        .route("/custodians/{custodian}/open", post(custodian_form::open))
        .route("/people", get(custodian_form::people).post(custodian_form::add_person))
        .route("/people/{person}/leave", post(custodian_form::leave))
        .route("/people/{person}/return", post(custodian_form::come_back))
        .route("/scanners", get(scanner::list))
        .route("/setup", get(setup::list))
        .route("/setup/{family}", get(setup::show))
        .route("/work", get(work::list))
        .route("/work/{item}", get(work::show))
        .route("/work/{item}/close", post(work::close))
        .route("/work/{item}/label", post(work::label))
        .route("/work/{item}/combine", post(work::combine))
        .route("/labels", get(labels::form).post(labels::print))
        .route("/labels/sheets/{file}", get(labels::sheet))
        .route("/volumes/{volume}/label", get(labels::volume))
        .route("/volumes/{volume}/label.svg", get(labels::picture))
        .route("/volumes/{volume}/labels", post(change::replace_label))
        .route("/volumes/{volume}/worn", post(change::worn))
        .route("/help", get(help::show))
        .merge(requests::router())
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
const MENU: [(&str, &str); 9] = [
    ("/", "Locate"),
    ("/stations", "Stations"),
    ("/requests", "Requests"),
    ("/pulls", "Pull lists"),
    ("/custodians", "Custodians"),
    ("/scanners", "Scanners"),
    ("/work", "Work list"),
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

    fn menu(&self) -> [(&'static str, &'static str); 9] {
        MENU
    }
}

/// A page's answer.
type Page = Result<Html<String>, PageError>;

fn page(template: &impl Template) -> Page {
    template.render().map(Html).map_err(PageError::Template)
}

/// Who is at work at this browser, as journal and audit log name them; nobody as long as there is no sign-in.
fn actor(_app: &App) -> Option<String> {
    None
}

/// What people call a station; its key if it left the configuration.
fn station_title(site: &Site, name: &str) -> String {
    let station = site.stations.iter().find(|station| station.name == name);
    station.map_or_else(|| name.to_owned(), |station| station.title.clone())
}
