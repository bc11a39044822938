//! Filters of the templates.

use crate::label::visible_text;

/// Longest text from a label or a list that a page shows, characters.
const SHOWN_MAX: usize = 96;

/// Text from outside as it may be shown: control, invisible and direction-changing characters as signs, and not
/// longer than a line; askama escapes it afterwards.
#[askama::filter_fn]
pub(super) fn shown<T: AsRef<str>>(text: T, _values: &dyn askama::Values) -> askama::Result<String> {
    Ok(cut(&visible_text(text.as_ref())))
}

/// A sentence of ours, which may quote a text from outside: as `shown`, but whole.
#[askama::filter_fn]
pub(super) fn told<T: AsRef<str>>(text: T, _values: &dyn askama::Values) -> askama::Result<String> {
    Ok(visible_text(text.as_ref()))
}

/// What somebody typed, whole and with its lines and tabs, so that it can be copied out; else as `shown`.
#[askama::filter_fn]
pub(super) fn typed<T: AsRef<str>>(text: T, _values: &dyn askama::Values) -> askama::Result<String> {
    let lines = text.as_ref().lines();
    let lines: Vec<String> =
        lines.map(|line| line.split('\t').map(visible_text).collect::<Vec<_>>().join("\t")).collect();
    Ok(lines.join("\n"))
}

/// The text, shortened if it is longer than a page shows.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => {
            format!("{}… ({} characters)", text.get(..end).unwrap_or(text), text.chars().count())
        }
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_cut_between_characters() {
        assert_eq!(cut("V1"), "V1");
        let long = "ü".repeat(200);
        assert_eq!(cut(&long), format!("{}… (200 characters)", "ü".repeat(SHOWN_MAX)));
    }
}
