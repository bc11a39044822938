//! Identifiers as newtypes, so that a chart's number is never taken for a volume's.

use std::fmt;

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number_id!(
    /// A patient's paper record as a whole; never reused.
    ChartId
);
number_id!(
    /// One physical folder of a chart; never reused.
    VolumeId
);
number_id!(
    /// A place or holder.
    CustodianId
);
number_id!(
    /// A person with a badge.
    PersonId
);
number_id!(
    /// A checkpoint, numbered when it is first configured.
    StationId
);
number_id!(
    /// A scanner or other origin of scans, numbered when it is first configured.
    SourceId
);
number_id!(
    /// The place of a scan in the journal, counted from 1 without gaps.
    ScanNo
);
number_id!(
    /// Something that somebody has to look at.
    WorkItemId
);
number_id!(
    /// The search for one volume.
    CaseId
);
number_id!(
    /// A bar code of a search sheet.
    SearchCodeId
);
number_id!(
    /// Two charts that became one.
    MergeId
);
number_id!(
    /// An answer that is printed on a notice's slip as a bar code: which chart of which notice, and what is said.
    ReplyCode
);
number_id!(
    /// Somebody's wish to have a volume.
    RequestId
);
number_id!(
    /// Requests that are pulled in one walk.
    PullListId
);
number_id!(
    /// The place of a movement in history, counted from 1 without gaps.
    MovementNo
);

/// Names one scan for ever. Made where the scan is made, so that a repeated delivery is recognised.
///
/// The layout is a UUID version 7 (RFC 9562 §5.7): milliseconds first, so that new ids sort last and the index
/// over them grows at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ScanId(uuid::Uuid);

/// A text that is no scan id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a scan id is a UUID such as 01920000-0000-7000-8000-000000000001; make a new one for each scan")]
pub struct ScanIdError;

impl ScanId {
    /// Makes an id from the time of the scan, a random number drawn once when its source started, and the count of
    /// scans that source has made since: distinct even when the clock is set back.
    pub fn new(unix_ms: u64, source_salt: u64, count: u32) -> ScanId {
        let mut random = [0; 10];
        let (salt, tail) = random.split_at_mut(6);
        for (to, from) in salt.iter_mut().zip(source_salt.to_be_bytes()) {
            *to = from;
        }
        tail.copy_from_slice(&count.to_be_bytes());
        ScanId(uuid::Builder::from_unix_timestamp_millis(unix_ms, &random).into_uuid())
    }

    /// The id of one of several scans that one form told, counted from 0: always the same, however often it is sent.
    pub fn of_line(self, line: u32) -> ScanId {
        let mut bytes = self.to_bytes();
        if let Some(tail) = bytes.last_chunk_mut::<4>() {
            *tail = line.to_be_bytes();
        }
        ScanId::from_bytes(bytes)
    }

    /// Reads an id as clients write it.
    ///
    /// # Errors
    /// The text is not a UUID.
    pub fn parse(text: &str) -> Result<ScanId, ScanIdError> {
        uuid::Uuid::try_parse(text).map(ScanId).map_err(|_| ScanIdError)
    }

    /// The 16 bytes under which the id is stored.
    pub fn to_bytes(self) -> [u8; 16] {
        self.0.into_bytes()
    }

    /// The id stored under these bytes.
    pub fn from_bytes(bytes: [u8; 16]) -> ScanId {
        ScanId(uuid::Uuid::from_bytes(bytes))
    }
}

impl fmt::Display for ScanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_never_makes_the_same_id_twice_even_if_the_clock_stands_still() {
        let mut ids: Vec<_> = (0..5000).map(|count| ScanId::new(7, 42, count).to_bytes()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 5000);
    }

    #[test]
    fn ids_of_later_milliseconds_sort_later() {
        assert!(ScanId::new(7, u64::MAX, u32::MAX).to_bytes() < ScanId::new(8, 0, 0).to_bytes());
    }

    #[test]
    fn the_lines_of_a_form_have_ids_of_their_own_which_stay() {
        let form = ScanId::new(7, 42, 9);
        assert_eq!(form.of_line(3), ScanId::new(7, 42, 3));
        assert_eq!(form.of_line(3).of_line(3), form.of_line(3));
    }

    #[test]
    fn text_and_bytes_come_back() {
        let id = ScanId::new(1_700_000_000_000, 99, 3);
        assert_eq!(ScanId::parse(&id.to_string()), Ok(id));
        assert_eq!(ScanId::from_bytes(id.to_bytes()), id);
        assert_eq!(ScanId::parse("chart 7"), Err(ScanIdError));
    }
}
