//! Label printers, and how labels look unless somebody chooses otherwise.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::fields::{At, Fields};
use super::keys::{PAPER, PRINTER};
use super::problems::Problems;
use super::site::{absolute_path, heading};
use super::station::{limit_tables, unique_name};
use crate::paper::{Colour, Grid, Habit, LabelSize, SHEETS};
use crate::printer::{LP, Printer, RAW_PORT, Way};
use crate::symbol::Symbology;

/// Resolution of most label printers.
const DPI: u64 = 203;
const LABEL_WIDTH_MM: u64 = 57;
const LABEL_HEIGHT_MM: u64 = 32;
/// Longest name of a CUPS queue, in characters.
const QUEUE_CHARS_MAX: usize = 127;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    ZplTcp,
    Lp,
    File,
}

const KINDS: [(&str, Kind); 3] = [("zpl-tcp", Kind::ZplTcp), ("lp", Kind::Lp), ("file", Kind::File)];

/// Keys that only one kind has.
const BELONGS: [(&str, Kind); 4] =
    [("address", Kind::ZplTcp), ("answers", Kind::ZplTcp), ("queue", Kind::Lp), ("directory", Kind::File)];

/// What `[paper]` says.
pub(super) fn habit(top: &Fields<'_>, problems: &mut Problems<'_>) -> Habit {
    let fields = top.section("paper", &PAPER, problems);
    fields.refuse_unknown(problems);
    let mut habit = Habit::default();
    if let Some(colours) = colours(&fields, problems) {
        habit.palette.colours = colours;
    }
    if let Some(At { value, .. }) = fields.count("coloured_digits", 0..=9, problems) {
        habit.palette.coloured_digits = value;
    }
    if let Some(At { value, .. }) = fields.choice("sheet", &SHEETS.map(|sheet| (sheet.key, sheet)), problems)
    {
        habit.sheet = value;
    }
    let symbologies = Symbology::ALL.map(|symbology| (symbology.as_str(), symbology));
    if let Some(At { value, .. }) = fields.choice("symbology", &symbologies, problems) {
        habit.symbology = value;
    }
    habit
}

fn colours(fields: &Fields<'_>, problems: &mut Problems<'_>) -> Option<[Colour; 10]> {
    let At { place, value } = fields.texts("digit_colours", problems)?;
    let before = problems.count();
    let parse = |At { place, value }: &At<&str>| {
        let colour = Colour::parse(value);
        if colour.is_none() {
            let advice = "write # and six hexadecimal digits, such as \"#ff8c1a\"";
            problems.add(*place, format!("`digit_colours` {value:?} is no colour; {advice}"));
        }
        colour
    };
    let colours: Vec<Colour> = value.iter().filter_map(parse).collect();
    let count = value.len();
    <[Colour; 10]>::try_from(colours).ok().or_else(|| {
        if problems.count() == before {
            let what = format!("`digit_colours` has {count} colours; write ten, for the digits 0 to 9");
            problems.add(place, what);
        }
        None
    })
}

/// The printers in the order of the files.
pub(super) fn printers(top: &Fields<'_>, problems: &mut Problems<'_>) -> Vec<Printer> {
    let tables = top.tables("printer", &PRINTER, problems);
    limit_tables(&tables, "printers", problems);
    let mut names = BTreeMap::new();
    let read = |table: &Fields<'_>| {
        table.refuse_unknown(problems);
        let name = table.text("name", problems);
        let name = table.required("name", name, problems);
        let name = name.and_then(|given| unique_name("printer", given, &mut names, problems));
        let title = table.text("title", problems).and_then(|given| heading("title", given, problems));
        let way = way(table, problems);
        let grid = grid(table, problems);
        let label = label(table, problems);
        let name = name?;
        Some(Printer { title: title.unwrap_or_else(|| name.clone()), name, way: way?, grid, label })
    };
    tables.iter().filter_map(read).collect()
}

/// How a printer is reached. Every key is judged, whichever kind it belongs to.
fn way(fields: &Fields<'_>, problems: &mut Problems<'_>) -> Option<Way> {
    let kind = fields.choice("kind", &KINDS, problems);
    let kind = fields.required("kind", kind, problems).map(|given| given.value);
    for (key, of) in BELONGS {
        let is_other = kind.is_some_and(|kind| kind != of);
        if let Some(place) = fields.place_of(key).filter(|_| is_other) {
            let word = KINDS.iter().find(|(_, kind)| *kind == of).map_or("", |(word, _)| word);
            let what =
                format!("`{key}` is for printers of kind \"{word}\"; remove it, or set kind = \"{word}\"");
            problems.add(place, what);
        }
    }
    let at = fields.text("address", problems);
    let answers = fields.flag("answers", problems).is_none_or(|given| given.value);
    let queue = fields.text("queue", problems);
    let directory = fields.text("directory", problems);
    match kind? {
        Kind::ZplTcp => {
            let given = fields.required("address", at, problems)?;
            Some(Way::ZplTcp { address: address(given, problems)?, answers })
        }
        Kind::Lp => {
            let given = fields.required("queue", queue, problems)?;
            Some(Way::Lp { program: PathBuf::from(LP), queue: queue_name(given, problems)? })
        }
        Kind::File => {
            let given = fields.required("directory", directory, problems)?;
            let directory = absolute_path("directory", given, "/var/lib/outguide/labels", problems)?;
            Some(Way::File { directory })
        }
    }
}

/// Host, and the port of raw printing unless another is given.
fn address(given: At<&str>, problems: &mut Problems<'_>) -> Option<String> {
    let At { place, value } = given;
    let is_v6 = |text: &str| text.starts_with('[') && text.ends_with(']');
    let (host, port) = match value.rsplit_once(':') {
        Some((host, port)) if !value.ends_with(']') => (host, port.parse::<u16>().ok()),
        _ => (value, Some(RAW_PORT)),
    };
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    let digits = |byte: u8| byte.is_ascii_hexdigit() || b"[]:.".contains(&byte);
    let is_host = !host.is_empty() && host.bytes().all(letters) || is_v6(host) && host.bytes().all(digits);
    let Some(port) = port.filter(|port| *port > 0 && is_host) else {
        let advice = "write the printer's host and, if it is not 9100, its port, such as \"192.0.2.9:9100\"";
        problems.add(place, format!("`address` {value:?} cannot be connected to; {advice}"));
        return None;
    };
    Some(format!("{host}:{port}"))
}

/// A queue's name as CUPS allows it, and none that `lp` would take for an option.
fn queue_name(given: At<&str>, problems: &mut Problems<'_>) -> Option<String> {
    let At { place, value } = given;
    let fits = |letter: char| letter.is_ascii_graphic() && !matches!(letter, '/' | '#' | '\\' | '\'' | '"');
    if value.is_empty() || value.len() > QUEUE_CHARS_MAX || value.starts_with('-') || !value.chars().all(fits)
    {
        let advice = "write a name that `lpstat -e` shows";
        problems.add(place, format!("`queue` {value:?} is no queue of CUPS; {advice}"));
        return None;
    }
    Some(value.to_owned())
}

fn grid(fields: &Fields<'_>, problems: &mut Problems<'_>) -> Grid {
    let given = fields.number("dpi", 100..=1200, problems);
    let dpi = given.map_or(DPI, |given| given.value);
    Grid::of_dpi(u32::try_from(dpi).unwrap_or_default())
}

fn label(fields: &Fields<'_>, problems: &mut Problems<'_>) -> LabelSize {
    let width = fields.number("label_width_mm", 25..=220, problems);
    let height = fields.number("label_height_mm", 15..=300, problems);
    let micrometres = |given: Option<At<u64>>, default| {
        u32::try_from(given.map_or(default, |given| given.value) * 1000).unwrap_or_default()
    };
    LabelSize {
        width_um: micrometres(width, LABEL_WIDTH_MM),
        height_um: micrometres(height, LABEL_HEIGHT_MM),
    }
}
