//! Honeywell, and Metrologic that it bought. See `families.rs`.

use super::family::{Code, Family, How, Step};
use crate::symbol::Fnc3;

pub(super) const HONEYWELL: Family = Family {
    key: "honeywell",
    name: "Honeywell",
    models: "Xenon, Voyager 1200g to 1602g, Hyperion, Granit and relatives",
    note: "Settings are menu commands, three letters and three letters, such as DEFALT. The manual prints their codes as \
           pictures. A razz at a code means that nothing was changed.",
    steps: [
        Step {
            how: How::Scan(&[Code { text: "~DEFALT.", fnc3: Some(Fnc3::Last) }]),
            source: "accuratedata.com, tech tips on bar code scanners, 2022: the code of the quick start guides; older \
                     firmware wants the one in the user's guide, “Resetting the Factory Defaults”",
        },
        Step {
            how: How::Manual("“USB Serial”, in “Programming the Interface” (terminal ID 130)"),
            source: "Voyager 1602g User's Guide; terminal IDs: Voyager 1450g User's Guide",
        },
        Step {
            how: How::Manual(
                "the code that adds a CR suffix to all symbologies (menu command VSUFCR), in “Data Editing”",
            ),
            source: "Hyperion 1300g User's Guide, chapter 4: the codes of “Plug and Play” set CR LF, which does as well",
        },
        Step {
            how: How::Manual(
                "“To Add a Prefix or Suffix”: a prefix, for all symbologies, the “AIM I.D.”, in “Data Editing”",
            ),
            source: "Hyperion 1300g User's Guide, chapter 4",
        },
        Step {
            how: How::Manual("“Host ACK On”; where there is none, “ACK/NAK On”, and answer = \"ack-nak\""),
            source: "Xenon/Granit User Guide, pages 110 to 112; Voyager 1450g User's Guide, page 2-22",
        },
        Step {
            how: How::Manual("“USB HID”, in “Programming the Interface” (terminal ID 131)"),
            source: "Voyager 1602g User's Guide; terminal IDs: Voyager 1450g User's Guide",
        },
        Step {
            how: How::Manual(
                "“USB PC or Macintosh Keyboard” (terminal ID 124), then United States in “Keyboard Country Layout”",
            ),
            source: "Voyager 1602g User's Guide; terminal IDs: Voyager 1450g User's Guide",
        },
    ],
    answer: Some("honeywell"),
};

pub(super) const METROLOGIC: Family = Family {
    key: "metrologic",
    name: "Metrologic (Honeywell)",
    models: "MS7120 Orbit, MS9520 Voyager, MS9540 and others with a MetroSelect guide",
    note: "Each change stands between two scans of the code 999999, which enters and leaves program mode. Over RS-232 \
           the numbers of the codes can be sent as well, each between STX and ETX; the scanner answers ACK.",
    steps: [
        Step { how: How::Manual("“Recall Defaults” (999998)"), source: "MS9520 User's Guide, page 23-2" },
        Step {
            how: How::Manual("the code for serial emulation over USB, if the model has it"),
            source: "MetroSelect Configuration Guide",
        },
        Step { how: How::Manual("the code for the suffix CR"), source: "MetroSelect Configuration Guide" },
        Step {
            how: How::Manual("the code that puts the AIM identifier before the data"),
            source: "MetroSelect Configuration Guide",
        },
        Step {
            how: How::Manual("the code that switches ACK/NAK on"),
            source: "MetroSelect Configuration Guide",
        },
        Step {
            how: How::Manual("the code for HID POS, if there is one"),
            source: "MetroSelect Configuration Guide",
        },
        Step {
            how: How::Manual("the code for keyboard emulation, then the one for the US layout"),
            source: "MetroSelect Configuration Guide",
        },
    ],
    answer: Some("ack-nak"),
};
