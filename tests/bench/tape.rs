//! Recordings of noise.

use std::io::Write;
use std::path::Path;

/// Bytes in one line of the recording.
const LINE: usize = 16 * 1024;

/// Writes a recording of about so many MB: any bytes, in lines without a pause, the same each time.
pub(crate) fn noise(file: &Path, mb: usize) {
    let mut out = std::io::BufWriter::new(std::fs::File::create(file).expect("a file"));
    let mut random = fastrand::Rng::with_seed(4711);
    writeln!(out, "# noise").expect("room on the disk");
    for _ in 0..mb * 1_000_000 / (2 * LINE) {
        let line: String = (0..LINE / 8).map(|_| format!("{:016x}", random.u64(..))).collect();
        writeln!(out, "0 {line}").expect("room on the disk");
    }
}
