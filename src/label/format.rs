//! The site's ordered label formats, as the configuration gives them.

/// What a label stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LabelKind {
    /// One physical folder.
    Volume,
    /// A place or holder.
    Custodian,
    /// A badge.
    Person,
    /// A request's slip, or a pull list.
    Request,
    /// A printed command.
    Command,
}

impl LabelKind {
    /// All kinds.
    pub const ALL: [LabelKind; 5] =
        [LabelKind::Volume, LabelKind::Custodian, LabelKind::Person, LabelKind::Request, LabelKind::Command];

    /// Names the kind as the configuration does.
    pub fn as_str(self) -> &'static str {
        match self {
            LabelKind::Volume => "volume",
            LabelKind::Custodian => "custodian",
            LabelKind::Person => "person",
            LabelKind::Request => "request",
            LabelKind::Command => "command",
        }
    }
}

/// How the last characters of a key are verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckScheme {
    /// No check character.
    #[default]
    None,
    /// Code 39 / HIBC modulo 43: a plain sum, blind to transpositions.
    Mod43,
    /// GS1 modulo 10, weights 3 and 1 from the right.
    Mod10,
    /// Luhn, weights 2 and 1 from the right.
    Luhn,
    /// HL7 table 0061 M10.
    Hl7M10,
    /// HL7 table 0061 M11.
    Hl7M11,
    /// NHS number: ten digits, modulo 11; spaces in it do not count.
    Nhs,
    /// ISO/IEC 7064 mod 37,36 (one alphanumeric check character).
    #[serde(rename = "iso7064-mod37-36")]
    Iso7064Mod37_36,
    /// ISO/IEC 7064 mod 97-10 (two check digits at the end, as in an LEI; letters are read as 10 to 35).
    #[serde(rename = "iso7064-mod97-10")]
    Iso7064Mod97_10,
}

/// One label format as configured, not yet compiled.
#[derive(Debug, Clone)]
pub struct FormatSpec {
    /// What a match stands for.
    pub kind: LabelKind,
    /// Regular expression that the whole text after the AIM id matches, its check characters included; ASCII classes,
    /// `.` is one byte. The key is the group named `key`, or else the whole text.
    pub pattern: String,
    /// Check scheme over the key.
    pub check: CheckScheme,
    /// Whether the check characters stay part of the key that is looked up.
    pub keep_check: bool,
    /// AIM identifiers that this format accepts, such as `C0` or `C` (any modifier); empty: any, also none, but no
    /// product symbology (EAN, UPC, GS1 DataBar) and no GS1 product.
    pub aim: Vec<String>,
    /// GS1 application identifier whose value the pattern is applied to; several joined by `+`, such as `414+254`:
    /// their values one after the other.
    pub gs1: Option<String>,
    /// HIBC provider `where` + `what` flags (such as `BC`) whose data the pattern is applied to. The label's own check
    /// character is verified and taken off before.
    pub hibc: Option<String>,
}

/// How text is read before the formats see it.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReadOptions {
    /// Lower case is read as upper case.
    pub fold_case: bool,
    /// Code 39 full ASCII pairs (`+C` = `c`) that the scanner left as they were are decoded.
    pub full_ascii: bool,
}

/// Why a format was refused.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
pub struct FormatError {
    /// Which format, counted from 0.
    pub index: usize,
    /// What is wrong and the next step.
    pub why: String,
}
