//! One scanner: its device, its line, how its bytes are cut and how it is answered.

use std::path::PathBuf;
use std::time::Duration;

use tokio_serial::{DataBits, FlowControl, Parity, StopBits};

use super::fields::{At, Fields, choose};
use super::problems::Problems;
use super::site::absolute_path;
use super::station::{Taken, unique_name};
use crate::scanner::answer::AnswerProfile;
use crate::scanner::frame::{FrameSettings, Framing, Terminators};
use crate::scanner::{LineSettings, SerialSource};

/// Rates that scanners and their adapters know, in bits per second.
const BAUD_RATES: [u64; 12] =
    [300, 600, 1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800];

/// Longest prefix, in bytes.
const PREFIX_BYTES_MAX: usize = 16;

const GAP: Duration = Duration::from_millis(100);
const TOTAL: Duration = Duration::from_millis(3000);
const FRAME_BYTES_MAX: usize = 512;
const LINE_ENDS: Terminators = Terminators { cr: true, lf: true, tab: false };

pub(super) fn source(
    fields: &Fields<'_>,
    taken: &mut Taken,
    problems: &mut Problems<'_>,
) -> Option<SerialSource> {
    fields.refuse_unknown(problems);
    let name = fields.text("name", problems);
    let name = fields.required("name", name, problems);
    let name = name.and_then(|given| unique_name("source", given, &mut taken.sources, problems));
    fields.choice("kind", &[("serial", ())], problems);
    let device = device(fields, taken, problems);
    let line = line(fields, problems);
    let frame = frame(fields, problems);
    let answer = answer(fields, frame.framing, problems);
    Some(SerialSource { name: name?, device: device?, line, frame, answer })
}

fn device(fields: &Fields<'_>, taken: &mut Taken, problems: &mut Problems<'_>) -> Option<PathBuf> {
    let given = fields.text("device", problems);
    let given = fields.required("device", given, problems)?;
    let path = absolute_path("device", given, "/dev/serial/by-id/…", problems)?;
    // Two names of one device are only seen when it is there: the port's lock refuses the second source then.
    if let Some(first) = taken.devices.get(&path) {
        let what = format!(
            "device {:?} already belongs to the source at {}; one scanner has one source",
            path.display().to_string(),
            problems.show(*first)
        );
        problems.add(given.place, what);
        return None;
    }
    taken.devices.insert(path.clone(), given.place);
    Some(path)
}

fn line(fields: &Fields<'_>, problems: &mut Problems<'_>) -> LineSettings {
    let data_bits = match fields.number("data_bits", 5..=8, problems).map(|given| given.value) {
        Some(5) => DataBits::Five,
        Some(6) => DataBits::Six,
        Some(7) => DataBits::Seven,
        _ => DataBits::Eight,
    };
    let parity = [("none", Parity::None), ("even", Parity::Even), ("odd", Parity::Odd)];
    let stop_bits = match fields.number("stop_bits", 1..=2, problems).map(|given| given.value) {
        Some(2) => StopBits::Two,
        _ => StopBits::One,
    };
    let flow = [
        ("none", FlowControl::None),
        ("software", FlowControl::Software),
        ("hardware", FlowControl::Hardware),
    ];
    LineSettings {
        baud: baud(fields, problems),
        data_bits,
        parity: fields.choice("parity", &parity, problems).map_or(Parity::None, |given| given.value),
        stop_bits,
        flow: fields.choice("flow", &flow, problems).map_or(FlowControl::None, |given| given.value),
    }
}

fn baud(fields: &Fields<'_>, problems: &mut Problems<'_>) -> u32 {
    let Some(At { place, value }) = fields.number("baud", 300..=460_800, problems) else { return 9600 };
    if !BAUD_RATES.contains(&value) {
        let rates = BAUD_RATES.map(|rate| rate.to_string()).join(", ");
        problems.add(place, format!("`baud` {value} is no rate of scanners; write one of {rates}"));
    }
    u32::try_from(value).unwrap_or(9600)
}

fn frame(fields: &Fields<'_>, problems: &mut Problems<'_>) -> FrameSettings {
    let framings = [
        ("line", Framing::Line(LINE_ENDS)),
        ("stx-etx", Framing::StxEtx),
        ("timeout", Framing::Timeout),
        ("ssi", Framing::Ssi),
        ("hid-pos", Framing::HidPos),
    ];
    let mut framing =
        fields.choice("framing", &framings, problems).map_or(Framing::Line(LINE_ENDS), |given| given.value);
    let terminators = terminators(fields, problems);
    match (&mut framing, terminators) {
        (Framing::Line(ends), Some(given)) => *ends = given.value,
        (Framing::StxEtx | Framing::Timeout | Framing::Ssi | Framing::HidPos, Some(At { place, .. })) => {
            problems.add(place, "`terminators` only ends lines; remove it, or set framing = \"line\"");
        }
        (_, None) => {}
    }
    let gap = fields.millis("gap_ms", 5..=5000, problems);
    let total = fields.millis("total_ms", 50..=60_000, problems);
    let frame_bytes_max = fields.count("frame_bytes_max", 16..=65_536, problems);
    let settings = FrameSettings {
        framing,
        prefix: prefix(fields, framing, problems),
        frame_bytes_max: frame_bytes_max.map_or(FRAME_BYTES_MAX, |given| given.value),
        gap: gap.map_or(GAP, |given| given.value),
        total: total.map_or(TOTAL, |given| given.value),
    };
    if settings.gap >= settings.total
        && let Some(At { place, .. }) = total.or(gap)
    {
        let what = "one gap may last as long as the whole frame; make `gap_ms` less than `total_ms`";
        problems.add(place, what);
    }
    settings
}

fn terminators(fields: &Fields<'_>, problems: &mut Problems<'_>) -> Option<At<Terminators>> {
    let At { place, value } = fields.texts("terminators", problems)?;
    let words = [("cr", '\r'), ("lf", '\n'), ("tab", '\t')];
    let all_good = problems.count();
    let ends: Vec<char> = value
        .into_iter()
        .filter_map(|word| choose("terminators", word, &words, problems))
        .map(|given| given.value)
        .collect();
    if ends.is_empty() && problems.count() == all_good {
        problems.add(place, "`terminators` is empty, so no line would end; write [\"cr\", \"lf\"]");
    }
    let has = |end| ends.contains(&end);
    Some(At { place, value: Terminators { cr: has('\r'), lf: has('\n'), tab: has('\t') } })
}

fn prefix(fields: &Fields<'_>, framing: Framing, problems: &mut Problems<'_>) -> Vec<u8> {
    let Some(At { place, value }) = fields.text("prefix", problems) else { return Vec::new() };
    if value.len() > PREFIX_BYTES_MAX || !value.is_ascii() {
        let what =
            format!("`prefix` is no start of a frame; write up to {PREFIX_BYTES_MAX} ASCII characters");
        problems.add(place, what);
        return Vec::new();
    }
    let ends_line = match framing {
        Framing::Line(ends) => value.contains(|letter| {
            matches!(letter, '\r' if ends.cr)
                || matches!(letter, '\n' if ends.lf)
                || matches!(letter, '\t' if ends.tab)
        }),
        Framing::StxEtx | Framing::Timeout | Framing::Ssi | Framing::HidPos => false,
    };
    if ends_line {
        problems.add(place, "`prefix` holds a terminator, so no frame would ever match; leave it out there");
    }
    value.as_bytes().to_vec()
}

fn answer(fields: &Fields<'_>, framing: Framing, problems: &mut Problems<'_>) -> AnswerProfile {
    let profiles = [
        ("none", AnswerProfile::None),
        ("ack-nak", AnswerProfile::AckNak),
        ("bell", AnswerProfile::Bell),
        ("ssi", AnswerProfile::Ssi),
    ];
    let default = if framing == Framing::Ssi { AnswerProfile::Ssi } else { AnswerProfile::None };
    let Some(At { place, value }) = fields.choice("answer", &profiles, problems) else { return default };
    match (framing, value) {
        (Framing::Ssi, AnswerProfile::AckNak | AnswerProfile::Bell) => {
            problems.add(place, "an SSI scanner reads only packets; write answer = \"ssi\" or \"none\"");
        }
        (Framing::Line(_) | Framing::StxEtx | Framing::Timeout | Framing::HidPos, AnswerProfile::Ssi) => {
            problems.add(place, "answer = \"ssi\" needs framing = \"ssi\"; set both or neither");
        }
        _ => {}
    }
    value
}
