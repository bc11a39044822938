//! Restricted charts at the door of pages and API: whether whoever asks has given a reason.

use super::App;
use super::door;
use crate::store::{Caller, CameBy, Glass, NotRestricted, Opening, StoreError, Unchanged};
use crate::tracking::ChartId;
use jiff::SignedDuration;

/// Fewest and most characters of a reason.
const REASON_CHARS: std::ops::RangeInclusive<usize> = 3..=200;

/// Whether a chart may be shown to whoever asks.
pub(super) async fn glass(app: &App, chart: ChartId) -> Result<Glass, StoreError> {
    let session = door::current().map(|caller| session(&caller)).unwrap_or_default();
    app.store.glass(chart, session).await
}

/// A reason without blanks around it and control characters; `None` if it says nothing, or too much.
pub(super) fn reason(text: &str) -> Option<String> {
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    let text = text.trim();
    REASON_CHARS.contains(&text.chars().count()).then(|| text.to_owned())
}

/// Opens a chart for whoever asks; a program for this one question.
pub(super) async fn open(app: &App, chart: ChartId, why: String) -> Result<(), Unchanged<NotRestricted>> {
    let Some(caller) = door::current() else { return Ok(()) };
    let open = match caller.by {
        CameBy::SignIn(..) | CameBy::Proxy(_) => app.door.rules().sign_in.glass,
        CameBy::Token(_) => SignedDuration::ZERO,
    };
    let (session, actor) = (session(&caller), caller.name.clone());
    app.store.break_glass(Opening { chart, session, actor, why, open }).await
}

fn session(caller: &Caller) -> String {
    match caller.by {
        CameBy::SignIn(_, sign_in) => format!("sign-in {sign_in}"),
        CameBy::Proxy(account) => format!("account {account}"),
        CameBy::Token(token) => format!("token {token}"),
    }
}
