//! Restricted charts at the door of pages and API: whether whoever asks has given a reason.

use super::App;
use super::door;
use crate::store::{
    Caller, CameBy, Closed, Concerned, Glass, NotRestricted, Opening, StoreError, Unchanged, Veil,
};
use crate::tracking::ChartId;
use jiff::SignedDuration;
use std::collections::BTreeSet;

/// Fewest and most characters of a reason.
const REASON_CHARS: std::ops::RangeInclusive<usize> = 3..=200;

/// Whether a chart may be shown to whoever asks.
pub(super) async fn glass(app: &App, chart: ChartId) -> Result<Glass, StoreError> {
    let session = door::current().map(|caller| session(&caller)).unwrap_or_default();
    app.store.glass(chart, session).await
}

/// The first chart of these that whoever asks has to open first.
pub(super) async fn first_closed(app: &App, of: Vec<Concerned>) -> Result<Option<Closed>, StoreError> {
    let session = door::current().map(|caller| session(&caller)).unwrap_or_default();
    app.store.first_closed(of, session).await
}

/// Those of some rows that lead to a chart which whoever asks has to open first.
pub(super) async fn closed_of<T: Veil>(app: &App, rows: &[T]) -> Result<BTreeSet<Concerned>, StoreError> {
    let of: BTreeSet<Concerned> = rows.iter().filter_map(Veil::concerns).collect();
    if of.is_empty() {
        return Ok(of);
    }
    let session = door::current().map(|caller| session(&caller)).unwrap_or_default();
    app.store.closed_of(of, session).await
}

/// Takes from rows whose charts they are, where whoever asks has not opened those: for every list that names charts.
pub(super) async fn veil<T: Veil>(app: &App, mut rows: Vec<T>) -> Result<Vec<T>, StoreError> {
    let closed = closed_of(app, &rows).await?;
    let is_closed = |row: &&mut T| row.concerns().is_some_and(|of| closed.contains(&of));
    rows.iter_mut().filter(is_closed).for_each(Veil::veil);
    Ok(rows)
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
