//! Bar codes of other people that end up in front of a file room's scanner.
//!
//! Asked last, when no format matched: it only makes the answer to the clerk better, and never changes a movement.

use super::aim::Aim;
use super::format::CheckScheme;
use super::gs1::Element;

/// A bar code that is known to be no label of the file room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Foreign {
    /// EAN, UPC or GTIN.
    Product,
    /// Drug, device or supply with an HIBC supplier label.
    HibcProduct,
    /// ISBT 128: blood, tissue or cells.
    BloodProduct,
    /// Shipping container code, courier label, or other label of a parcel.
    Shipment,
    /// Valid GS1 data that no format asks for.
    OtherGs1,
    /// A valid HIBC provider label that no format asks for.
    OtherHibc,
    /// A web address.
    WebAddress,
    /// Mail, telephone, text message, calendar or map link.
    Link,
    /// Wi-Fi access.
    Wifi,
    /// A contact card.
    ContactCard,
    /// A North American driving licence or identity card (AAMVA).
    DrivingLicence,
}

impl Foreign {
    /// All foreign codes.
    pub const ALL: [Foreign; 11] = [
        Foreign::Product,
        Foreign::HibcProduct,
        Foreign::BloodProduct,
        Foreign::Shipment,
        Foreign::OtherGs1,
        Foreign::OtherHibc,
        Foreign::WebAddress,
        Foreign::Link,
        Foreign::Wifi,
        Foreign::ContactCard,
        Foreign::DrivingLicence,
    ];

    /// Names the foreign code for records and programs; never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            Foreign::Product => "product",
            Foreign::HibcProduct => "hibc-product",
            Foreign::BloodProduct => "blood-product",
            Foreign::Shipment => "shipment",
            Foreign::OtherGs1 => "other-gs1",
            Foreign::OtherHibc => "other-hibc",
            Foreign::WebAddress => "web-address",
            Foreign::Link => "link",
            Foreign::Wifi => "wifi",
            Foreign::ContactCard => "contact-card",
            Foreign::DrivingLicence => "driving-licence",
        }
    }

    /// Tells the clerk what was scanned and what to scan instead.
    pub fn sentence(self) -> &'static str {
        match self {
            Foreign::Product => "this is the bar code of a product; scan the chart's own label",
            Foreign::HibcProduct => "this is the bar code of a drug or a supply; scan the chart's own label",
            Foreign::BloodProduct => "this is the bar code of a blood product; scan the chart's own label",
            Foreign::Shipment => "this is the bar code of a parcel; scan the chart's own label",
            Foreign::OtherGs1 => "this GS1 code is none of the file room's; scan the chart's own label",
            Foreign::OtherHibc => "this HIBC code is none of the file room's; scan the chart's own label",
            Foreign::WebAddress => "this is a web address; scan the chart's own label",
            Foreign::Link => "this is a mail, telephone or calendar code; scan the chart's own label",
            Foreign::Wifi => "this is a code for Wi-Fi access; scan the chart's own label",
            Foreign::ContactCard => "this is somebody's contact card; scan the chart's own label",
            Foreign::DrivingLicence => "this is a driving licence; scan the chart's own label",
        }
    }
}

/// Recognises valid GS1 data that no format asked for.
pub(super) fn of_gs1(elements: &[Element]) -> Foreign {
    let has = |ais: &[&str]| elements.iter().any(|element| ais.contains(&element.ai.as_str()));
    if has(&["01", "02", "03", "8006", "8026"]) {
        Foreign::Product
    } else if has(&["00", "401", "402"]) {
        Foreign::Shipment
    } else {
        Foreign::OtherGs1
    }
}

/// Recognises a text by its symbology and by how it begins.
pub(super) fn of_text(aim: Option<Aim>, text: &str) -> Option<Foreign> {
    if aim.is_some_and(Aim::is_product) {
        return Some(Foreign::Product);
    }
    if aim.is_some_and(Aim::is_isbt) || is_isbt(text) {
        return Some(Foreign::BloodProduct);
    }
    if is_driving_licence(text) {
        return Some(Foreign::DrivingLicence);
    }
    if text.starts_with("[)>") || is_courier(text) {
        return Some(Foreign::Shipment);
    }
    by_beginning(text).or_else(|| is_product_number(aim, text).then_some(Foreign::Product))
}

fn by_beginning(text: &str) -> Option<Foreign> {
    const BEGINNINGS: &[(&str, Foreign)] = &[
        ("http://", Foreign::WebAddress),
        ("https://", Foreign::WebAddress),
        ("www.", Foreign::WebAddress),
        ("urlto:", Foreign::WebAddress),
        ("wifi:", Foreign::Wifi),
        ("mecard:", Foreign::ContactCard),
        ("bizcard:", Foreign::ContactCard),
        ("begin:vcard", Foreign::ContactCard),
        ("begin:", Foreign::Link),
        ("mailto:", Foreign::Link),
        ("matmsg:", Foreign::Link),
        ("tel:", Foreign::Link),
        ("sms:", Foreign::Link),
        ("smsto:", Foreign::Link),
        ("geo:", Foreign::Link),
    ];
    let starts = |beginning: &str| {
        text.get(..beginning.len()).is_some_and(|start| start.eq_ignore_ascii_case(beginning))
    };
    BEGINNINGS.iter().find(|(beginning, _)| starts(beginning)).map(|(_, foreign)| *foreign)
}

/// ISBT 128: `=` or `&`, then a donation number or the second character of another data structure.
fn is_isbt(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(['=', '&']) else { return false };
    let mut rest = rest.bytes();
    match rest.next() {
        // A donation number: facility and year, then digits, then two flag characters.
        Some(b'A'..=b'N' | b'P'..=b'Z' | b'1'..=b'9') => {
            rest.len() >= 14
                && rest.clone().all(|byte| byte.is_ascii_alphanumeric())
                && rest.skip(4).take(8).all(|byte| byte.is_ascii_digit())
        }
        Some(b'%' | b'<' | b'>' | b'*' | b'(' | b')' | b'{' | b'}' | b'[' | b']' | b'+' | b'#') => {
            rest.len() >= 5 && rest.all(|byte| byte.is_ascii_alphanumeric())
        }
        _ => false,
    }
}

/// A line-framed licence arrives in pieces: the `@` alone, or its header.
fn is_driving_licence(text: &str) -> bool {
    let start = text.trim_start_matches(['@', '\n', '\r', '\u{1e}', '\u{1c}', ' ']);
    text == "@" || ["ANSI 6", "AAMVA6", "AAMVA "].iter().any(|header| start.starts_with(header))
}

/// A tracking number as a large courier prints it.
fn is_courier(text: &str) -> bool {
    text.len() == 18 && text.starts_with("1Z") && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// A number of a product's length with a right check digit, unless the symbology speaks against it.
fn is_product_number(aim: Option<Aim>, text: &str) -> bool {
    matches!(text.len(), 8 | 12 | 13 | 14)
        && aim.is_none_or(Aim::is_interleaved)
        && CheckScheme::Mod10.verify(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn check(frame: &str, expect: &str) {
        let (aim, data) = Aim::split(frame.as_bytes());
        let found = of_text(aim, std::str::from_utf8(data).unwrap());
        assert_eq!(found.map_or("none", Foreign::as_str), expect, "{frame}");
    }

    #[test]
    fn recognises_codes_of_other_people() {
        check("]E05901234123457", "product");
        check("5901234123457", "product");
        check("]I010012345678902", "product");
        check("]I010012345678903", "none");
        check("]C05901234123457", "none");
        check("5901234123458", "none");
        check("=W000017123456000", "blood-product");
        check("=<E0791V00", "blood-product");
        check("]C4anything", "blood-product");
        check("=cmd|' /C calc'!A0", "none");
        check("=1+2", "none");
        check("HTTPS://example.org/x", "web-address");
        check("www.example.org", "web-address");
        check("WIFI:S:clinic;;", "wifi");
        check("BEGIN:VCARD", "contact-card");
        check("BEGIN:VEVENT", "link");
        check("tel:+15550100", "link");
        check("@", "driving-licence");
        check("]L0@\n\u{1e}\rANSI 636000090002DL", "driving-licence");
        check("\u{1e}ANSI 636000090002DL", "driving-licence");
        check("[)>\u{1e}06\u{1d}", "shipment");
        check("1Z999AA10123456784", "shipment");
        check("CHART0001", "none");
        check("", "none");
    }

    #[test]
    fn every_code_has_its_name_and_a_next_step() {
        let names: HashSet<_> = Foreign::ALL.into_iter().map(Foreign::as_str).collect();
        assert_eq!(names.len(), Foreign::ALL.len());
        for foreign in Foreign::ALL {
            assert!(foreign.sentence().ends_with("; scan the chart's own label"), "{}", foreign.sentence());
        }
    }
}
