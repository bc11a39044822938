//! Sheets of labels, and their pages: print CSS in millimetres puts each label on its place.

use super::LabelSize;
use crate::symbol::{escaped, millimetres};
use std::fmt::Write;

/// A sheet of labels as shops sell it, or the roll of a label printer that office software drives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sheet {
    /// What forms and the configuration call it: makers' numbers.
    pub key: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// The page, in micrometres.
    pub page: LabelSize,
    /// One label.
    pub label: LabelSize,
    /// Labels side by side.
    pub columns: u32,
    /// Labels one below the other.
    pub rows: u32,
    /// From the page's left edge to the first label, in micrometres.
    pub left_um: u32,
    /// From the page's upper edge to the first label, in micrometres.
    pub top_um: u32,
    /// Between two columns, in micrometres.
    pub gap_um: u32,
}

const A4: LabelSize = LabelSize { width_um: 210_000, height_um: 297_000 };
const LETTER: LabelSize = LabelSize { width_um: 215_900, height_um: 279_400 };

/// The sheets there are; the first is the usual one. Measures by the makers' data sheets.
pub const SHEETS: [Sheet; 9] = [
    Sheet {
        key: "l7160",
        title: "A4, 3 × 7 of 63.5 × 38.1 mm (Avery L7160)",
        page: A4,
        label: LabelSize { width_um: 63_500, height_um: 38_100 },
        columns: 3,
        rows: 7,
        left_um: 7_250,
        top_um: 15_150,
        gap_um: 2_500,
    },
    Sheet {
        key: "l7159",
        title: "A4, 3 × 8 of 63.5 × 33.9 mm (Avery L7159)",
        page: A4,
        label: LabelSize { width_um: 63_500, height_um: 33_900 },
        columns: 3,
        rows: 8,
        left_um: 7_250,
        top_um: 12_900,
        gap_um: 2_500,
    },
    Sheet {
        key: "l7163",
        title: "A4, 2 × 7 of 99.1 × 38.1 mm (Avery L7163)",
        page: A4,
        label: LabelSize { width_um: 99_100, height_um: 38_100 },
        columns: 2,
        rows: 7,
        left_um: 4_650,
        top_um: 15_150,
        gap_um: 2_500,
    },
    Sheet {
        key: "5160",
        title: "Letter, 3 × 10 of 2⅝ × 1 inch (Avery 5160)",
        page: LETTER,
        label: LabelSize { width_um: 66_675, height_um: 25_400 },
        columns: 3,
        rows: 10,
        left_um: 4_763,
        top_um: 12_700,
        gap_um: 3_175,
    },
    Sheet {
        key: "5163",
        title: "Letter, 2 × 5 of 4 × 2 inch (Avery 5163)",
        page: LETTER,
        label: LabelSize { width_um: 101_600, height_um: 50_800 },
        columns: 2,
        rows: 5,
        left_um: 3_969,
        top_um: 12_700,
        gap_um: 4_763,
    },
    Sheet {
        key: "card-a4",
        title: "A4, plain paper: a card with 2 × 6 codes",
        page: A4,
        label: LabelSize { width_um: 90_000, height_um: 44_000 },
        columns: 2,
        rows: 6,
        left_um: 12_500,
        top_um: 16_000,
        gap_um: 5_000,
    },
    Sheet {
        key: "card-letter",
        title: "Letter, plain paper: a card with 2 × 6 codes",
        page: LETTER,
        label: LabelSize { width_um: 90_000, height_um: 41_000 },
        columns: 2,
        rows: 6,
        left_um: 15_450,
        top_um: 16_000,
        gap_um: 5_000,
    },
    roll("57x32", "Roll, 57 × 32 mm", 57_000, 32_000),
    roll("102x51", "Roll, 102 × 51 mm (4 × 2 inch)", 101_600, 50_800),
];

const fn roll(key: &'static str, title: &'static str, width_um: u32, height_um: u32) -> Sheet {
    let label = LabelSize { width_um, height_um };
    Sheet { key, title, page: label, label, columns: 1, rows: 1, left_um: 0, top_um: 0, gap_um: 0 }
}

impl Default for Sheet {
    fn default() -> Sheet {
        let [first, ..] = SHEETS;
        first
    }
}

impl Sheet {
    /// The sheet of this name.
    pub fn named(key: &str) -> Option<Sheet> {
        SHEETS.into_iter().find(|sheet| sheet.key == key)
    }

    /// Labels of one sheet.
    pub fn labels(&self) -> u32 {
        self.columns * self.rows
    }

    /// The measures of its pages as a style sheet. What it says of the page itself holds in print alone.
    pub fn css(&self) -> String {
        let mm = |um| format!("{}mm", millimetres(um));
        format!(
            "@page {{ size: {width} {height}; margin: 0; }}\n\
             .paper-page {{ box-sizing: border-box; width: {width}; height: {height}; padding: {top} 0 0 {left}; \
             display: grid; grid-template-columns: repeat({columns}, {across}); grid-auto-rows: {down}; \
             column-gap: {gap}; align-content: start; overflow: hidden; background: #fff; color: #000; }}\n\
             .paper-page svg {{ display: block; }}\n\
             @media print {{ .paper-page {{ break-after: page; break-inside: avoid; }} \
             .paper-page:last-child {{ break-after: auto; }} \
             .paper-label {{ forced-color-adjust: none; print-color-adjust: exact; -webkit-print-color-adjust: exact; }} }}\n",
            width = mm(self.page.width_um),
            height = mm(self.page.height_um),
            top = mm(self.top_um),
            left = mm(self.left_um),
            columns = self.columns,
            across = mm(self.label.width_um),
            down = mm(self.label.height_um),
            gap = mm(self.gap_um),
        )
    }
}

/// The pages with these labels (SVG each) from place `start` on, counted from 1 along the rows: what was peeled off
/// before stays empty.
pub fn pages(sheet: &Sheet, start: u32, labels: &[String]) -> String {
    let whole = usize::try_from(sheet.labels()).unwrap_or(1).max(1);
    let empty = usize::try_from(start.saturating_sub(1)).unwrap_or(0) % whole;
    let slots: Vec<&str> = std::iter::repeat_n("", empty).chain(labels.iter().map(String::as_str)).collect();
    let mut out = String::new();
    for page in slots.chunks(whole) {
        out.push_str("<div class=\"paper-page\">\n");
        for label in page {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "<div class=\"paper-slot\">{label}</div>");
        }
        out.push_str("</div>\n");
    }
    out
}

/// A whole HTML document of these pages, which needs nothing else.
pub fn document(title: &str, sheet: &Sheet, start: u32, labels: &[String]) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{}</title>\n<style>\nbody {{ margin: 0; }}\n{}</style>\n</head>\n<body>\n<main>\n{}</main>\n</body>\n</html>\n",
        escaped(title),
        sheet.css(),
        pages(sheet, start, labels)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sheet_fits_its_page_and_has_a_name_of_its_own() {
        for (place, sheet) in SHEETS.iter().enumerate() {
            let across =
                2 * sheet.left_um + sheet.columns * sheet.label.width_um + (sheet.columns - 1) * sheet.gap_um;
            let down = sheet.top_um + sheet.rows * sheet.label.height_um;
            // The makers' sheets are the same on both sides, to a tenth of a millimetre.
            assert!(across.abs_diff(sheet.page.width_um) <= 100, "{}: {across}", sheet.key);
            assert!(down <= sheet.page.height_um, "{}: {down}", sheet.key);
            assert_eq!(Sheet::named(sheet.key), Some(*sheet));
            assert!(SHEETS.iter().skip(place + 1).all(|other| other.key != sheet.key), "{}", sheet.key);
        }
        assert_eq!(Sheet::named("nobody"), None);
    }

    #[test]
    fn measures_are_millimetres() {
        let css = Sheet::default().css();
        for expect in [
            "@page { size: 210.000mm 297.000mm; margin: 0; }",
            "padding: 15.150mm 0 0 7.250mm;",
            "repeat(3, 63.500mm); grid-auto-rows: 38.100mm; column-gap: 2.500mm;",
        ] {
            assert!(css.contains(expect), "no {expect} in {css}");
        }
    }

    /// Pages, slots, and empty slots at the beginning.
    fn check(start: u32, count: usize, expect: (usize, usize, usize)) {
        let labels = vec!["<svg/>".to_owned(); count];
        let pages = pages(&Sheet::default(), start, &labels);
        let empty = pages.split("<svg/>").next().unwrap_or_default().matches("paper-slot").count();
        let found = (pages.matches("paper-page").count(), pages.matches("paper-slot").count(), empty);
        assert_eq!(found, expect, "{count} from {start}");
        assert_eq!(pages.matches("<svg/>").count(), count);
    }

    #[test]
    fn a_partly_used_sheet_is_gone_on_with() {
        // The first slot that is not empty is open when its label begins.
        check(1, 21, (1, 21, 1));
        check(1, 22, (2, 22, 1));
        check(5, 3, (1, 7, 5));
        check(21, 2, (2, 22, 21));
        check(22, 1, (1, 1, 1));
        check(0, 1, (1, 1, 1));
        check(3, 0, (1, 2, 2));
    }

    #[test]
    fn a_document_stands_alone() {
        let document = document("A <b>", &Sheet::default(), 1, &["<svg/>".to_owned()]);
        assert!(document.contains("<title>A &lt;b&gt;</title>") && document.contains("@page"), "{document}");
        assert!(!document.contains("http"), "{document}");
    }
}
