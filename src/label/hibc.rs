//! HIBC labels: supplier labels are products, provider labels (`+/`) name patients, charts, people and things.

use super::format::CheckScheme;

/// Most characters of data in one provider field.
const DATA_MAX: usize = 15;

/// What a text that starts with `+` turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Hibc {
    /// A supplier's product.
    Supplier,
    /// Provider fields: flags and data as one text each, check character taken off.
    Provider(Vec<String>),
    /// A provider label whose check character is wrong.
    CheckWrong,
}

/// Reads an HIBC label; nothing if the text is none.
pub(super) fn parse(text: &str) -> Option<Hibc> {
    let body = text.strip_prefix('+')?;
    let is_right = CheckScheme::Mod43.verify(text);
    if let Some(fields) = body.strip_prefix('/') {
        if !is_right {
            return Some(Hibc::CheckWrong);
        }
        let mut fields = fields.chars();
        fields.next_back();
        return Some(Hibc::Provider(fields.as_str().split('/').map(str::to_owned).collect()));
    }
    // A labeller code begins with a letter; secondary data of a product begin with a digit or `$`.
    let starts_right = body.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '$');
    (is_right && starts_right && body.len() >= 6).then_some(Hibc::Supplier)
}

/// Finds the data of the first field that carries the flags.
pub(super) fn data<'a>(fields: &'a [String], flags: &str) -> Option<&'a str> {
    let mut found = fields.iter().filter_map(|field| field.strip_prefix(flags));
    found.find(|data| (1..=DATA_MAX).contains(&data.len()))
}

/// Says whether flags can be what a provider label carries: one or three characters of `where`, and of `what`.
pub(super) fn are_flags(flags: &str) -> bool {
    matches!(flags.len(), 2 | 4 | 6)
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
        check("+/EAH783Z", "check wrong");
        check("+/", "check wrong");
        check("+A123BJC5D6E71G", "supplier");
        check("+A123BJC5D6E71H", "none");
        check("CHART0001", "none");
        check("+", "none");
    }

    #[test]
    fn finds_data_by_flags() {
        let fields =
            ["EAH783".to_owned(), "Z34H159".to_owned(), "BC".to_owned(), "IE1234567890123456".to_owned()];
        for (flags, expect) in
            [("EA", Some("H783")), ("Z3", Some("4H159")), ("Z34H", Some("159")), ("BC", None), ("IE", None)]
        {
            assert_eq!(data(&fields, flags), expect, "{flags}");
        }
        assert!(are_flags("BC") && are_flags("Z34H") && !are_flags("B") && !are_flags("b!"));
    }
}
