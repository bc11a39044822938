//! The families, as data. Nothing here is guessed: a symbol is drawn only if its whole content is documented, or its
//! grammar and each of its words; everything else has to be looked up in the maker's manual, where what stands in
//! “quotes” is the manual's own word and what does not only says what to look for.

use super::datalogic::{DATALOGIC, DATALOGIC_8300};
use super::family::{Code, Family, How, Step, plain};
use super::honeywell::{HONEYWELL, METROLOGIC};
use crate::symbol::Fnc3;

/// In alphabetical order of their names, but for the two of Datalogic and of Honeywell.
pub(super) const FAMILIES: &[Family] =
    &[CIPHERLAB, DATALOGIC, DATALOGIC_8300, HONEYWELL, METROLOGIC, NEWLAND, OPTICON, ZEBRA];

const CIPHERLAB: Family = Family {
    key: "cipherlab",
    name: "CipherLab",
    models: "1100, 1166, 1500P, 1560, 1664 and relatives",
    note: "The manual prints the codes as pictures only; a change counts after “Update”, at the foot of each page. Over a \
           serial line settings are sent as “#@”, six digits, and CR.",
    steps: [
        Step {
            how: How::Manual("the code that restores the defaults"),
            source: "CipherLab 1560/1562 manual",
        },
        Step {
            how: How::Manual("the code for a virtual COM port over USB"),
            source: "CipherLab 1560/1562 manual",
        },
        Step { how: How::Manual("the code for the suffix, then CR"), source: "CipherLab 1560/1562 manual" },
        Step {
            how: How::Manual("the code that puts the AIM identifier before the data"),
            source: "CipherLab 1560/1562 manual; the serial command 109952 lists the setting",
        },
        Step {
            how: How::Nothing("it beeps at a command without being set up for it"),
            source: "CipherLab 1664 manual, appendix II: #@//// and CR",
        },
        Step {
            how: How::Manual("the code for HID POS, if there is one"),
            source: "CipherLab 1560/1562 manual",
        },
        Step {
            how: How::Manual("the code for a USB keyboard, then the one for the US layout"),
            source: "CipherLab 1560/1562 manual",
        },
    ],
    answer: Some("cipherlab"),
};

const NEWLAND: Family = Family {
    key: "newland",
    name: "Newland",
    models: "HR11, HR42, HR52, FM and EM series and relatives",
    note: "Each change stands between “Enter Setup” and “Exit Setup”, both at the foot of every page of its manual.",
    steps: [
        Step {
            how: How::Manual("the code that restores the factory defaults"),
            source: "NLS-HR52 User Manual",
        },
        Step { how: How::Manual("the code for USB CDC"), source: "NLS-HR52 User Manual" },
        Step {
            how: How::Manual("the code for the terminating character CR"),
            source: "NLS-HR52 User Manual",
        },
        Step { how: How::Manual("the code for the AIM ID prefix"), source: "NLS-HR52 User Manual" },
        Step {
            how: How::Nothing(
                "no answer to a scan is known for it: look at the station's page, or let that sound",
            ),
            source: "Newland Serial Programming Command Manual",
        },
        Step { how: How::Manual("the code for HID POS, if there is one"), source: "NLS-HR52 User Manual" },
        Step {
            how: How::Manual("“USB HID-KBW”, then the code for the US layout"),
            source: "NLS-HR52 User Manual",
        },
    ],
    answer: None,
};

const OPTICON: Family = Family {
    key: "opticon",
    name: "Opticon",
    models: "M-10, NLV and other 2-D scanners (MDI engines); linear scanners want the menu codes of the Universal Menu Book",
    note: "A symbol here holds whole commands of the Universal Menu Book, between @MENU_OPTO@ and @OTPO_UNEM@, so that \
           no start and end code is needed.",
    steps: [
        Step {
            how: How::Scan(&[plain("@MENU_OPTO@ZZ@BAP@ZZ@OTPO_UNEM@")]),
            source: "M-10 Specifications Manual SS13063 (2014), section 18.1",
        },
        Step {
            how: How::Manual("the code for “USB-COM”, a virtual COM port"),
            source: "Universal Menu Book; M-10 Specifications Manual SS13063, section 18.5",
        },
        Step {
            how: How::Nothing("CR is the default"),
            source: "M-10 Specifications Manual SS13063, section 18.3",
        },
        Step {
            how: How::Scan(&[plain("@MENU_OPTO@ZZ@RY@$1@ZZ@OTPO_UNEM@")]),
            source: "framing: SS13063, section 18.1; RY, prefix of all codes: Opticon OptiConnect SDK, list of commands; \
                     $1, code identification of ISO 15424: Universal Menu Book, section 4.3.7",
        },
        Step {
            how: How::Scan(&[plain("@MENU_OPTO@ZZ@WC@ZZ@OTPO_UNEM@")]),
            source: "framing: SS13063, section 18.1; WC, ACK/NAK on: Opticon OptiConnect SDK, list of commands",
        },
        Step { how: How::Manual("the code for HID POS, if there is one"), source: "Universal Menu Book" },
        Step {
            how: How::Manual("the code for the USB keyboard, then the one for the US layout"),
            source: "Universal Menu Book",
        },
    ],
    answer: Some("ack-nak"),
};

const ZEBRA: Family = Family {
    key: "zebra",
    name: "Zebra, Symbol, Motorola",
    models: "LS, LI and DS series: LS2208, LI2208, DS2208, DS4208, DS4308, DS6707, DS8108, DS9208 and relatives",
    note: "The product reference guide of each model prints its parameter codes as pictures. Their content is documented \
           for few: Code 128, function character 3 first.",
    steps: [
        Step {
            how: How::Scan(&[Code { text: "92", fnc3: Some(Fnc3::First) }]),
            source: "barcOwned (published with DEF CON 26), model Motorola/Zebra Symbol: set factory defaults; framing \
                     also: Zebra RS6000 Product Reference Guide, page 78",
        },
        Step {
            how: How::Manual(
                "“Simple COM Port Emulation” (in newer guides: CDC host), among the USB device types",
            ),
            source: "product reference guide of the model, chapter on the USB interface",
        },
        Step {
            how: How::Manual(
                "the code that sends data and suffix; CR, or CR LF, is the suffix it comes with (“Prefix/Suffix Values”)",
            ),
            source: "DS9208 Product Reference Guide, “Miscellaneous Scanner Parameters”",
        },
        Step {
            how: How::Manual("the AIM code, in “Transmit Code ID Character”"),
            source: "DS9208 Product Reference Guide, page 4-40",
        },
        Step {
            how: How::Manual(
                "the code for SSI: over RS-232 in the chapter on SSI, over USB where the guide lists SSI over USB CDC. The \
                 suffix is not needed then, and framing = \"ssi\"",
            ),
            source: "product reference guide of the model, chapter on SSI",
        },
        Step {
            how: How::Manual("the code for HID POS among the USB device types, if there is one"),
            source: "product reference guide of the model, chapter on the USB interface",
        },
        Step {
            how: How::Manual(
                "the code for HID keyboard emulation among the USB device types, then the one for the US layout",
            ),
            source: "product reference guide of the model, chapter on the USB interface",
        },
    ],
    answer: None,
};

#[cfg(test)]
mod tests {
    use super::super::family::Purpose;
    use super::*;
    use crate::scanner::answer::AnswerProfile;
    use crate::symbol::Symbol;
    use std::collections::HashSet;

    #[test]
    fn every_code_can_be_drawn_and_says_where_it_is_from() {
        for family in FAMILIES {
            for (purpose, step) in Purpose::ALL.into_iter().zip(&family.steps) {
                let what = format!("{} {purpose:?}", family.key);
                assert!(!step.source.is_empty() && !step.source.ends_with('.'), "{what}");
                match &step.how {
                    How::Scan(codes) => {
                        assert!(!codes.is_empty(), "{what}");
                        for code in *codes {
                            assert_eq!(
                                Symbol::setup(code.text, code.fnc3).unwrap().text(),
                                code.text,
                                "{what}"
                            );
                        }
                        assert_eq!(step.how.drawings().len(), codes.len(), "{what}");
                    }
                    How::Manual(text) | How::Nothing(text) => {
                        assert!(!text.is_empty() && !text.ends_with('.'), "{what}");
                    }
                }
            }
        }
    }

    /// The manual prints three of them as characters of a font: start, data, check character, stop.
    #[test]
    fn check_characters_are_those_of_the_manual() {
        for (text, expect) in [("$+", ';'), ("$-", '?'), ("EA00", '*')] {
            let weighted = text.bytes().zip(1..).map(|(byte, place)| (u32::from(byte) - 32) * place);
            let check = (104 + weighted.sum::<u32>()) % 103;
            assert_eq!(char::from_u32(check + 32), Some(expect), "{text}");
        }
    }

    #[test]
    fn keys_are_addresses_and_answers_are_words_of_the_configuration() {
        let keys: HashSet<_> = FAMILIES.iter().map(|family| family.key).collect();
        assert_eq!(keys.len(), FAMILIES.len());
        for family in FAMILIES {
            assert!(
                family.key.bytes().all(|byte| byte == b'-' || byte.is_ascii_alphanumeric()),
                "{}",
                family.key
            );
            if let Some(answer) = family.answer {
                assert!(serde_json::from_str::<AnswerProfile>(&format!("{answer:?}")).is_ok(), "{answer}");
            }
        }
    }
}
