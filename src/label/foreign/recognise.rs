//! How the codes of other people are recognised: by their symbology, by how they begin, by a check digit.
//!
//! Only what is certain enough to say it to a clerk's face is here; a number that might be anything stays unknown.

use super::Foreign;
use crate::label::aim::Aim;
use crate::label::format::CheckScheme;
use crate::label::gs1::Element;

/// Recognises valid GS1 data that no format asked for.
pub(in crate::label) fn of_gs1(elements: &[Element]) -> Foreign {
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
pub(in crate::label) fn of_text(aim: Option<Aim>, text: &str) -> Option<Foreign> {
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
    if is_boarding_pass(text) {
        return Some(Foreign::BoardingPass);
    }
    if is_payment(text) {
        return Some(Foreign::Payment);
    }
    if aim.is_some_and(Aim::is_codabar) && is_library_number(text) {
        return Some(Foreign::Library);
    }
    let has_lines =
        || aim.is_some_and(Aim::is_two_dimensional) && text.trim_matches(['\r', '\n']).contains('\n');
    by_beginning(text)
        .or_else(|| is_product_number(aim, text).then_some(Foreign::Product))
        .or_else(|| has_lines().then_some(Foreign::SeveralLines))
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
        // EU Digital COVID Certificate and its successors; New Zealand; SMART Health Cards and Links.
        ("HC1:", Foreign::HealthCertificate),
        ("NZCP:/", Foreign::HealthCertificate),
        ("shc:/", Foreign::HealthCertificate),
        ("shlink:/", Foreign::HealthCertificate),
        // German electronic prescription (gematik gemSpec_DM_eRp) and medication plan (BMP, annex 3).
        ("{\"urls\":[\"Task/", Foreign::Prescription),
        ("<MP v=", Foreign::Prescription),
        // Czech and Slovak payments.
        ("SPD*1.", Foreign::Payment),
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

/// A boarding pass: M, number of flights, name, booking, airports, airline, flight, day of the year and so on at fixed
/// places (IATA Resolution 792).
fn is_boarding_pass(text: &str) -> bool {
    let part = |start: usize, end: usize| text.as_bytes().get(start..end).unwrap_or_default();
    let is_all = |bytes: &[u8], fits: fn(&u8) -> bool| !bytes.is_empty() && bytes.iter().all(fits);
    text.len() >= 58
        && matches!(part(0, 2), [b'M', b'1'..=b'4'])
        && is_all(part(2, 22), |byte| byte.is_ascii_uppercase() || matches!(byte, b' ' | b'/'))
        && matches!(part(22, 23), [b'E' | b' '])
        && is_all(part(30, 36), u8::is_ascii_uppercase)
        && is_all(part(44, 47), u8::is_ascii_digit)
}

/// A credit transfer by the name and version in its first lines (European Payments Council EPC069-12; Swiss QR-bill;
/// Slovenian UPN), or a merchant's code by its first element and its checksum at the end (EMVCo).
fn is_payment(text: &str) -> bool {
    let mut lines = text.split(['\r', '\n']).filter(|line| !line.is_empty());
    if matches!(
        (lines.next(), lines.next()),
        (Some("BCD"), Some("001" | "002")) | (Some("SPC"), Some("0100" | "0200"))
    ) || text.strip_prefix("UPNQR").is_some_and(|rest| rest.starts_with(['\r', '\n']))
    {
        return true;
    }
    let (covered, sum) = text.split_at_checked(text.len().saturating_sub(4)).unwrap_or_default();
    covered.starts_with("000201")
        && covered.ends_with("6304")
        && sum == format!("{:04X}", crc16(covered.as_bytes()))
}

/// CRC-16 of ISO/IEC 13239 as EMVCo uses it: polynomial 1021, from FFFF.
fn crc16(bytes: &[u8]) -> u16 {
    let step = |sum: u16| if sum & 0x8000 == 0 { sum << 1 } else { (sum << 1) ^ 0x1021 };
    bytes.iter().fold(0xffff, |sum, byte| (0..8).fold(sum ^ (u16::from(*byte) << 8), |sum, _| step(sum)))
}

/// Fourteen digits with a Luhn check digit, 2 for a reader and 3 for an item at the front, as North American libraries
/// print them in Codabar.
fn is_library_number(text: &str) -> bool {
    let is_mark = |character: char| matches!(character, 'A'..='D' | 'a'..='d');
    let number = text.trim_start_matches(is_mark).trim_end_matches(is_mark);
    number.len() == 14 && number.starts_with(['2', '3']) && CheckScheme::Luhn.verify(number)
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
        check("@\n\u{1e}\rANSI 636026080102DL00410288", "driving-licence");
        check("CHART0001", "none");
        check("", "none");
    }

    #[test]
    fn recognises_certificates_and_prescriptions() {
        check("HC1:6BFOXN%TS3DH0YOJ58S S-W5HDC", "health-certificate");
        check("]Q1shc:/5676290952432060346029", "health-certificate");
        check("{\"urls\":[\"Task/160.000.165.685.331.97/$accept?ac=ba7a\"]}", "prescription");
        check("<MP v=\"025\" U=\"A\">", "prescription");
        check("HC1", "none");
        check("<b>", "none");
    }

    #[test]
    fn recognises_boarding_passes() {
        let pass = "M1DESMARAIS/LUC       EABC123 YULFRAAC 0834 326J001A0025 100";
        check(pass, "boarding-pass");
        check(&pass.replacen("M1", "M5", 1), "none");
        check(&pass.replacen("326J", "32XJ", 1), "none");
        check(&pass.replacen("YUL", "YU1", 1), "none");
        check(&pass.replacen("DESMARAIS", "DESMARA12", 1), "none");
        check(pass.get(..50).unwrap(), "none");
        check("M12345", "none");
        check("M1", "none");
    }

    #[test]
    fn recognises_payments() {
        check("BCD\n002\n1\nSCT\n\nRED CROSS", "payment");
        check("BCD\r\n001\r\n1\r\nSCT", "payment");
        check("SPC\r\n0200\r\n1\r\nCH5800791123000889012", "payment");
        check("SPC\r0200\r1", "payment");
        check("UPNQR\n\n", "payment");
        check("SPD*1.0*ACC:CZ5855000000001265098001", "payment");
        // The example of the EMV QR Code Specification for Payment Systems, merchant-presented mode.
        let bill = "00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678520441115802CN\
                    5914BEST TRANSPORT6007BEIJING64200002ZH0104最佳运输0202北京540523.72530315655020162330304\
                    12340603***0708A60086670902ME91320016A0112233449988770708123456786304A13A";
        check(bill, "payment");
        check(&bill.replace("A13A", "A13B"), "none");
        for none in
            ["BCD", "BCD\n003", "SPC", "SPC0200", "000201", "0002016304", "00020163041AB", "00020112345678"]
        {
            check(none, "none");
        }
    }

    #[test]
    fn recognises_library_numbers_in_codabar_only() {
        check("]F031234000000016", "library");
        check("]F0A21234000000018b", "library");
        check("]F031234000000017", "none");
        check("]F041234000000015", "none");
        check("]C031234000000016", "none");
    }
}
