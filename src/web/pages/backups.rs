//! How backups fare.

use super::filters;
use super::times::{Times, When};
use super::{Frame, Page, page};
use crate::backups::{Backup, Plan};
use crate::web::App;
use askama::Template;
use axum::extract::State;

#[derive(Template)]
#[template(path = "backups.html", config = "src/web/askama.toml")]
struct BackupsPage {
    frame: Frame,
    plan: Option<Planned>,
    last: Option<(Backup, When)>,
    failed: Option<(String, When)>,
    running_since: Option<When>,
    count: usize,
    is_late: bool,
}

struct Planned {
    directory: String,
    at: String,
    keep: String,
    recipients: usize,
}

/// The newest good backup, what failed, and the plan.
pub(super) async fn show(State(app): State<App>) -> Page {
    let site = app.site();
    let times = Times::new(&app, &site);
    let state = app.backups.state();
    page(&BackupsPage {
        frame: Frame::new(&app, &site, "/scanners"),
        plan: app.backups.plan().as_ref().map(Planned::new),
        last: state.last_good.map(|backup| {
            let at = times.when(backup.at);
            (backup, at)
        }),
        failed: state.failed.map(|(at, why)| (why, times.when(at))),
        running_since: state.running_since.map(|at| times.when(at)),
        count: state.count,
        is_late: app.backups.is_late(app.clock.now()),
    })
}

impl Planned {
    fn new(plan: &Plan) -> Planned {
        let at: Vec<_> = plan.at.iter().map(|time| time.strftime("%H:%M").to_string()).collect();
        let keep = plan.keep;
        Planned {
            directory: plan.directory.display().to_string(),
            at: at.join(", "),
            keep: format!(
                "the newest of {} days, {} weeks and {} months",
                keep.daily, keep.weekly, keep.monthly
            ),
            recipients: plan.recipients.len(),
        }
    }
}
