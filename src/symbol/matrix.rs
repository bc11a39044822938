//! Squares of dots: QR codes and Data Matrix.
//!
//! Sources: ISO/IEC 18004 (QR: quiet zone of four modules), ISO/IEC 16022 (Data Matrix: one module).

use super::{Shape, Symbol, SymbolError, Symbology, check, dark_runs};
use datamatrix::{DataMatrix, SymbolList};
use qrcode::{Color, EcLevel, QrCode};

pub(super) const QR_QUIET_MODULES: u32 = 4;
pub(super) const DATA_MATRIX_QUIET_MODULES: u32 = 1;

/// Makes a QR code that survives the loss of 15 % of its area: folders get worn.
pub(super) fn qr(text: &str) -> Result<Symbol, SymbolError> {
    check(text)?;
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| SymbolError::TooLong)?;
    let dots: Vec<bool> = code.to_colors().into_iter().map(|colour| colour == Color::Dark).collect();
    Ok(square(Symbology::Qr, text, &dots, code.width()))
}

/// Makes a square Data Matrix; its error correction goes with its size.
pub(super) fn data_matrix(text: &str) -> Result<Symbol, SymbolError> {
    check(text)?;
    let sizes = SymbolList::default().enforce_square();
    let code = DataMatrix::encode(text.as_bytes(), sizes).map_err(|_| SymbolError::TooLong)?;
    let bitmap = code.bitmap();
    Ok(square(Symbology::DataMatrix, text, bitmap.bits(), bitmap.width()))
}

fn square(symbology: Symbology, text: &str, dots: &[bool], width: usize) -> Symbol {
    let rows = dots.chunks(width.max(1)).map(|row| dark_runs(row.iter().copied()).0).collect();
    let modules = u32::try_from(width).unwrap_or(u32::MAX);
    Symbol { symbology, text: text.to_owned(), shape: Shape { rows, modules }, runs: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The dots of a symbol, row by row.
    fn dots(symbol: &Symbol) -> Vec<bool> {
        let row = |bars: &Vec<std::ops::Range<u32>>| {
            (0..symbol.modules()).map(|at| bars.iter().any(|bar| bar.contains(&at))).collect::<Vec<_>>()
        };
        symbol.rows().iter().flat_map(row).collect()
    }

    #[test]
    fn a_qr_code_has_its_three_finders_and_its_timing() {
        let symbol = Symbol::new(Symbology::Qr, "V1001A").unwrap();
        assert_eq!(symbol.bars().first(), Some(&(0..7)));
        assert_eq!(symbol.bars().last(), Some(&(14..21)));
        assert_eq!(symbol.rows()[20].first(), Some(&(0..7)));
        let timing = &symbol.rows()[6];
        for dark in [8, 10, 12] {
            assert!(timing.contains(&(dark..dark + 1)), "{timing:?}");
        }
    }

    proptest! {
        #[test]
        fn a_data_matrix_is_read_back(text in "[ -~]{1,80}") {
            let symbol = Symbol::new(Symbology::DataMatrix, &text).unwrap();
            let width = usize::try_from(symbol.modules()).unwrap();
            prop_assert_eq!(DataMatrix::decode(&dots(&symbol), width).unwrap(), text.into_bytes());
        }
    }
}
