//! Backups by the clock: where, when, which are kept, and for whom they are encrypted.

use jiff::civil::Time;
use jiff::tz::TimeZone;

use super::fields::{At, Fields};
use super::problems::Problems;
use super::site::absolute_path;
use crate::backups::{Keep, Plan, Recipients};

const AT: Time = Time::constant(2, 0, 0, 0);
const EXAMPLE: &str = "/var/lib/outguide-backups";
/// Most times of a day.
const TIMES_MAX: usize = 24;

/// The plan; none without a directory.
pub(super) fn backup(fields: &Fields<'_>, zone: &TimeZone, problems: &mut Problems<'_>) -> Option<Plan> {
    fields.refuse_unknown(problems);
    let at = times(fields, problems);
    let keep = keep(fields, problems);
    let recipients = recipients(fields, problems);
    let Some(given) = fields.text("directory", problems) else {
        let others = ["at", "keep_daily", "keep_weekly", "keep_monthly", "recipients"];
        if let Some(place) = others.iter().find_map(|key| fields.place_of(key))
            && !fields.has("directory")
        {
            let what =
                format!("[backup] has no `directory`, so no backups are made; add directory = {EXAMPLE:?}");
            problems.add(place, what);
        }
        return None;
    };
    let directory = absolute_path("directory", given, EXAMPLE, problems)?;
    Some(Plan { directory, at, keep, recipients, zone: zone.clone() })
}

fn times(fields: &Fields<'_>, problems: &mut Problems<'_>) -> Vec<Time> {
    let Some(At { place, value }) = fields.texts("at", problems) else { return vec![AT] };
    if value.is_empty() || value.len() > TIMES_MAX {
        problems.add(place, format!("`at` must be 1 to {TIMES_MAX} times of day; write [\"02:00\"]"));
    }
    let parse = |At { place, value }: At<&str>| {
        let time = value.parse::<Time>().ok();
        if time.is_none() {
            problems.add(place, format!("`at` {value:?} is no time of day; write it as \"02:00\""));
        }
        time
    };
    value.into_iter().filter_map(parse).collect()
}

fn keep(fields: &Fields<'_>, problems: &mut Problems<'_>) -> Keep {
    let mut keep = Keep::default();
    for (key, count) in [
        ("keep_daily", &mut keep.daily),
        ("keep_weekly", &mut keep.weekly),
        ("keep_monthly", &mut keep.monthly),
    ] {
        if let Some(At { value, .. }) = fields.count(key, 0..=1000, problems) {
            *count = value;
        }
    }
    keep
}

fn recipients(fields: &Fields<'_>, problems: &mut Problems<'_>) -> Recipients {
    let mut recipients = Recipients::default();
    for At { place, value } in
        fields.texts("recipients", problems).map(|given| given.value).unwrap_or_default()
    {
        if !recipients.add(value) {
            let what = if value.trim().to_ascii_uppercase().starts_with("AGE-SECRET-KEY-") {
                "`recipients` holds a secret key; take it out of this file, and write the public key, which begins with age1".to_owned()
            } else {
                format!(
                    "`recipients` {value:?} is no public key; write one that begins with age1, as `age-keygen` prints it"
                )
            };
            problems.add(place, what);
        }
    }
    recipients
}
