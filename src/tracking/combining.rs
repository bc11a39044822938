//! When two charts may become one, and when that can be taken back: the rules of merges, temporary charts and the
//! folders that are combined. Pure.
//!
//! A **merge** is meant as HL7 means A40: one number survives, the other is retired. It says that two charts are one
//! patient's; the folders stay where they are, each in its own chart, until somebody has them in hand and **combines**
//! them. That way a wrong merge can be taken back without a trace on any folder.

use super::ChartId;

/// A chart, as far as these rules look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Party {
    /// Which one.
    pub chart: ChartId,
    /// The chart that it has become part of.
    pub merged_into: Option<ChartId>,
    /// It stands in for another chart.
    pub is_temporary: bool,
}

/// A folder, as far as these rules look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Folder {
    /// It is in use: neither merged, retired nor destroyed.
    pub is_active: bool,
    /// It is being missed.
    pub is_missing: bool,
}

/// Why a change to a chart or its folders is not made; each says what to do instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Against {
    /// It is not there.
    #[error("there is no such chart")]
    NoSuchChart,
    /// It is not there.
    #[error("there is no such volume")]
    NoSuchVolume,
    /// It is not there.
    #[error("there is no such custodian, or it is closed; choose another")]
    NoSuchCustodian,
    /// Both numbers are the same.
    #[error("this is the chart's own number; type the other one, which is to be retired")]
    Itself,
    /// A typing mistake, most likely.
    #[error("no chart has this number; compare it with the folder and type it again")]
    NoSuchNumber,
    /// It is done already.
    #[error("this number was merged into this chart already; there is nothing left to do")]
    AlreadyMerged,
    /// It means another chart by now.
    #[error("this number was retired by another merge; merge the number that its chart has now")]
    RetiredNumber,
    /// The chart is not the surviving one any more.
    #[error("this chart was merged into another; open that one, and do it there")]
    RetiredChart,
    /// A temporary chart has no number of a patient.
    #[error("this is a temporary chart's number; unite it with its real chart instead")]
    TemporaryNumber,
    /// A temporary chart is no home for another chart.
    #[error("this is a temporary chart; go to the real one, and unite the two first")]
    TemporaryChart,
    /// Only one at a time.
    #[error("this chart has a temporary chart already; use that one")]
    HasTemporary,
    /// It stands in for nothing.
    #[error("this is no temporary chart that is in use; there is nothing to unite")]
    NotTemporary,
    /// Nobody can lay together what is not there.
    #[error("this folder is flagged missing; scan it where it is found, then put the sheets together")]
    FolderMissing,
    /// The folder that is to take the sheets is not there.
    #[error("the folder for the sheets is flagged missing; scan it where it is found, or choose another")]
    IntoMissing,
    /// It is out of use.
    #[error("this folder is out of use already; load the page again")]
    NotInUse,
    /// Sheets go into a folder of the chart that survives.
    #[error("the sheets can go into a folder in use of the same chart only; choose one of the list")]
    IntoElsewhere,
    /// The task is done, or was never.
    #[error("these folders are not to be combined (any more); load the work list again")]
    NoTask,
    /// It is done already.
    #[error("this merge was undone already")]
    Undone,
    /// It has been undone by nobody, and cannot be.
    #[error("a temporary chart that was united stays so: its sheets are in the real folder")]
    United,
    /// Sheets cannot be told apart by a program.
    #[error(
        "sheets of a folder were put into another one, and no program can sort them out: begin a new volume for the other \
         patient, sort the sheets into it, and give it the old label"
    )]
    SheetsMoved,
    /// A later merge stands on this one.
    #[error("folders have been combined by another merge since; undo that one first")]
    LaterMerge,
    /// Nothing to number.
    #[error("this chart has no folder that a new volume could follow; add it by import")]
    NoFolder,
    /// The label is another folder's.
    #[error("this label is on another folder already; every folder needs a label of its own")]
    LabelTaken,
    /// The label is this folder's.
    #[error("this folder has this label already; scan the one that is on it now")]
    LabelKnown,
    /// Outguide's own labels are used up around here.
    #[error("no label of Outguide's own is free; scan one from the preprinted stock")]
    NoFreeLabel,
    /// There is one.
    #[error(
        "a chart of this number and kind of record is on file already; open it, and begin its next volume there"
    )]
    NumberOnFile,
    /// Another chart has it.
    #[error("this number is on file already; if both are the same patient's, merge the two numbers instead")]
    NumberTaken,
    /// The number is somebody's.
    #[error(
        "this number is on file as that of a patient of another name or date of birth; compare both with the folder, then \
         put right the one that is wrong"
    )]
    OtherPatient,
    /// A word that is none of the kinds of records.
    #[error("there is no such kind of record; choose one of the list")]
    NoSuchRecordType,
    /// Nothing is different.
    #[error("this is how it is on file already; nothing was changed")]
    NothingNew,
    /// The chart has no patient whose stay could be told.
    #[error("nobody is on file as the patient of this chart; give the name first")]
    NoPatient,
    /// A folder's life has rules of its own.
    #[error(transparent)]
    Unfit(#[from] super::Unfit),
    /// Nobody said why.
    #[error("say why: who looks for this folder next needs to know")]
    NoReason,
    /// The item is closed, or is of another kind.
    #[error("somebody has closed this item already; load the work list again")]
    ItemClosed,
}

/// Which of the charts that have the other number become part of the surviving one's.
///
/// # Errors
/// The number must not be merged, and why.
pub fn merge(survivor: &Party, others: &[Party]) -> Result<Vec<ChartId>, Against> {
    if survivor.merged_into.is_some() {
        return Err(Against::RetiredChart);
    }
    if survivor.is_temporary {
        return Err(Against::TemporaryChart);
    }
    if others.is_empty() {
        return Err(Against::NoSuchNumber);
    }
    if others.iter().any(|other| other.chart == survivor.chart) {
        return Err(Against::Itself);
    }
    if others.iter().any(|other| other.is_temporary) {
        return Err(Against::TemporaryNumber);
    }
    let free: Vec<_> = others.iter().filter(|other| other.merged_into.is_none()).collect();
    if free.is_empty() {
        let is_ours = others.iter().any(|other| other.merged_into == Some(survivor.chart));
        return Err(if is_ours { Against::AlreadyMerged } else { Against::RetiredNumber });
    }
    Ok(free.into_iter().map(|other| other.chart).collect())
}

/// Whether a folder of the retired chart may become the next volume of the surviving one, or its sheets go `into` one of
/// its folders. A missing folder may get its new number; its sheets nobody has.
///
/// # Errors
/// It may not, and why.
pub fn combine(folder: Folder, into: Option<Folder>) -> Result<(), Against> {
    match into {
        _ if !folder.is_active => Err(Against::NotInUse),
        None => Ok(()),
        Some(_) if folder.is_missing => Err(Against::FolderMissing),
        Some(into) if !into.is_active => Err(Against::IntoElsewhere),
        Some(into) if into.is_missing => Err(Against::IntoMissing),
        Some(_) => Ok(()),
    }
}

/// What became of the folders of a merge that is to be taken back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Since {
    /// It has been taken back.
    pub is_undone: bool,
    /// It was a temporary chart that was united.
    pub is_temporary: bool,
    /// Sheets were put from one folder into another, to or from those of the retired chart.
    pub sheets_moved: bool,
    /// Folders that came to the retired chart by an earlier merge were combined under this one.
    pub builds_on_it: bool,
}

/// Whether a merge can be taken back.
///
/// # Errors
/// It cannot, and why.
pub fn undo(since: Since) -> Result<(), Against> {
    if since.is_undone {
        Err(Against::Undone)
    } else if since.is_temporary {
        Err(Against::United)
    } else if since.sheets_moved {
        Err(Against::SheetsMoved)
    } else if since.builds_on_it {
        Err(Against::LaterMerge)
    } else {
        Ok(())
    }
}

/// The number of a temporary chart: the real one's behind a T, so that nobody takes it for a patient's; `count` tells
/// apart the second and later ones of a chart.
pub fn temporary_number(real: &str, count: u32) -> String {
    if count <= 1 { format!("T-{real}") } else { format!("T{count}-{real}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Party = Party { chart: ChartId(1), merged_into: None, is_temporary: false };
    const B: Party = Party { chart: ChartId(2), ..A };
    const C: Party = Party { chart: ChartId(3), ..A };

    #[test]
    fn every_pair_of_numbers_has_an_outcome() {
        let into = |chart| Party { merged_into: Some(chart), ..B };
        let temporary = |party| Party { is_temporary: true, ..party };
        for (survivor, others, expect) in [
            (A, vec![B], Ok(vec![B.chart])),
            (A, vec![B, C], Ok(vec![B.chart, C.chart])),
            (A, vec![into(C.chart), C], Ok(vec![C.chart])),
            (A, vec![], Err(Against::NoSuchNumber)),
            (A, vec![A], Err(Against::Itself)),
            (A, vec![into(A.chart)], Err(Against::AlreadyMerged)),
            (A, vec![into(C.chart)], Err(Against::RetiredNumber)),
            (A, vec![temporary(B)], Err(Against::TemporaryNumber)),
            (temporary(A), vec![B], Err(Against::TemporaryChart)),
            (Party { merged_into: Some(C.chart), ..A }, vec![B], Err(Against::RetiredChart)),
        ] {
            assert_eq!(merge(&survivor, &others), expect, "{survivor:?} {others:?}");
        }
    }

    #[test]
    fn sheets_go_from_a_folder_in_hand_into_a_folder_in_hand() {
        let good = Folder { is_active: true, is_missing: false };
        let missing = Folder { is_missing: true, ..good };
        let ended = Folder { is_active: false, ..good };
        for (folder, into, expect) in [
            (good, None, Ok(())),
            (missing, None, Ok(())),
            (ended, None, Err(Against::NotInUse)),
            (good, Some(good), Ok(())),
            (missing, Some(good), Err(Against::FolderMissing)),
            (good, Some(missing), Err(Against::IntoMissing)),
            (good, Some(ended), Err(Against::IntoElsewhere)),
        ] {
            assert_eq!(combine(folder, into), expect, "{folder:?} {into:?}");
        }
    }

    #[test]
    fn a_merge_is_taken_back_unless_paper_was_mixed() {
        let fresh = Since::default();
        for (since, expect) in [
            (fresh, Ok(())),
            (Since { is_undone: true, ..fresh }, Err(Against::Undone)),
            (Since { is_temporary: true, sheets_moved: true, ..fresh }, Err(Against::United)),
            (Since { sheets_moved: true, ..fresh }, Err(Against::SheetsMoved)),
            (Since { builds_on_it: true, ..fresh }, Err(Against::LaterMerge)),
        ] {
            assert_eq!(undo(since), expect, "{since:?}");
        }
    }

    #[test]
    fn a_temporary_number_is_a_number_and_nobodys() {
        for (count, expect) in [(1, "T-12-34-56"), (2, "T2-12-34-56")] {
            let number = temporary_number("12-34-56", count);
            assert_eq!(number, expect);
            assert!(crate::tracking::Mrn::parse(&number).is_some_and(|mrn| mrn.key() != "123456"));
        }
    }
}
