//! What a scan is told about a chart besides what it did.

use super::session::Session;
use super::{Volume, WantedBack, wanted};
use crate::tracking::CustodianId;

/// What is told of a chart that was looked for, and of one that is flagged.
pub(super) fn was_missing(volume: &Volume) -> Option<String> {
    match &volume.attention.wanted_back {
        Some(WantedBack { needed_by: Some(clinic) }) => {
            Some(format!("WAS MISSING, needed by {clinic}: take it there, and tell the supervisor"))
        }
        Some(WantedBack { needed_by: None }) => {
            Some("WAS MISSING: tell the supervisor that it is found".to_owned())
        }
        None => volume.is_missing.then(|| "WAS MISSING: tell the supervisor that it is found".to_owned()),
    }
}

/// What is told of a scan besides, in a fixed order: that it was missing and is wanted now, and what `attention` knows.
pub(super) fn matters(session: &Session, volume: &Volume, to: CustodianId) -> Option<String> {
    let is_searched = volume.is_missing || volume.attention.wanted_back.is_some();
    match wanted::held(session, volume, to) {
        Some(hold) if is_searched => {
            Some(format!("WAS MISSING: tell the supervisor that it is found; {hold}"))
        }
        hold => hold.or_else(|| attention(volume)),
    }
}

/// The one most important thing that a scan of this volume is told besides.
fn attention(volume: &Volume) -> Option<String> {
    let seen = &volume.attention;
    if let Some(why) = was_missing(volume) {
        Some(why)
    } else if seen.temporary {
        Some("a temporary chart belongs to it: unite the two".to_owned())
    } else if seen.others_elsewhere > 0 {
        let volumes = if seen.others_elsewhere == 1 { "volume is" } else { "volumes are" };
        Some(format!("{} more {volumes} elsewhere: see the chart's page", seen.others_elsewhere))
    } else if seen.merge_due {
        Some("two charts of this patient are to be combined: put it on the merge shelf".to_owned())
    } else if seen.wrong_file_area {
        Some("it belongs to another file area: send it there".to_owned())
    } else if seen.label_worn {
        Some("its label is worn: print a new one".to_owned())
    } else {
        seen.due_passed.then(|| "it was overdue".to_owned())
    }
}
