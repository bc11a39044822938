//! The pages of the site: what a clerk and an administrator read. Every one works without its script.
//!
//! Invariant: no patient data in an address, a title or a log; what is looked for travels in the body of a POST.

mod accounts;
mod again;
mod arrivals;
mod audit;
mod back_dated;
mod backups;
mod batch;
mod change;
mod chart;
mod closing;
mod code;
mod correct;
mod custodian;
mod custodian_form;
mod desk;
mod error;
mod extract;
#[expect(unreachable_pub, reason = "the attribute that makes a filter makes its method `pub`")]
mod filters;
mod happened;
mod help;
mod idle;
mod keyed;
mod labels;
mod locate;
mod mark;
mod merging;
mod missing;
mod new_chart;
mod notices;
mod own;
mod paging;
mod people;
mod pick;
mod record_types;
mod requests;
mod resend;
mod restricted;
mod scanner;
mod setup;
pub(super) mod sign_in;
mod station;
mod times;
mod tokens;
mod wall;
mod work;

pub(super) use error::PageError;
pub(super) use labels::print_one;
pub(super) use locate::found_charts;

use super::assets::{self, Assets};
use super::routes::{Needs, Routes};
use super::{App, Site, door};
use crate::access::Permission;
use crate::access::Permission::{
    Administer, Locate, Print, Request, Restrict, SeeAudit, SeeBoard, SeeScanners, SeeStations, Supervise,
    Work,
};
use crate::access::{Role, SignInRules, WHOLE_ROOM};
use crate::store::{Caller, Viewed, VolumeView};
use Needs::{May, Nothing, SignedIn};
use askama::Template;
use axum::response::Html;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Pages, static files, and the answer to addresses that do not exist.
///
/// A new page is one line here: its address, what it needs, its handler.
pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/", SignedIn, locate::form)
        .post("/locate", May(Locate), locate::search)
        .get("/locate", May(Locate), locate::again)
        .get("/charts/new", May(Work), new_chart::form)
        .post("/charts/new", May(Work), new_chart::add)
        .get("/charts/{chart}", May(Locate), chart::show)
        .get("/charts/{chart}/change", May(Work), change::show)
        .post("/charts/{chart}/patient", May(Work), correct::patient)
        .post("/charts/{chart}/number", May(Supervise), correct::number)
        .post("/charts/{chart}/stay", May(Work), correct::stay)
        .post("/charts/{chart}/volumes", May(Work), change::begin_volume)
        .post("/charts/{chart}/temporary", May(Work), change::make_temporary)
        .post("/charts/{chart}/unite", May(Work), change::unite)
        .post("/charts/{chart}/merge", May(Supervise), merging::merge)
        .post("/charts/{chart}/merges/{merge}/undo", May(Supervise), merging::undo)
        .post("/charts/{chart}/open", May(Locate), restricted::open)
        .get("/charts/{chart}/restriction", May(Restrict), restricted::show)
        .post("/charts/{chart}/restriction", May(Restrict), restricted::change)
        .get("/stations", May(SeeStations), station::list)
        .get("/stations/{name}", May(SeeBoard), station::show)
        .post("/stations/{name}/take-back", May(Work), batch::take_back)
        .get("/wall", May(SeeBoard), wall::show)
        .get("/stations/{name}/keyed", May(Work), keyed::form)
        .post("/stations/{name}/keyed", May(Work), keyed::enter)
        .get("/earlier", May(Work), back_dated::form)
        .post("/earlier", May(Work), back_dated::enter)
        .get("/scanners", May(SeeScanners), scanner::list)
        .get("/backups", May(SeeScanners), backups::show)
        .get("/setup", May(SeeScanners), setup::list)
        .get("/setup/{family}", May(SeeScanners), setup::show)
        .get("/work", May(Work), work::list)
        .get("/arrivals", May(Work), arrivals::list)
        .get("/work/{item}", May(Work), work::show)
        .post("/work/{item}/close", May(Work), work::close)
        .post("/work/{item}/label", May(Work), work::label)
        .post("/work/{item}/combine", May(Work), work::combine)
        .get("/labels", May(Print), labels::form)
        .post("/labels", May(Print), labels::print)
        .get("/labels/initial", May(Print), labels::initial::show)
        .post("/labels/initial", May(Print), labels::initial::print)
        .get("/labels/sheets/{file}", May(Print), labels::sheet)
        .get("/volumes/{volume}/label", May(Print), labels::volume)
        .get("/volumes/{volume}/label.svg", May(Print), labels::picture)
        .post("/volumes/{volume}/labels", May(Work), change::replace_label)
        .post("/volumes/{volume}/worn", May(Work), change::worn)
        .post("/volumes/{volume}/home", May(Work), correct::home)
        .post("/volumes/{volume}/life", May(Supervise), correct::life)
        .get("/help", Nothing, help::show)
        .merge(custodians_routes())
        .merge(requests::routes())
        .merge(notices::routes())
        .merge(missing::routes())
        .merge(accounts_routes())
        .merge(assets::routes())
        .with(|router| {
            router
                .method_not_allowed_fallback(async || PageError::WrongMethod)
                .fallback(async || PageError::NotFound("page"))
        })
}

/// Places, holders and people, and what kinds of records there are.
fn custodians_routes() -> Routes {
    Routes::new()
        .get("/custodians", May(Locate), custodian::list)
        .get("/custodians/{custodian}", May(Locate), custodian::show)
        .post("/custodians/find", May(Locate), custodian::find)
        .get("/custodians/new", May(Supervise), custodian_form::new)
        .post("/custodians/new", May(Supervise), custodian_form::add)
        .get("/custodians/{custodian}/edit", May(Supervise), custodian_form::edit)
        .post("/custodians/{custodian}/edit", May(Supervise), custodian_form::change)
        .get("/custodians/{custodian}/close", May(Supervise), closing::show)
        .post("/custodians/{custodian}/close", May(Supervise), custodian_form::close)
        .post("/custodians/{custodian}/hand-over", May(Supervise), closing::hand_over)
        .post("/custodians/{custodian}/reassign-requests", May(Supervise), closing::reassign_requests)
        .post("/custodians/{custodian}/cancel-requests", May(Supervise), closing::cancel_requests)
        .post("/custodians/{custodian}/open", May(Supervise), custodian_form::open)
        .get("/record-types", May(Supervise), record_types::list)
        .post("/record-types", May(Supervise), record_types::set)
        .get("/people", May(Supervise), people::list)
        .post("/people", May(Supervise), people::add)
        .post("/people/find", May(Supervise), people::find)
        .post("/people/{person}/name", May(Supervise), people::rename)
        .post("/people/{person}/leave", May(Supervise), people::leave)
        .post("/people/{person}/return", May(Supervise), people::come_back)
}

/// Coming in, and whoever looks after that.
fn accounts_routes() -> Routes {
    Routes::new()
        .get("/sign-in", Nothing, sign_in::show)
        .post("/sign-in", Nothing, sign_in::sign_in)
        .post("/unlock", SignedIn, desk::unlock)
        .post("/sign-out", SignedIn, sign_in::sign_out)
        .get("/code", Nothing, code::show)
        .post("/code", Nothing, code::take)
        .get("/first", Nothing, code::show_first)
        .post("/first", Nothing, code::make_first)
        .get("/account", SignedIn, own::show)
        .post("/account/password", SignedIn, own::set_password)
        .post("/account/pin", SignedIn, own::set_pin)
        .post("/account/end-others", SignedIn, own::end_others)
        .get("/audit", May(SeeAudit), audit::show)
        .post("/audit", May(SeeAudit), audit::search)
        .post("/audit/glass/{glass}", May(SeeAudit), restricted::looked)
        .get("/audit/file", May(SeeAudit), audit::file::export)
        .get("/accounts", May(Administer), accounts::list)
        .post("/accounts", May(Administer), accounts::add)
        .post("/accounts/{account}/reset", May(Administer), accounts::reset)
        .post("/accounts/{account}/role", May(Administer), accounts::set_role)
        .post("/accounts/{account}/end", May(Administer), accounts::end)
        .post("/accounts/{account}/close", May(Administer), accounts::close)
        .get("/tokens", May(Administer), tokens::list)
        .post("/tokens", May(Administer), tokens::add)
        .post("/tokens/{token}/end", May(Administer), tokens::end)
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
    /// What everybody should hear of although scans are recorded: late backups, a damaged log.
    concerns: Vec<String>,
    /// Who is signed in.
    user: Option<Arc<Caller>>,
    /// Seconds without a click after which the desk locks.
    locks_s: i64,
    assets: &'static Assets,
}

/// The items of the menu, and what each needs.
const MENU: [(&str, &str, Option<Permission>); 14] = [
    ("/", "Locate", Some(Locate)),
    ("/stations", "Stations", Some(SeeStations)),
    ("/requests", "Requests", Some(Request)),
    ("/pulls", "Pull lists", Some(Work)),
    ("/missing", "Missing", Some(Work)),
    ("/custodians", "Custodians", Some(Locate)),
    ("/scanners", "Scanners", Some(SeeScanners)),
    ("/work", "Work list", Some(Work)),
    ("/notices", "Notices", Some(Work)),
    ("/labels", "Labels", Some(Print)),
    ("/audit", "Audit log", Some(SeeAudit)),
    ("/missing/records", "Missing charts", Some(SeeAudit)),
    ("/accounts", "Accounts", Some(Administer)),
    ("/help", "Help", None),
];

impl Default for Frame {
    fn default() -> Frame {
        Frame::bare()
    }
}

impl Frame {
    fn new(app: &App, site: &Arc<Site>, here: &'static str) -> Frame {
        Frame {
            site: site.name.clone(),
            zone: site.time_zone.iana_name().unwrap_or("UTC").to_owned(),
            here,
            alarm: app.store.health().red,
            concerns: app.backups.concerns(app.clock.now()),
            user: door::current(),
            locks_s: app.door.rules().sign_in.desk_idle.as_secs(),
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
            concerns: Vec::new(),
            user: door::current(),
            locks_s: SignInRules::default().desk_idle.as_secs(),
            assets: assets::assets(),
        }
    }

    /// What whoever is signed in may open.
    fn menu(&self) -> Vec<(&'static str, &'static str)> {
        let is_open = |needs: &Option<Permission>| needs.is_none_or(|needs| self.may(needs));
        let is_shown = |(address, name, needs)| is_open(&needs).then_some((address, name));
        MENU.into_iter().filter_map(is_shown).collect()
    }

    fn may(&self, permission: Permission) -> bool {
        self.user.as_ref().is_some_and(|user| user.may.has(permission))
    }

    fn may_work(&self) -> bool {
        self.may(Work)
    }

    fn may_restrict(&self) -> bool {
        self.may(Restrict)
    }

    fn may_supervise(&self) -> bool {
        self.may(Supervise)
    }

    fn may_print(&self) -> bool {
        self.may(Print)
    }

    fn may_request(&self) -> bool {
        self.may(Request)
    }

    fn may_see_board(&self) -> bool {
        self.may(SeeBoard)
    }

    fn may_see_scanners(&self) -> bool {
        self.may(SeeScanners)
    }

    fn may_locate(&self) -> bool {
        self.may(Locate)
    }

    /// Who is signed in, unless it is a screen, which signs nobody out.
    fn person(&self) -> Option<&Caller> {
        self.user.as_deref().filter(|user| user.role.is_some_and(|role| !role.is_device()))
    }

    /// For whom the page was made: a page that is open for another is loaded anew.
    fn who(&self) -> &str {
        self.user.as_ref().map_or("", |user| &user.name)
    }

    /// The station at whose desk somebody is signed in.
    fn at_desk(&self) -> Option<&str> {
        self.user.as_ref()?.desk.as_ref().map(|desk| desk.station.as_str())
    }

    /// The station whose screen this is, and nobody is signed in at it.
    fn locked_desk(&self) -> Option<&str> {
        self.user.as_ref()?.station.as_deref().filter(|station| *station != WHOLE_ROOM)
    }

    fn is_display(&self) -> bool {
        self.user.as_ref().is_some_and(|user| user.role == Some(Role::Display))
    }
}

/// Notes that whoever asks is about to see patients' data, in ids.
fn seen(app: &App, how: Viewed, what: &str) -> Result<(), PageError> {
    door::seen(app, how, what).map_err(PageError::NotNoted)
}

/// The charts of some volumes, as the audit log names them: each once.
fn charts_of(volumes: &[VolumeView]) -> String {
    let charts: BTreeSet<i64> = volumes.iter().map(|volume| volume.chart.0).collect();
    let charts: Vec<_> = charts.into_iter().map(|chart| format!("chart {chart}")).collect();
    if charts.is_empty() { "nothing".to_owned() } else { charts.join(" ") }
}

/// A page's answer.
type Page = Result<Html<String>, PageError>;

fn page(template: &impl Template) -> Page {
    template.render().map(|page| Html(idle::kept(page))).map_err(PageError::Template)
}

/// Who is at work at this browser, as journal and audit log name them.
fn actor(_app: &App) -> Option<String> {
    door::actor()
}

/// What people call a station; its key if it left the configuration.
fn station_title(site: &Site, name: &str) -> String {
    let station = site.stations.iter().find(|station| station.name == name);
    station.map_or_else(|| name.to_owned(), |station| station.title.clone())
}
