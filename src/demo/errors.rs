//! What goes wrong in a simulated file room, and how often: read from `config/simulate.toml`. Pure.

use std::collections::BTreeMap;

/// How often each thing goes wrong: shares from 0 to 1. Left out means 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Errors {
    /// Of the charts that are sent out: not scanned.
    pub skip_charge_out: f64,
    /// Of the charts that arrive at a clinic with a scanner: not scanned.
    pub skip_receipt: f64,
    /// Of the charts that come back: not scanned.
    pub skip_check_in: f64,
    /// Of the charts that are put on the shelf: not scanned.
    pub skip_refile: f64,
    /// Of the charts that are put on the shelf: under a number with two digits exchanged.
    pub transpose: f64,
    /// Under a number with one digit misread: 1 and 7, 3 and 8, 5 and 6, 6 and 9, 0 and 6.
    pub misread: f64,
    /// Three to five folders beside the slot.
    pub slide: f64,
    /// Into the folder beside the slot.
    pub slip_inside: f64,
    /// In the section before or after.
    pub wrong_section: f64,
    /// Into the folder that was filed just before it.
    pub slip_into_last: f64,
    /// Of the charts that are sent: put into another clinic's bin.
    pub wrong_bin: f64,
    /// Of the charts in a bin, each day: not taken out.
    pub left_in_bin: f64,
    /// Of the charts that were used in a clinic: carried to another clinic, unscanned.
    pub pass_on: f64,
    /// Taken along to an office.
    pub take_along: f64,
    /// Slipped into another chart on the desk.
    pub slip_at_desk: f64,
    /// Not returned that day: late, which is no loss.
    pub forgotten: f64,
    /// Of the visits: made the same day.
    pub same_day: f64,
}

/// A named mix of errors.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Mix {
    /// Nothing in the plan was chosen with this mix at hand; it is reported apart.
    #[serde(default)]
    pub held_out: bool,
    /// The rates.
    pub rates: Errors,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    mix: BTreeMap<String, Mix>,
}

/// Why a file has no mixes.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ErrorsError {
    /// It is no TOML, or a key is not known.
    #[error("{0}")]
    Toml(String),
    /// A share is none.
    #[error("{key} of mix {mix} is {value}; write a share from 0 to 1")]
    Share {
        /// Which mix.
        mix: String,
        /// Which key.
        key: String,
        /// What stands there.
        value: f64,
    },
}

/// Reads the mixes of a file, by name.
///
/// # Errors
/// It is no TOML, has an unknown key, or a rate is no share.
pub fn mixes(text: &str) -> Result<BTreeMap<String, Mix>, ErrorsError> {
    let file: File = toml::from_str(text).map_err(|error| ErrorsError::Toml(error.to_string()))?;
    for (mix, Mix { rates, .. }) in &file.mix {
        let named = serde_json::to_value(rates).unwrap_or_default();
        let rates = named.as_object().into_iter().flatten();
        for (key, value) in rates.filter_map(|(key, value)| Some((key, value.as_f64()?))) {
            if !(0.0..=1.0).contains(&value) {
                return Err(ErrorsError::Share { mix: mix.clone(), key: key.clone(), value });
            }
        }
    }
    Ok(file.mix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_in_config_is_read_and_keeps_mixes_apart() {
        let mixes = mixes(include_str!("../../config/simulate.toml")).unwrap();
        let held_out = mixes.values().filter(|mix| mix.held_out).count();
        assert!(mixes.len() - held_out >= 5 && held_out >= 3, "{:?}", mixes.keys());
    }

    #[test]
    fn what_is_no_share_or_no_key_is_refused() {
        let bad = |line: &str| mixes(&format!("[mix.a]\nrates = {{ {line} }}")).unwrap_err().to_string();
        assert!(bad("transpose = 1.5").contains("transpose of mix a is 1.5"));
        assert!(bad("transposed = 0.1").contains("unknown field"));
        assert!(bad("transpose = -0.1").contains("from 0 to 1"));
    }
}
