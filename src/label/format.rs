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
    /// A printed command.
    Command,
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
    /// ISO/IEC 7064 mod 37,36 (one alphanumeric check character).
    #[serde(rename = "iso7064-mod37-36")]
    Iso7064Mod37_36,
}

/// One label format as configured, not yet compiled.
#[derive(Debug, Clone)]
pub struct FormatSpec {
    /// What a match stands for.
    pub kind: LabelKind,
    /// Regular expression over the text after AIM id (and after the check was verified: the whole text incl. the
    /// check character). The key is the group named `key`, or else the whole match.
    pub pattern: String,
    /// Check scheme over the key.
    pub check: CheckScheme,
    /// Whether the check character stays part of the key that is looked up.
    pub keep_check: bool,
    /// AIM identifiers that this format accepts, such as `C0` or `C` (any modifier); empty: any, also none.
    pub aim: Vec<String>,
    /// GS1 application identifier whose value the pattern is applied to.
    pub gs1: Option<String>,
    /// HIBC provider `where` + `what` flags (such as `BC`) whose data the pattern is applied to.
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

/// Compiled formats, in order: the first match wins.
#[derive(Debug, Clone)]
pub struct Formats {}

impl Formats {
    /// Compiles formats.
    ///
    /// # Errors
    /// A pattern that is no regular expression, an unknown AIM identifier or AI.
    pub fn new(_specs: Vec<FormatSpec>, _options: ReadOptions) -> Result<Formats, FormatError> {
        Ok(Formats {})
    }
}
