//! Datalogic: readers with programming mode, and older ones whose settings are strings. See `families.rs`.

use super::family::{Family, How, Step, plain};

pub(super) const DATALOGIC: Family = Family {
    key: "datalogic",
    name: "Datalogic",
    models: "Gryphon 4000, QuickScan 2000, PowerScan 9000, Magellan and relatives",
    note: "Each change stands between two scans of “Enter/Exit Programming Mode”. The manual prints the codes as \
           pictures; of some it tells the text, but of none the framing. Never let a program send a single F or D to \
           such a reader: both switch it off.",
    steps: [
        Step {
            how: How::Manual("the code that restores the factory defaults"),
            source: "Gryphon I GD44XX Product Reference Guide",
        },
        Step {
            how: How::Manual("the code for the standard USB-COM interface"),
            source: "Gryphon I GD44XX Product Reference Guide",
        },
        Step {
            how: How::Manual("the code for the global suffix, then CR"),
            source: "Gryphon I GD44XX Product Reference Guide",
        },
        Step {
            how: How::Manual("“Global AIM ID = Enable”, in “Data Format”"),
            source: "PowerScan PD/PM96XX Product Reference Guide, page 84: the text is $CAIEN01",
        },
        Step {
            how: How::Manual(
                "the code that switches ACK/NAK on. With radio instead: the transmit mode that waits for “ACK from Host”, \
                 and “Host Commands Obey/Ignore” set to Ignore; then answer = \"datalogic\"",
            ),
            source: "Gryphon I GBT4400 Product Reference Guide, page 289",
        },
        Step {
            how: How::Manual("the code for HID POS, if there is one"),
            source: "Gryphon I GD44XX Product Reference Guide",
        },
        Step {
            how: How::Manual("“USB-KBD”, then the code for the US layout"),
            source: "Gryphon I GD44XX Product Reference Guide",
        },
    ],
    answer: Some("ack-nak"),
};

pub(super) const DATALOGIC_8300: Family = Family {
    key: "datalogic-8300",
    name: "Datalogic PowerScan 8300 and 8500",
    models: "PowerScan D8330, M8300, M8500 and others whose settings are strings such as $+EB2$-",
    note: "Each change stands between $+ (Enter Configuration) and $- (Exit and Save Configuration): scan the three \
           symbols of a step from top to bottom.",
    steps: [
        Step {
            how: How::Manual("the “restore default code”, in “Setup Procedures”"),
            source: "PowerScan D8330/M8300 Reference Manual",
        },
        Step {
            how: How::Manual("“USB COM”, in “Interface Selection”"),
            source: "PowerScan D8330/M8300 Reference Manual",
        },
        Step {
            how: How::Nothing("CR LF is set by the code of the serial interface"),
            source: "PowerScan M8500 Product Reference Guide, page 154",
        },
        Step {
            how: How::Scan(&[plain("$+"), plain("EB2"), plain("$-")]),
            source: "PowerScan D8330/M8300 Reference Manual, pages 73 (the symbols, as characters of a Code 128 font \
                     with their check characters) and 189 (Code Identifier, AIM standard: EB2)",
        },
        Step {
            how: How::Manual("“ACK/NACK Protocol”, in “RS-232 – USB COM”"),
            source: "PowerScan D8530 Reference Manual, page 110",
        },
        Step {
            how: How::Manual("the code for HID POS, if there is one"),
            source: "PowerScan D8330/M8300 Reference Manual",
        },
        Step {
            how: How::Manual("“USB-KBD”, in “Interface Selection”, then the code for the US layout"),
            source: "PowerScan D8330/M8300 Reference Manual",
        },
    ],
    answer: Some("ack-nak"),
};
