//! Labels in ZPL II, the language of Zebra's label printers and of many others.
//!
//! Source: Zebra, ZPL II Programming Guide: ^XA ^CI28 ^PW ^LL ^FO ^FB ^A0 ^BY ^BC ^B3 ^BQ ^BX ^GB ^GD ^FH. Symbols are
//! drawn by the printer, in whole dots.

use super::layout::{Anchor, Area, Drawing, Element, Grid};
use crate::symbol::{CodeSet, Size, Symbol, Symbology};
use std::fmt::Write;

/// Thickness of frames and diagonals.
const LINE_UM: u32 = 250;

/// One job for several labels. `grid` must be that for which they were laid out.
pub fn job(labels: &[Drawing], grid: Grid) -> String {
    labels.iter().map(|label| one(label, grid)).collect()
}

fn one(label: &Drawing, grid: Grid) -> String {
    // UTF-8, the label's size, and its corner as origin whatever was set before.
    let mut out = format!(
        "^XA^CI28^PW{}^LL{}^LH0,0\n",
        grid.dots(label.size.width_um),
        grid.dots(label.size.height_um)
    );
    for element in &label.elements {
        out.push_str(&field(element, grid));
        out.push_str("^FS\n");
    }
    out.push_str("^XZ\n");
    out
}

fn field(element: &Element, grid: Grid) -> String {
    let dots = |um| grid.dots(um);
    let block = |area: &Area, line: u32| {
        let (width, height) = (dots(area.width).max(1), dots(area.height).max(1));
        format!("{}^GB{width},{height},{line}", origin(area.left, area.top, grid))
    };
    match element {
        Element::Symbol { left, top, size, symbol } => {
            let quiet = symbol.symbology().quiet_modules() * size.module_um;
            let above = if symbol.symbology().is_matrix() { quiet } else { 0 };
            format!("{}{}", origin(left + quiet, top + above, grid), drawn(symbol, *size, grid))
        }
        Element::Text { area, anchor, is_bold: _, text } => {
            let place = match anchor {
                Anchor::Start => "L",
                Anchor::Middle => "C",
            };
            let height = dots(area.height).max(10);
            // Font 0 at its own proportions is narrower than the layout counts with.
            format!(
                "{}^A0N,{height},{height}^FB{},1,0,{place},0{}",
                origin(area.left, area.top, grid),
                dots(area.width).max(1),
                data(text)
            )
        }
        Element::Black(area) => block(area, dots(area.width.min(area.height)).max(1)),
        Element::Chip { area, .. } => block(area, dots(LINE_UM).max(1)),
        Element::Diagonal { area, rises } => format!(
            "{}^GD{},{},{},B,{}",
            origin(area.left, area.top, grid),
            dots(area.width).max(3),
            dots(area.height).max(3),
            dots(2 * LINE_UM).max(1),
            if *rises { 'R' } else { 'L' }
        ),
    }
}

fn origin(left: u32, top: u32, grid: Grid) -> String {
    format!("^FO{},{}", grid.dots(left), grid.dots(top))
}

fn drawn(symbol: &Symbol, size: Size, grid: Grid) -> String {
    let (module, bars) = (grid.dots(size.module_um).max(1), grid.dots(size.bars_um).max(1));
    let text = symbol.text();
    match symbol.symbology() {
        Symbology::Code128 => format!("^BY{module}^BCN,{bars},N,N,N{}", data(&code128_data(symbol))),
        Symbology::Code39 => format!("^BY{module},3.0^B3N,N,{bars},N,N{}", data(text)),
        Symbology::Code39Mod43 => format!("^BY{module},3.0^B3N,Y,{bars},N,N{}", data(text)),
        // Error correction M, any characters.
        Symbology::Qr => format!("^BQN,2,{module}{}", data(&format!("MA,{text}"))),
        Symbology::DataMatrix => {
            let free = ['~', '_', '|', '!', '#', '$', '&', '\\', '=', '?'];
            let escape = free.into_iter().find(|sign| !text.contains(*sign)).unwrap_or('~');
            let escape = if escape == '~' { String::new() } else { format!(",,,,{escape}") };
            format!("^BXN,{module},200{escape}{}", data(text))
        }
    }
}

/// The text with ^BC's own marks: its code sets, and `>0` for the sign that begins them.
fn code128_data(symbol: &Symbol) -> String {
    let mut out = String::new();
    for (place, run) in symbol.runs().iter().enumerate() {
        out.push_str(match (run.set, place) {
            (CodeSet::B, 0) => ">:",
            (CodeSet::C, 0) => ">;",
            (CodeSet::B, _) => ">6",
            (CodeSet::C, _) => ">5",
        });
        out.push_str(&run.text.replace('>', ">0"));
    }
    out
}

/// Field data in which nothing is a command: whatever could be one, and all that is not ASCII, by its hexadecimal bytes.
fn data(text: &str) -> String {
    let mut out = "^FH_^FD".to_owned();
    for byte in text.bytes() {
        match byte {
            b'^' | b'~' | b'\\' | b'_' => hex(&mut out, byte),
            b' '..=b'}' => out.push(char::from(byte)),
            _ => hex(&mut out, byte),
        }
    }
    out
}

fn hex(out: &mut String, byte: u8) {
    // Writing to a string cannot fail.
    let _ = write!(out, "_{byte:02X}");
}

#[cfg(test)]
mod tests {
    use super::super::{Content, Label, LabelSize, Palette};
    use super::*;

    fn drawing(key: &str, symbology: Symbology, home: &str, grid: Grid) -> Drawing {
        let content = Content::Volume {
            record_number: "12-34-78".to_owned(),
            number: 1,
            record_type: "medical".to_owned(),
            home: home.to_owned(),
        };
        let label = Label { key: key.to_owned(), content };
        let size = LabelSize { width_um: 57_000, height_um: 32_000 };
        Drawing::new(&label, key, symbology, size, &Palette::default(), grid).unwrap()
    }

    fn check_symbol(symbology: Symbology, key: &str, expect: &str) {
        let grid = Grid::of_dpi(203);
        let job = job(&[drawing(key, symbology, "File room", grid)], grid);
        assert!(job.contains(expect), "no {expect} in {job}");
    }

    #[test]
    fn a_label_is_a_whole_format_in_dots() {
        let grid = Grid::of_dpi(203);
        let job = job(&[drawing("V4650N", Symbology::Code128, "Übersee ^XA~JA\\_", grid)], grid);
        assert!(job.starts_with("^XA^CI28^PW456^LL256^LH0,0\n^FO"), "{job}");
        assert!(job.ends_with("^FS\n^XZ\n"), "{job}");
        assert!(job.contains("^FD_C3_9Cbersee _5EXA_7EJA_5C_5F^FS"), "{job}");
        assert!(job.contains("^FDVolume 1 _C2_B7 medical^FS"), "{job}");
        assert_eq!((job.matches("^XA").count(), job.matches('~').count()), (1, 0));
        // Chips of 7 and 8: a frame each, one line and two.
        assert_eq!((job.matches("^GB").count(), job.matches("^GD").count()), (2, 3));
    }

    #[test]
    fn symbols_are_drawn_by_the_printer_as_wide_as_they_were_measured() {
        // 101 modules and two quiet zones of 10, 3 dots each, in the middle of 456 dots; bars begin after the first.
        check_symbol(Symbology::Code128, "V4650N", "^FO76,16^BY3^BCN,");
        check_symbol(Symbology::Code128, "V4650N", ",N,N,N^FH_^FD>:V4650N^FS");
        check_symbol(Symbology::Code128, "12345678X", "^FD>;12345678>6X^FS");
        check_symbol(Symbology::Code128, "V123456", "^FD>:V>5123456^FS");
        check_symbol(Symbology::Code128, "A>B^~", "^FD>:A>0B_5E_7E^FS");
        check_symbol(Symbology::Code39, "V4650N", "^BY2,3.0^B3N,N,");
        check_symbol(Symbology::Code39Mod43, "V4650", "^BY2,3.0^B3N,Y,");
        check_symbol(Symbology::Qr, "V4650N", "^BQN,2,4^FH_^FDMA,V4650N^FS");
        check_symbol(Symbology::DataMatrix, "V4650N", "^BXN,5,200^FH_^FDV4650N^FS");
        check_symbol(Symbology::DataMatrix, "A~_", "^BXN,5,200,,,,|^FH_^FDA_7E_5F^FS");
    }

    #[test]
    fn one_job_holds_all_labels() {
        let grid = Grid::of_dpi(300);
        let drawings = ["V1", "V2", "V3"].map(|key| drawing(key, Symbology::Code128, "A", grid));
        let job = job(&drawings, grid);
        assert_eq!((job.matches("^XA").count(), job.matches("^XZ").count()), (3, 3));
        assert!(job.contains("^PW673^LL378"), "{job}");
    }
}
