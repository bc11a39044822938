//! Open files: connections must leave enough of them for scanners, database and backups.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files that everything else may need at once: 64 scanners, database, backup, log and sockets.
const OTHERS: usize = 256;

/// How many connections there may be, of those that the configuration wants: the limit of open files is raised as far as
/// the system lets us, and what it does not give is taken off the connections.
pub(super) fn connections(wanted: usize) -> usize {
    let needed = wanted.saturating_add(OTHERS);
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_some_and(|files| files < needed as u64) {
        let most = limit.maximum.map_or(needed as u64, |files| files.min(needed as u64));
        // The service's unit does not let us; it has `LimitNOFILE=` instead.
        let _refused = setrlimit(Resource::Nofile, Rlimit { current: Some(most), ..limit });
    }
    let files = getrlimit(Resource::Nofile).current;
    let possible = files.map_or(wanted, |files| possible(wanted, files));
    if possible < wanted {
        tracing::warn!(
            open_files = files,
            connections = possible,
            "fewer connections than `limits.connections` says, so that scanners and database never lack a file: raise LimitNOFILE= in the service's unit, or `ulimit -n`"
        );
    }
    possible
}

/// The same for a limit of open files.
fn possible(wanted: usize, files: u64) -> usize {
    let files = usize::try_from(files).unwrap_or(usize::MAX);
    // Where there are very few of them, half is for the others.
    wanted.min(files.saturating_sub(OTHERS).max(files / 2)).max(1)
}

#[cfg(test)]
mod tests {
    use super::possible;

    #[test]
    fn connections_leave_files_for_scanners() {
        assert_eq!(possible(256, 1024), 256);
        assert_eq!(possible(4096, 1024), 768);
        assert_eq!(possible(4096, 8192), 4096);
        assert_eq!(possible(256, 300), 150);
        assert_eq!(possible(256, 1), 1);
    }
}
