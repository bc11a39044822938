//! Bar codes of a search sheet: who walks with it tells at any desk where the chart was not, and where it was.

use super::act::Act;
use super::decide::{Decision, told};
use crate::tracking::{SearchCodeId, Verdict};

/// A bar code of a search sheet. Holds no number of a patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchCode {
    /// Which one.
    pub id: SearchCodeId,
    /// The line of its sheet.
    pub line: u32,
    /// It says that the chart was found there; else that it was not.
    pub is_found: bool,
    /// The search is not over.
    pub is_open: bool,
    /// Somebody told the same just now.
    pub is_told: bool,
}

/// What such a bar code does. It moves nothing and ends nothing that is under way.
pub(super) fn scanned(code: &SearchCode) -> Decision {
    let line = code.line;
    match code {
        SearchCode { is_open: false, .. } => {
            let why =
                "this search is over: throw the sheet away, and see the case's page for what came of it";
            told(Verdict::Refused, why, Act::Nothing)
        }
        SearchCode { is_told: true, .. } => {
            told(Verdict::DoubleRead, format!("line {line} was told before"), Act::Nothing)
        }
        SearchCode { is_found: true, id, .. } => {
            let why = format!("found at line {line}: now scan the chart itself");
            told(Verdict::Ready, why, Act::Searched(*id))
        }
        SearchCode { is_found: false, id, .. } => {
            let why = format!("line {line}: looked, not there; go on with the next line");
            told(Verdict::Ready, why, Act::Searched(*id))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_told_once_and_only_while_somebody_searches() {
        let code =
            SearchCode { id: SearchCodeId(7), line: 3, is_found: false, is_open: true, is_told: false };
        let check = |code: SearchCode, verdict, act| {
            let decision = scanned(&code);
            assert_eq!((decision.verdict, decision.act), (verdict, act), "{code:?}");
        };
        let noted = Act::Searched(SearchCodeId(7));
        check(code.clone(), Verdict::Ready, noted.clone());
        check(SearchCode { is_found: true, ..code.clone() }, Verdict::Ready, noted);
        check(SearchCode { is_told: true, ..code.clone() }, Verdict::DoubleRead, Act::Nothing);
        check(SearchCode { is_open: false, ..code }, Verdict::Refused, Act::Nothing);
    }
}
