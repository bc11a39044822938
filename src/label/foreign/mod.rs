//! Bar codes of other people that end up in front of a file room's scanner.
//!
//! Asked last, when no format matched: it only makes the answer to the clerk better, and never changes a movement.

mod recognise;

pub(super) use recognise::{of_gs1, of_text};

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
    /// A vaccination, test or health certificate.
    HealthCertificate,
    /// A prescription or medication plan.
    Prescription,
    /// A boarding pass.
    BoardingPass,
    /// A bill or a request for payment.
    Payment,
    /// A library's item or reader.
    Library,
    /// Several lines of text in one two-dimensional code: no label of anybody's.
    SeveralLines,
}

impl Foreign {
    /// All foreign codes.
    pub const ALL: [Foreign; 17] = [
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
        Foreign::HealthCertificate,
        Foreign::Prescription,
        Foreign::BoardingPass,
        Foreign::Payment,
        Foreign::Library,
        Foreign::SeveralLines,
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
            Foreign::HealthCertificate => "health-certificate",
            Foreign::Prescription => "prescription",
            Foreign::BoardingPass => "boarding-pass",
            Foreign::Payment => "payment",
            Foreign::Library => "library",
            Foreign::SeveralLines => "several-lines",
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
            Foreign::HealthCertificate => "this is a health certificate; scan the chart's own label",
            Foreign::Prescription => {
                "this is a prescription or a medication plan; scan the chart's own label"
            }
            Foreign::BoardingPass => "this is a boarding pass; scan the chart's own label",
            Foreign::Payment => "this is the payment code of a bill; scan the chart's own label",
            Foreign::Library => "this is the bar code of a library; scan the chart's own label",
            Foreign::SeveralLines => "this code holds several lines of text; scan the chart's own label",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_code_has_its_name_and_a_next_step() {
        let names: HashSet<_> = Foreign::ALL.into_iter().map(Foreign::as_str).collect();
        assert_eq!(names.len(), Foreign::ALL.len());
        for foreign in Foreign::ALL {
            assert!(foreign.sentence().ends_with("; scan the chart's own label"), "{}", foreign.sentence());
        }
    }
}
