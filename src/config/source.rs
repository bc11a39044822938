//! One scanner: how it is reached, how its bytes are cut and how it is answered.

use std::time::Duration;

use tokio_serial::{DataBits, FlowControl, Parity, StopBits};

use super::fields::{At, Fields, choose};
use super::network;
use super::problems::Problems;
use super::site::absolute_path;
use super::station::{Taken, unique_name};
use crate::scanner::answer::AnswerProfile;
use crate::scanner::frame::{FrameSettings, Framing, Terminators};
use crate::scanner::keys::{KeyByte, Layout, key_named};
use crate::scanner::{Device, LineSettings, Link, Source, UsbId};

/// Rates that scanners and their adapters know, in bits per second.
const BAUD_RATES: [u64; 12] =
    [300, 600, 1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800];

/// Longest prefix, in bytes.
const PREFIX_BYTES_MAX: usize = 16;

const GAP: Duration = Duration::from_millis(100);
const NETWORK_GAP: Duration = Duration::from_millis(500);
const TOTAL: Duration = Duration::from_millis(3000);
const FRAME_BYTES_MAX: usize = 512;
const LINE_ENDS: Terminators = Terminators { cr: true, lf: true, tab: false };
/// Enter and Tab.
const KEYS: Terminators = Terminators { cr: true, lf: true, tab: true };

/// Kinds of sources, and the keys that only make sense with some of them.
const KINDS: [(&str, Kind); 6] = [
    ("serial", Kind::Serial),
    ("keyboard", Kind::Keyboard),
    ("hid-pos", Kind::HidPos),
    ("tcp-connect", Kind::TcpConnect),
    ("tcp-listen", Kind::TcpListen),
    ("replay", Kind::Replay),
];
const DEVICES: &[Kind] = &[Kind::Serial, Kind::Keyboard, Kind::HidPos];
const STREAMS: &[Kind] = &[Kind::Serial, Kind::TcpConnect, Kind::TcpListen, Kind::Replay];
const BELONGS: [(&str, &[Kind]); 13] = [
    ("device", DEVICES),
    ("usb", DEVICES),
    ("baud", &[Kind::Serial]),
    ("data_bits", &[Kind::Serial]),
    ("parity", &[Kind::Serial]),
    ("stop_bits", &[Kind::Serial]),
    ("flow", &[Kind::Serial]),
    ("layout", &[Kind::Keyboard]),
    ("key_bytes", &[Kind::Keyboard]),
    ("address", &[Kind::TcpConnect, Kind::TcpListen]),
    ("allow", &[Kind::TcpListen]),
    ("file", &[Kind::Replay]),
    ("framing", STREAMS),
];

/// What kind of link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Serial,
    Keyboard,
    HidPos,
    TcpConnect,
    TcpListen,
    Replay,
}

pub(super) fn source(fields: &Fields<'_>, taken: &mut Taken, problems: &mut Problems<'_>) -> Option<Source> {
    fields.refuse_unknown(problems);
    let name = fields.text("name", problems);
    let name = fields.required("name", name, problems);
    let name = name.and_then(|given| unique_name("source", given, &mut taken.sources, problems));
    let kind = fields.choice("kind", &KINDS, problems).map_or(Kind::Serial, |given| given.value);
    refuse_misplaced(fields, kind, problems);
    let link = link(fields, kind, taken, problems);
    let frame = frame(fields, kind, problems);
    let answer = answer(fields, kind, frame.framing, problems);
    Some(Source { name: name?, link: link?, frame, answer })
}

fn refuse_misplaced(fields: &Fields<'_>, kind: Kind, problems: &mut Problems<'_>) {
    let word = |wanted: Kind| KINDS.iter().find(|(_, kind)| *kind == wanted).map_or("", |(word, _)| word);
    for (key, kinds) in BELONGS {
        if let Some(place) = fields.place_of(key).filter(|_| !kinds.contains(&kind)) {
            let where_it_belongs = kinds.iter().map(|kind| word(*kind)).collect::<Vec<_>>().join("\" or \"");
            let what = format!(
                "`{key}` means nothing for kind = \"{}\"; remove it, or set kind = \"{where_it_belongs}\"",
                word(kind)
            );
            problems.add(place, what);
        }
    }
}

fn link(fields: &Fields<'_>, kind: Kind, taken: &mut Taken, problems: &mut Problems<'_>) -> Option<Link> {
    match kind {
        Kind::Serial => {
            let (device, line) =
                (device(fields, "/dev/serial/by-id/…", taken, problems), line(fields, problems));
            Some(Link::Serial { device: device?, line })
        }
        Kind::Keyboard => {
            let device = device(fields, "/dev/input/by-id/…-event-kbd", taken, problems);
            let (layout, key_bytes) = (layout(fields, problems), key_bytes(fields, problems));
            Some(Link::Keyboard { device: device?, layout, key_bytes, is_taken: true })
        }
        Kind::HidPos => Some(Link::HidPos { device: device(fields, "/dev/scanner/…", taken, problems)? }),
        Kind::TcpConnect => Some(Link::TcpConnect { address: network::connect(fields, taken, problems)? }),
        Kind::TcpListen => {
            let (listen, allow) =
                (network::listen(fields, taken, problems), network::allow(fields, problems));
            Some(Link::TcpListen { listen: listen?, allow: allow? })
        }
        Kind::Replay => {
            let file = fields.text("file", problems);
            let file = fields.required("file", file, problems)?;
            Some(Link::Replay {
                file: absolute_path("file", file, "/var/lib/outguide/desk.capture", problems)?,
            })
        }
    }
}

/// A device by its node, by its USB identity, or by its node with the identity that is expected there.
fn device(
    fields: &Fields<'_>,
    example: &str,
    taken: &mut Taken,
    problems: &mut Problems<'_>,
) -> Option<Device> {
    let usb = fields.text("usb", problems);
    if !fields.has("usb") {
        let given = fields.text("device", problems);
        fields.required("device", given, problems)?;
    }
    let usb = match usb {
        Some(given) => Some((given.place, usb_id(given, problems)?)),
        None => None,
    };
    let Some(given) = fields.text("device", problems) else {
        let (place, usb) = usb?;
        taken.claim("usb", &usb.to_string(), place, problems)?;
        return Some(Device { path: None, usb: Some(usb) });
    };
    let path = absolute_path("device", given, example, problems)?;
    // Two names of one device are only seen when it is there: the port's lock refuses the second source then.
    taken.claim("device", &path.display().to_string(), given.place, problems)?;
    Some(Device { path: Some(path), usb: usb.map(|(_, usb)| usb) })
}

fn usb_id(given: At<&str>, problems: &mut Problems<'_>) -> Option<UsbId> {
    let id = UsbId::parse(given.value);
    if id.is_none() {
        let advice = "write vendor:product or vendor:product:serial as `outguide scanners` shows them, such as \"05e0:1701:S12345\"";
        problems.add(given.place, format!("`usb` {:?} is no USB identity; {advice}", given.value));
    }
    id
}

fn layout(fields: &Fields<'_>, problems: &mut Problems<'_>) -> Layout {
    let layouts = [("us", Layout::Us), ("uk", Layout::Uk), ("de", Layout::De), ("fr", Layout::Fr)];
    fields.choice("layout", &layouts, problems).map_or(Layout::Us, |given| given.value)
}

/// `"f8=1d"`: the key and the byte it stands for, in hexadecimal.
fn key_bytes(fields: &Fields<'_>, problems: &mut Problems<'_>) -> Vec<KeyByte> {
    let Some(given) = fields.texts("key_bytes", problems) else { return Vec::new() };
    let read = |At { place, value }: At<&str>| {
        let found = value.split_once('=').and_then(|(key, byte)| {
            let byte = u8::from_str_radix(byte, 16).ok().filter(|_| byte.len() == 2)?;
            Some(KeyByte { key: key_named(key)?, byte })
        });
        if found.is_none() {
            let advice = "write the key, = and the byte in two hexadecimal digits, such as \"f8=1d\"";
            problems.add(place, format!("`key_bytes` {value:?} cannot be read; {advice}"));
        }
        found
    };
    given.value.into_iter().filter_map(read).collect()
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

fn frame(fields: &Fields<'_>, kind: Kind, problems: &mut Problems<'_>) -> FrameSettings {
    let framings = [
        ("line", Framing::Line(LINE_ENDS)),
        ("stx-etx", Framing::StxEtx),
        ("timeout", Framing::Timeout),
        ("ssi", Framing::Ssi),
        // Over a stream: a recording of such a scanner.
        ("hid-pos", Framing::HidPos),
    ];
    let given = fields.choice("framing", &framings, problems).map(|given| given.value);
    let mut framing = match kind {
        Kind::HidPos => Framing::HidPos,
        Kind::Keyboard => Framing::Line(KEYS),
        Kind::Serial | Kind::TcpConnect | Kind::TcpListen | Kind::Replay => {
            given.unwrap_or(Framing::Line(LINE_ENDS))
        }
    };
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
        gap: gap.map_or(if is_network(kind) { NETWORK_GAP } else { GAP }, |given| given.value),
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

/// Packets of one code may come apart in a network.
fn is_network(kind: Kind) -> bool {
    matches!(kind, Kind::TcpConnect | Kind::TcpListen)
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

fn answer(fields: &Fields<'_>, kind: Kind, framing: Framing, problems: &mut Problems<'_>) -> AnswerProfile {
    let profiles = [
        ("none", AnswerProfile::None),
        ("ack-nak", AnswerProfile::AckNak),
        ("bell", AnswerProfile::Bell),
        ("ssi", AnswerProfile::Ssi),
        ("honeywell", AnswerProfile::Honeywell),
        ("datalogic", AnswerProfile::Datalogic),
        ("cipherlab", AnswerProfile::CipherLab),
        ("leds", AnswerProfile::Leds),
        ("hid-pos", AnswerProfile::HidPos),
    ];
    let default = match (kind, framing) {
        (Kind::HidPos, _) => AnswerProfile::HidPos,
        (_, Framing::Ssi) => AnswerProfile::Ssi,
        _ => AnswerProfile::None,
    };
    let Some(At { place, value }) = fields.choice("answer", &profiles, problems) else { return default };
    let good: &[&str] = match (kind, framing) {
        (Kind::HidPos, _) => &["hid-pos", "none"],
        (Kind::Keyboard, _) => &["leds", "none"],
        (_, Framing::Ssi) => &["ssi", "none"],
        (_, Framing::HidPos) => &["none"],
        _ => &["none", "ack-nak", "bell", "honeywell", "datalogic", "cipherlab"],
    };
    if value == AnswerProfile::Ssi
        && !matches!(kind, Kind::Keyboard | Kind::HidPos)
        && framing != Framing::Ssi
    {
        problems.add(place, "answer = \"ssi\" needs framing = \"ssi\"; set both or neither");
        return value;
    }
    let word = profiles.iter().find(|(_, profile)| *profile == value).map_or("", |(word, _)| word);
    if !good.contains(&word) {
        let advice = good.join("\" or \"");
        let what = format!("such a scanner cannot be answered with \"{word}\"; write answer = \"{advice}\"");
        problems.add(place, what);
    }
    value
}
