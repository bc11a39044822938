//! The site's program that gets notices.

use super::fields::{At, Fields};
use super::keys::WEBHOOK;
use super::problems::Problems;
use super::site::absolute_path;
use crate::notice::{Ladder, Takes};
use crate::webhook::{Address, Webhook};
use std::path::Path;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(15);

/// What `[webhook]` says: the program, and which notices it gets.
pub(super) fn webhook(top: &Fields<'_>, problems: &mut Problems<'_>) -> Option<(Webhook, Takes)> {
    let fields = top.section("webhook", &WEBHOOK, problems);
    fields.refuse_unknown(problems);
    let words = [("steps", Takes::Steps), ("without-mail", Takes::WithoutMail), ("all", Takes::All)];
    let takes = fields.choice("takes", &words, problems).map_or(Takes::Steps, |given| given.value);
    let patience = fields.seconds("timeout_s", 1..=60, problems).map_or(PATIENCE, |given| given.value);
    let ca_file = fields
        .text("ca_file", problems)
        .and_then(|given| absolute_path("ca_file", given, "/etc/ssl/certs/hospital-ca.pem", problems));
    let url = fields.text("url", problems);
    let secret = fields.text("secret_file", problems);
    let Some(At { place, value }) = url else {
        if let Some(key) = WEBHOOK.keys.iter().find(|key| fields.has(key)) {
            let place = fields.place_of(key).unwrap_or(fields.place);
            problems.add(place, format!("`{key}` is for a webhook, and there is none; add url = …"));
        }
        return None;
    };
    let secret = fields.required("secret_file", secret, problems);
    let address: Option<Address> =
        value.parse().map_err(|error| problems.add(place, format!("`url` {error}"))).ok();
    Some((
        Webhook { address: address?, secret: Path::new(secret?.value).to_owned(), ca_file, patience },
        takes,
    ))
}

/// Refuses steps that go to a program where there is none.
pub(super) fn refuse_steps(
    ladder: &Ladder,
    tables: &[Fields<'_>],
    is_there: bool,
    problems: &mut Problems<'_>,
) {
    if is_there || !ladder.steps().iter().any(|step| step.by_webhook) {
        return;
    }
    for place in tables.iter().filter_map(|table| table.place_of("by")) {
        problems.add(place, "this step goes out by webhook, and there is none; add [webhook] with url = …");
    }
}
