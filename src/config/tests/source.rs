//! Mistakes in a source, each with the exact place and words that the operator reads.

use super::{STATION, errors};

/// Checks the message when one line of the good station's source is added.
fn check_source(line: &str, expected: &str) {
    assert_eq!(errors(&format!("{}\n{line}\n", STATION.trim())), expected, "for:\n{line}");
}

#[test]
fn sources() {
    check_source(
        "[[station.source]]\nname = \"desk-1-gun\"\ndevice = \"/dev/ttyS1\"",
        r#"a.toml:8:8: source name "desk-1-gun" is already used at a.toml:5:8; give this one another"#,
    );
    check_source(
        "[[station.source]]\nname = \"g\"\ndevice = \"/dev//scanner/./desk-1\"",
        r#"a.toml:9:10: device "/dev/scanner/desk-1" already belongs to the source at a.toml:6:10; one scanner has one source"#,
    );
    check_source(
        "[[station.source]]\nname = \"g\"\ndevice = \"ttyS0\"",
        r#"a.toml:9:10: `device` "ttyS0" is no absolute path; write it from / on, such as "/dev/serial/by-id/…""#,
    );
    check_source("kind = \"keybord\"", r#"a.toml:7:8: `kind` cannot be "keybord"; did you mean "keyboard"?"#);
    check_source(
        "kind = \"keyboard\"\nbaud = 9600",
        r#"a.toml:8:1: `baud` means nothing for kind = "keyboard"; remove it, or set kind = "serial""#,
    );
    check_source(
        "layout = \"us\"",
        r#"a.toml:7:1: `layout` means nothing for kind = "serial"; remove it, or set kind = "keyboard""#,
    );
    check_source(
        "kind = \"keyboard\"\nkey_bytes = [\"f8\"]",
        r#"a.toml:8:14: `key_bytes` "f8" cannot be read; write the key, = and the byte in two hexadecimal digits, such as "f8=1d""#,
    );
    check_source(
        "usb = \"403:6001\"",
        r#"a.toml:7:7: `usb` "403:6001" is no USB identity; write vendor:product or vendor:product:serial as `outguide scanners` shows them, such as "05e0:1701:S12345""#,
    );
    check_source(
        "kind = \"keyboard\"\nanswer = \"bell\"",
        r#"a.toml:8:10: such a scanner cannot be answered with "bell"; write answer = "leds" or "none""#,
    );
    let second = "[[station.source]]\nname = \"g\"\n";
    check_source(
        &format!("{second}kind = \"tcp-listen\"\naddress = \"0.0.0.0:4001\"\nallow = [\"::1\"]"),
        r#"a.toml:10:11: `address` "0.0.0.0:4001" would listen on every network; write the one address of this machine that the scanners are connected to"#,
    );
    check_source(
        &format!("{second}kind = \"tcp-listen\"\naddress = \"127.0.0.1:4001\"\nallow = []"),
        "a.toml:11:9: `allow` must name who may connect; write 1 to 64 addresses of scanners",
    );
    check_source(
        &format!("{second}kind = \"tcp-listen\"\naddress = \"127.0.0.1:4001\"\nallow = [\"x\"]"),
        r#"a.toml:11:10: `allow` "x" is no address; write the address of one scanner, such as "192.0.2.7""#,
    );
    check_source(
        &format!("{second}kind = \"tcp-connect\"\naddress = \"nport\""),
        r#"a.toml:10:11: `address` "nport" cannot be connected to; write host and port of the scanner or device server, such as "192.0.2.7:4001""#,
    );
    check_source(
        &format!("{second}kind = \"replay\"\nfile = \"x.capture\""),
        r#"a.toml:10:8: `file` "x.capture" is no absolute path; write it from / on, such as "/var/lib/outguide/desk.capture""#,
    );
    check_source(
        "baud = 9601",
        "a.toml:7:8: `baud` 9601 is no rate of scanners; write one of 300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800",
    );
    check_source("baud = 0", "a.toml:7:8: `baud` is out of range; write a number from 300 to 460800");
    check_source("data_bits = 9", "a.toml:7:13: `data_bits` is out of range; write a number from 5 to 8");
    check_source(
        "parity = \"mark\"",
        r#"a.toml:7:10: `parity` cannot be "mark"; write "none" or "even" or "odd""#,
    );
    check_source("stop_bits = 0", "a.toml:7:13: `stop_bits` is out of range; write a number from 1 to 2");
    check_source(
        "flow = \"xon/xoff\"",
        r#"a.toml:7:8: `flow` cannot be "xon/xoff"; write "none" or "software" or "hardware""#,
    );
}

#[test]
fn framing_and_answers() {
    check_source("framing = \"lines\"", r#"a.toml:7:11: `framing` cannot be "lines"; did you mean "line"?"#);
    check_source(
        "terminators = []",
        r#"a.toml:7:15: `terminators` is empty, so no line would end; write ["cr", "lf"]"#,
    );
    check_source(
        "terminators = [\"crlf\"]",
        r#"a.toml:7:16: `terminators` cannot be "crlf"; write "cr" or "lf" or "tab""#,
    );
    check_source(
        "framing = \"timeout\"\nterminators = [\"cr\"]",
        r#"a.toml:8:15: `terminators` only ends lines; remove it, or set framing = "line""#,
    );
    check_source(
        "prefix = \"ä\"",
        "a.toml:7:10: `prefix` is no start of a frame; write up to 16 ASCII characters",
    );
    check_source(
        "prefix = \"12345678901234567\"",
        "a.toml:7:10: `prefix` is no start of a frame; write up to 16 ASCII characters",
    );
    check_source(
        "prefix = \"a\\r\"",
        "a.toml:7:10: `prefix` holds a terminator, so no frame would ever match; leave it out there",
    );
    check_source(
        "frame_bytes_max = 1",
        "a.toml:7:19: `frame_bytes_max` is out of range; write a number from 16 to 65536",
    );
    check_source(
        "gap_ms = 3000",
        "a.toml:7:10: one gap may last as long as the whole frame; make `gap_ms` less than `total_ms`",
    );
    check_source(
        "gap_ms = 50\ntotal_ms = 50",
        "a.toml:8:12: one gap may last as long as the whole frame; make `gap_ms` less than `total_ms`",
    );
    check_source(
        "answer = \"ssi\"",
        r#"a.toml:7:10: answer = "ssi" needs framing = "ssi"; set both or neither"#,
    );
    check_source(
        "framing = \"ssi\"\nanswer = \"bell\"",
        r#"a.toml:8:10: such a scanner cannot be answered with "bell"; write answer = "ssi" or "none""#,
    );
    check_source(
        "answer = \"beep\"",
        r#"a.toml:7:10: `answer` cannot be "beep"; write "none" or "ack-nak" or "bell" or "ssi" or "honeywell" or "datalogic" or "cipherlab" or "leds" or "hid-pos""#,
    );
}
