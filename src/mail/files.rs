//! Messages as files, for sites without mail: whole or not at all, named by the notice alone.

use super::message::Unsendable;
use super::{Delivery, Message};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Writes `notice-N.eml`. A repeat replaces the same file.
pub(super) fn write(directory: &Path, message: &Message) -> Delivery {
    let (_, bytes) = match message.wire() {
        Ok(wire) => wire,
        Err(Unsendable::Recipient(why)) => return Delivery::Refused(why),
        Err(Unsendable::Ours(why)) => return Delivery::Down(why),
    };
    let name = format!("notice-{}.eml", message.number);
    match put(directory, &name, &bytes) {
        Ok(()) => Delivery::Taken(format!("written to {name}")),
        Err(error) => Delivery::Down(format!("cannot write {name} in {}: {error}", directory.display())),
    }
}

fn put(directory: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    std::fs::create_dir_all(directory)?;
    let fresh = directory.join(format!(".{name}.new"));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&fresh, directory.join(name))?;
    File::open(directory)?.sync_all()
}
