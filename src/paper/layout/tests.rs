//! Labels of every kind and size, element by element.

use super::*;
use crate::paper::SHEETS;
use crate::tracking::Command;
use proptest::prelude::*;

fn volume(record_number: &str) -> Label {
    Label {
        key: "V4650N".to_owned(),
        content: Content::Volume {
            record_number: record_number.to_owned(),
            number: 3,
            record_type: "medical".to_owned(),
            home: "File room".to_owned(),
        },
    }
}

fn drawn(label: &Label, symbology: Symbology, size: LabelSize, grid: Grid) -> Result<Drawing, PaperError> {
    Drawing::new(label, &label.key, symbology, size, &Palette::default(), grid)
}

fn texts(drawing: &Drawing) -> Vec<&str> {
    let elements = drawing.elements.iter();
    elements
        .filter_map(|element| match element {
            Element::Text { text, .. } => Some(text.as_str()),
            _ => None,
        })
        .collect()
}

/// Every element stays on the label, and the symbol's quiet zones are on it, too.
fn check_bounds(drawing: &Drawing) {
    for element in &drawing.elements {
        let (right, bottom) = match element {
            Element::Symbol { left, top, size, symbol } => {
                (left + symbol.width_um(*size), top + symbol.height_um(*size))
            }
            Element::Text { area, .. } | Element::Black(area) => {
                (area.left + area.width, area.top + area.height)
            }
            Element::Chip { area, .. } | Element::Diagonal { area, .. } => {
                (area.left + area.width, area.top + area.height)
            }
        };
        let inside = right <= drawing.size.width_um && bottom <= drawing.size.height_um;
        assert!(inside, "{element:?} on {:?}", drawing.size);
    }
}

#[test]
fn a_volume_says_its_number_and_home_and_how_many_there_are_is_not_said() {
    for size in SHEETS.map(|sheet| sheet.label) {
        for symbology in Symbology::ALL {
            let drawing = drawn(&volume("12-34-56"), symbology, size, Grid::OFFICE).unwrap();
            check_bounds(&drawing);
            let all = texts(&drawing).join("|");
            for expect in ["V4650N", "1|2|3|4|5|6", "Volume 3 · medical", "File room"] {
                assert!(all.contains(expect), "no {expect} in {all}");
            }
            assert!(!all.contains(" of "), "{all}");
        }
    }
}

#[test]
fn the_last_digits_have_chips_and_letters_have_none() {
    let chips = |number: &str, coloured_digits| {
        let palette = Palette { coloured_digits, ..Palette::default() };
        let size = SHEETS[0].label;
        let label = volume(number);
        let drawing = Drawing::new(&label, "V1", Symbology::Qr, size, &palette, Grid::OFFICE).unwrap();
        let colour = |element: &Element| match element {
            Element::Chip { colour, .. } => Some(colour.to_string()),
            _ => None,
        };
        drawing.elements.iter().filter_map(colour).collect::<Vec<_>>().join(" ")
    };
    let colour = |digit: char| Palette::default().colour(digit).unwrap().to_string();
    let expect = |digits: &str| digits.chars().map(colour).collect::<Vec<_>>().join(" ");
    assert_eq!(chips("12-34-56", 2), expect("56"));
    assert_eq!(chips("12-34-56", 4), expect("3456"));
    assert_eq!(chips("12-34-5A", 2), expect("5"));
    assert_eq!(chips("7", 9), expect("7"));
    assert_eq!(chips("123456", 0), "");
}

#[test]
fn bars_are_whole_dots_wide_and_as_wide_as_fit() {
    for (dpi, module_um) in [(203, 375), (300, 423), (600, 423)] {
        let size = LabelSize { width_um: 57_000, height_um: 32_000 };
        let drawing = drawn(&volume("1"), Symbology::Code128, size, Grid::of_dpi(dpi)).unwrap();
        let size = drawing.elements.iter().find_map(|element| match element {
            Element::Symbol { size, .. } => Some(*size),
            _ => None,
        });
        let size = size.unwrap();
        assert_eq!(size.module_um, module_um, "{dpi} dots to the inch");
        assert!(size.bars_um >= BARS_UM_MIN);
    }
}

#[test]
fn what_does_not_fit_is_refused_with_the_next_step() {
    let size = LabelSize { width_um: 30_000, height_um: 20_000 };
    let grid = Grid::of_dpi(203);
    let why = drawn(&volume("1"), Symbology::Code39, size, grid).unwrap_err().to_string();
    let expect = "the Code 39 of V4650N does not fit on this label; choose a wider label, or a QR code";
    assert_eq!(why, expect);
    drawn(&volume("1"), Symbology::DataMatrix, size, grid).unwrap();
    let label = Label { key: "v1".to_owned(), ..volume("1") };
    let why = drawn(&label, Symbology::Code39, SHEETS[0].label, grid).unwrap_err().to_string();
    assert!(why.starts_with("v1 cannot be printed: Code 39 holds capitals"), "{why}");
}

#[test]
fn long_and_hostile_names_are_cut_and_shown() {
    let name = format!("{}<b>\u{202e}", "Cardiology ".repeat(30));
    let content = Content::Custodian { name, code: "CARD".to_owned() };
    let label = Label { key: "L12X".to_owned(), content };
    let drawing = drawn(&label, Symbology::Code128, SHEETS[0].label, Grid::OFFICE).unwrap();
    check_bounds(&drawing);
    let texts = texts(&drawing);
    assert!(texts[0].ends_with('…') && texts[0].chars().count() < 70, "{texts:?}");
    assert!(!drawing.svg().contains("<b>") && !drawing.svg().contains('\u{202e}'));
}

#[test]
fn every_command_has_its_word_on_its_card() {
    for command in Command::ALL {
        let label = Label::command(command);
        let drawing = drawn(&label, Symbology::Code128, SHEETS[5].label, Grid::OFFICE).unwrap();
        assert_eq!(texts(&drawing), [command.word(), &command.key()]);
    }
}

proptest! {
    #[test]
    fn nothing_leaves_the_label(
        number in "[0-9A-Z-]{1,32}", home in "\\PC{0,60}", width in 25_000_u32..150_000, height in 18_000_u32..80_000,
    ) {
        let mut label = volume(&number);
        if let Content::Volume { home: place, .. } = &mut label.content {
            *place = home;
        }
        let size = LabelSize { width_um: width, height_um: height };
        for symbology in Symbology::ALL {
            if let Ok(drawing) = drawn(&label, symbology, size, Grid::of_dpi(300)) {
                check_bounds(&drawing);
            }
        }
    }
}
