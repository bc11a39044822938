//! What a good configuration becomes.

use std::path::PathBuf;
use std::time::Duration;

use tokio_serial::{DataBits, FlowControl, Parity, StopBits};

use super::{EVERY_KEY, STATION, read};
use crate::config::fields::Fields;
use crate::config::files::SourceFile;
use crate::config::labels::{self, CHECKS};
use crate::config::problems::Problems;
use crate::config::{Config, Limits, Station, keys};
use crate::scanner::answer::AnswerProfile;
use crate::scanner::frame::{FrameSettings, Framing, Terminators};
use crate::scanner::keys::{KeyByte, Layout};
use crate::scanner::{Device, LineSettings, Link, Source, UsbId};
use crate::tracking::DueRule;
use crate::tracking::grammar::StationKind;

#[test]
fn defaults() {
    let config = read(STATION).unwrap();
    assert_eq!(config.data_dir, PathBuf::from("/var/lib/outguide"));
    assert_eq!(config.listen.to_string(), "127.0.0.1:8470");
    assert_eq!(config.time_zone.iana_name(), Some("UTC"));
    assert_eq!(config.site_name, "File room");
    assert_eq!(config.limits, Limits::default());
    let expected = Station {
        name: "desk-1".to_owned(),
        title: "desk-1".to_owned(),
        custodian: "FR".to_owned(),
        double_read: Duration::from_secs(2),
        kind: StationKind::Checkpoint,
        idle: Duration::from_secs(120),
        badge_idle: Duration::from_secs(900),
        printer: None,
        sources: vec![Source {
            name: "desk-1-gun".to_owned(),
            link: Link::Serial {
                device: Device { path: Some(PathBuf::from("/dev/scanner/desk-1")), usb: None },
                line: LineSettings {
                    baud: 9600,
                    data_bits: DataBits::Eight,
                    parity: Parity::None,
                    stop_bits: StopBits::One,
                    flow: FlowControl::None,
                },
            },
            frame: FrameSettings {
                framing: Framing::Line(Terminators { cr: true, lf: true, tab: false }),
                prefix: Vec::new(),
                frame_bytes_max: 512,
                gap: Duration::from_millis(100),
                total: Duration::from_secs(3),
            },
            answer: AnswerProfile::None,
        }],
    };
    assert_eq!(config.stations, [expected]);
}

#[test]
fn every_key_arrives() {
    let config = read(EVERY_KEY).unwrap();
    assert_eq!(config.data_dir, PathBuf::from("/srv/outguide"));
    assert_eq!(config.listen.to_string(), "[::1]:9000");
    assert_eq!(config.time_zone.iana_name(), Some("Europe/Zurich"));
    assert_eq!(config.site_name, "Clinic file room");
    let limits = Limits {
        scan_queue: 100,
        scans_in_flight_per_source: 2,
        connections: 20,
        connections_per_address: 7,
        header_timeout: Duration::from_secs(1),
        request_timeout: Duration::from_secs(2),
        answer_timeout: Duration::from_secs(5),
        body_bytes_max: 2048,
        live_pages: 3,
        readers: 4,
    };
    assert_eq!(config.limits, limits);
    assert_eq!(config.due, DueRule::WorkingDays(3));
    assert_eq!(config.arrives_within, jiff::SignedDuration::from_hours(4));
    assert!(config.calendar.is_open("2027-01-02T17:00:00+01:00".parse().unwrap()), "a Saturday");
    assert!(!config.calendar.is_open("2027-01-01T12:00:00+01:00".parse().unwrap()), "a holiday");
    let station = &config.stations[0];
    assert_eq!((station.title.as_str(), station.double_read), ("Desk one", Duration::from_millis(1500)));
    let idle = (Duration::from_secs(60), Duration::from_secs(600));
    assert_eq!((station.kind, (station.idle, station.badge_idle)), (StationKind::Desk, idle));
    let source = &station.sources[0];
    let line = LineSettings {
        baud: 115_200,
        data_bits: DataBits::Seven,
        parity: Parity::Even,
        stop_bits: StopBits::Two,
        flow: FlowControl::Hardware,
    };
    let device = Device {
        path: Some(PathBuf::from("/dev/serial/by-id/usb-Scanner_1-if00")),
        usb: UsbId::parse("05e0:1701:S1"),
    };
    assert_eq!(source.link, Link::Serial { device, line });
    let frame = FrameSettings {
        framing: Framing::Line(Terminators { cr: true, lf: false, tab: true }),
        prefix: b"S".to_vec(),
        frame_bytes_max: 4096,
        gap: Duration::from_millis(200),
        total: Duration::from_secs(5),
    };
    assert_eq!(source.frame, frame);
    assert_eq!(source.answer, AnswerProfile::AckNak);
}

#[test]
fn framing_and_answer() {
    let check = |lines: &str, framing: Framing, answer: AnswerProfile| {
        let config = read(&format!("{STATION}{lines}")).unwrap();
        let source = &config.stations[0].sources[0];
        assert_eq!((source.frame.framing, source.answer), (framing, answer), "for: {lines}");
    };
    check("framing = \"stx-etx\"", Framing::StxEtx, AnswerProfile::None);
    check("framing = \"timeout\"\nanswer = \"bell\"", Framing::Timeout, AnswerProfile::Bell);
    check("framing = \"hid-pos\"", Framing::HidPos, AnswerProfile::None);
    check("framing = \"ssi\"", Framing::Ssi, AnswerProfile::Ssi);
    check("framing = \"ssi\"\nanswer = \"none\"", Framing::Ssi, AnswerProfile::None);
}

#[test]
fn kinds_of_sources() {
    let check = |lines: &str, expect: Link| {
        let station =
            "[[station]]\nname = \"desk-1\"\ncustodian = \"FR\"\n[[station.source]]\nname = \"gun\"\n";
        let config = read(&format!("{station}{lines}")).unwrap();
        assert_eq!(config.stations[0].sources[0].link, expect, "for: {lines}");
        config.stations[0].sources[0].clone()
    };
    let device = |path: &str| Device { path: Some(PathBuf::from(path)), usb: None };
    let keyboard = check(
        "kind = \"keyboard\"\ndevice = \"/dev/input/event3\"\nlayout = \"de\"\nkey_bytes = [\"f8=1d\"]",
        Link::Keyboard {
            device: device("/dev/input/event3"),
            layout: Layout::De,
            key_bytes: vec![KeyByte { key: 66, byte: 0x1d }],
            is_taken: true,
        },
    );
    assert_eq!(keyboard.frame.framing, Framing::Line(Terminators { cr: true, lf: true, tab: true }));
    assert_eq!(keyboard.answer, AnswerProfile::None);
    let usb = Device { path: None, usb: UsbId::parse("0c2e:0b01") };
    let pos = check("kind = \"hid-pos\"\nusb = \"0C2E:0B01\"", Link::HidPos { device: usb });
    assert_eq!((pos.frame.framing, pos.answer), (Framing::HidPos, AnswerProfile::HidPos));
    let connect = check(
        "kind = \"tcp-connect\"\naddress = \"nport:4001\"",
        Link::TcpConnect { address: "nport:4001".to_owned() },
    );
    assert_eq!(connect.frame.gap, Duration::from_millis(500));
    check(
        "kind = \"tcp-listen\"\naddress = \"[::1]:4001\"\nallow = [\"192.0.2.7\", \"::1\"]",
        Link::TcpListen {
            listen: "[::1]:4001".parse().unwrap(),
            allow: vec!["192.0.2.7".parse().unwrap(), "::1".parse().unwrap()],
        },
    );
    check(
        "kind = \"replay\"\nfile = \"/srv/desk.capture\"\nframing = \"hid-pos\"",
        Link::Replay { file: PathBuf::from("/srv/desk.capture") },
    );
}

#[test]
fn check_names_are_those_of_the_label_module() {
    for (name, scheme) in CHECKS {
        assert_eq!(serde_json::to_value(scheme).unwrap(), name);
    }
}

#[test]
fn what_a_reload_cannot_change() {
    let check = |from: &str, to: &str, expected: &[&str]| {
        let old = read(EVERY_KEY).unwrap();
        let text = EVERY_KEY.replace(from, to);
        assert_ne!(text, EVERY_KEY, "{from}");
        assert_eq!(Config::changes_needing_restart(&old, &read(&text).unwrap()), expected, "{from}");
    };
    check("[reading]", "[reading] # the same", &[]);
    check("/srv/outguide", "/srv/other", &["data_dir"]);
    check("9000", "9001", &["listen"]);
    check("Europe/Zurich", "Europe/Paris", &["time_zone"]);
    check("scan_queue = 100", "scan_queue = 101", &["limits.scan_queue"]);
    check("per_source = 2", "per_source = 3", &["limits.scans_in_flight_per_source"]);
    check("connections = 20", "connections = 21", &["limits.connections"]);
    check("per_address = 7", "per_address = 8", &["limits.connections_per_address"]);
    check("answer_timeout_s = 5", "answer_timeout_s = 6", &["limits.answer_timeout_s"]);
    check("header_timeout_s = 1", "header_timeout_s = 9", &["limits.header_timeout_s"]);
    check("request_timeout_s = 2", "request_timeout_s = 9", &["limits.request_timeout_s"]);
    check("2048", "2049", &["limits.body_bytes_max"]);
    check("live_pages = 3", "live_pages = 4", &["limits.live_pages"]);
    check("readers = 4", "readers = 5", &["limits.readers"]);
    check("Clinic file room", "Records", &[]);
    check("name = \"gun\"", "name = \"pistol\"", &[]);
}

#[test]
fn an_address_gets_a_quarter_of_the_connections_unless_it_is_said_how_many() {
    let each = |limits: &str| {
        let text = format!("[limits]\n{limits}\n{STATION}");
        read(&text).unwrap().limits.connections_per_address
    };
    assert_eq!((each(""), each("connections = 100")), (64, 25));
    assert_eq!(each("connections_per_address = 256"), 256);
}

/// The label formats as the configuration hands them to be compiled.
fn labels(text: &str) -> String {
    let files = [SourceFile { path: "a.toml".into(), text: text.to_owned() }];
    let roots = [files[0].parse().unwrap()];
    let mut problems = Problems::new(&files);
    let top = Fields::top(&keys::TOP, &roots);
    let options = labels::options(&top, &mut problems);
    let tables = top.tables("label", &keys::LABEL, &mut problems);
    let specs = labels::specs(&tables, &mut problems).unwrap();
    assert_eq!(problems.count(), 0);
    let lines = specs.iter().map(|spec| format!("{spec:?}\n"));
    format!("{options:?}\n{}", lines.collect::<String>())
}

#[test]
fn label_formats() {
    let expected = "\
ReadOptions { fold_case: true, full_ascii: true }
FormatSpec { kind: Volume, pattern: \"V(?<key>[0-9]+)\", check: Mod10, keep_check: false, \
aim: [\"C0\", \"A\"], gs1: Some(\"414+254\"), hibc: None }
FormatSpec { kind: Person, pattern: \"P[0-9]+\", check: None, keep_check: true, \
aim: [], gs1: None, hibc: Some(\"EA\") }
";
    assert_eq!(labels(EVERY_KEY), expected);
}

#[test]
fn own_labels_are_read_if_no_format_is_given() {
    let own = |kind: &str, pattern: &str| {
        format!(
            "FormatSpec {{ kind: {kind}, pattern: \"{pattern}\", check: Iso7064Mod37_36, keep_check: true, \
             aim: [], gs1: None, hibc: None }}\n"
        )
    };
    let expected = [
        "ReadOptions { fold_case: false, full_ascii: false }\n".to_owned(),
        own("Volume", "V[0-9]{1,9}[0-9A-Z]"),
        own("Custodian", "L[0-9A-Z]{1,20}[0-9A-Z]"),
        own("Person", "P[0-9A-Z]{1,20}[0-9A-Z]"),
        own("Request", "R[LNS]?[0-9]{1,12}[0-9A-Z]"),
        own("Command", "K[0-9A-Z]{1,20}[0-9A-Z]"),
    ];
    assert_eq!(labels(STATION), expected.concat());
}
