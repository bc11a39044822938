//! What a site settles about how charts are followed.

use super::fields::{At, Fields};
use super::problems::Problems;
use jiff::SignedDuration;

/// How long the way to a place takes at most, unless the site says otherwise.
pub const ARRIVES_WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// How long a chart may be on its way before it counts as never arrived.
pub(super) fn arrives_within(fields: &Fields<'_>, problems: &mut Problems<'_>) -> SignedDuration {
    fields.refuse_unknown(problems);
    let given = fields.number("arrival_hours", 1..=720, problems);
    let hours = given.and_then(|At { value, .. }| i64::try_from(value).ok());
    hours.map_or(ARRIVES_WITHIN, SignedDuration::from_hours)
}
