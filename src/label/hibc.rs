//! HIBC labels: supplier labels are products, provider labels (`+/`) name patients, charts, people and things
//! (ANSI/HIBC 1.3, Provider Applications Standard, section 2: data structures).
//!
//! A provider label says once *where* it is and for each field *what* it is: `+/ACMRN123456/V200912190833` and a check
//! character is on a patient (A) and has the patient's number (C) and the time of a visit (V). The flags are one or
//! three characters long, and nothing marks where they end: only the format, which asks for some, can tell.

use super::format::CheckScheme;

/// Most characters of data in one provider field.
const DATA_MAX: usize = 15;

/// How long a flag may be.
const FLAG_LENGTHS: [usize; 2] = [1, 3];

/// What a text that starts with `+` turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Hibc {
    /// A supplier's product.
    Supplier,
    /// Provider fields, check character taken off: the first begins with both flags, the others with *what* alone.
    Provider(Vec<String>),
    /// One half of data that were split over two symbols, `+/1…` and `+/2…` with a link character; obsolete.
    Split,
    /// A provider label whose check character is wrong.
    CheckWrong,
}

/// Reads an HIBC label; nothing if the text is none.
pub(super) fn parse(text: &str) -> Option<Hibc> {
    let body = text.strip_prefix('+')?;
    let right = CheckScheme::Mod43.split(text).filter(|_| CheckScheme::Mod43.verify(text));
    if body.starts_with('/') {
        let Some(fields) = right.and_then(|(payload, _)| payload.strip_prefix("+/")) else {
            return Some(Hibc::CheckWrong);
        };
        let is_split = fields.starts_with(['1', '2']);
        let split = || fields.split('/').map(str::to_owned).collect();
        return Some(if is_split { Hibc::Split } else { Hibc::Provider(split()) });
    }
    // A labeller code begins with a letter; secondary data of a product begin with a digit or `$`.
    let starts_right = body.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '$');
    (right.is_some() && starts_right && body.len() >= 6).then_some(Hibc::Supplier)
}

/// Finds the data of the field that carries the flags; nothing if there are none, or different ones.
pub(super) fn data<'a>(fields: &'a [String], flags: &str) -> Option<&'a str> {
    let (first, others) = fields.split_first()?;
    let own = first.strip_prefix(flags);
    let shared = FLAG_LENGTHS
        .iter()
        .filter_map(|length| flags.split_at_checked(*length))
        .filter(|(place, what)| FLAG_LENGTHS.contains(&what.len()) && first.starts_with(place))
        .flat_map(|(_, what)| others.iter().filter_map(move |field| field.strip_prefix(what)));
    let mut found = own.into_iter().chain(shared).filter(|data| (1..=DATA_MAX).contains(&data.len()));
    let data = found.next()?;
    found.all(|other| other == data).then_some(data)
}

/// Says whether flags can be what a provider label carries: one or three characters of *where*, and of *what*; 1 and 2
/// at the beginning mark split data.
pub(super) fn are_flags(flags: &str) -> bool {
    matches!(flags.len(), 2 | 4 | 6)
        && !flags.starts_with(['1', '2'])
        && flags.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        let found = match parse(text) {
            None => "none".to_owned(),
            Some(Hibc::Supplier) => "supplier".to_owned(),
            Some(Hibc::CheckWrong) => "check wrong".to_owned(),
            Some(Hibc::Split) => "split".to_owned(),
            Some(Hibc::Provider(fields)) => fields.join(" | "),
        };
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn reads_provider_and_supplier_labels() {
        check("+/EAH783B", "EAH783");
        check("+/BC123456$", "BC123456");
        check("+/EAH783/Z34H159$", "EAH783 | Z34H159");
        check("+/EAC00007 ", "EAC00007");
        check("+/ACMRN123456/V2009121908334", "ACMRN123456 | V200912190833");
        check("+/EAH783Z", "check wrong");
        check("+/1EAH783C", "split");
        check("+/2159CO", "split");
        check("+/2159CP", "check wrong");
        check("+/", "check wrong");
        check("+A123BJC5D6E71G", "supplier");
        check("+A123BJC5D6E71H", "none");
        check("CHART0001", "none");
        check("+", "none");
    }

    #[test]
    fn finds_data_by_flags() {
        let check = |fields: &str, flags: &str, expect: Option<&str>| {
            let fields: Vec<String> = fields.split('/').map(str::to_owned).collect();
            assert_eq!(data(&fields, flags), expect, "{fields:?} {flags}");
        };
        let label = "ACMRN123456/V200912190833/Z34159";
        check(label, "AC", Some("MRN123456"));
        check(label, "AV", Some("200912190833"));
        check(label, "AZ34", Some("159"));
        check(label, "AZ", Some("34159"));
        check(label, "ACMRV", None);
        check(label, "ACMV", Some("200912190833"));
        check(label, "BC", None);
        check(label, "BV", None);
        check(label, "V2", None);
        check("ABCDE/FGH", "ABCF", Some("GH"));
        check("ABCDE/FGH", "ABCDFG", None);
        check("ABCDEF1/GHI2", "ABCGHI", Some("2"));
        check("ABCDEF1/GHI2", "ABCDEF", Some("1"));
        check("AC1/V2/V3", "AV", None);
        check("AC1/V2/V2", "AV", Some("2"));
        check("AC1/C2", "AC", None);
        check("IE1234567890123456", "IE", None);
        check("IE", "IE", None);
        check("", "IE", None);
        assert!(are_flags("BC") && are_flags("Z34H") && are_flags("Z34H12"));
        assert!(!are_flags("B") && !are_flags("b!") && !are_flags("1C") && !are_flags("2C"));
    }
}
