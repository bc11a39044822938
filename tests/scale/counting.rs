//! What the store's writing thread of this process has read, written and computed so far, from `/proc`.

use std::path::PathBuf;

/// Counted by the kernel for one thread.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Work {
    /// Bytes asked of files, whether memory had them or not.
    read: f64,
    /// Bytes that had to come from the disk.
    from_disk: f64,
    written: f64,
    /// Seconds of processor time.
    cpu: f64,
}

const PAGE: f64 = 4096.0;

/// The threads of this process that write to a database, in the order in which they were started.
pub(crate) fn writers() -> Vec<PathBuf> {
    let mut threads: Vec<PathBuf> = std::fs::read_dir("/proc/self/task")
        .unwrap()
        .map(|thread| thread.unwrap().path())
        .filter(|thread| std::fs::read_to_string(thread.join("comm")).unwrap().trim() == "store-writer")
        .collect();
    threads.sort_by_key(|thread| thread.file_name().unwrap().to_string_lossy().parse::<u32>().unwrap());
    threads
}

impl Work {
    pub(crate) fn of(thread: &std::path::Path) -> Work {
        let io = std::fs::read_to_string(thread.join("io")).unwrap();
        let count = |name: &str| -> f64 {
            let line = io.lines().find(|line| line.starts_with(name)).unwrap();
            line.split(' ').nth(1).unwrap().parse().unwrap()
        };
        let on_cpu = std::fs::read_to_string(thread.join("schedstat")).unwrap();
        let nanoseconds: f64 = on_cpu.split(' ').next().unwrap().parse().unwrap();
        Work {
            read: count("rchar:"),
            from_disk: count("read_bytes:"),
            written: count("wchar:"),
            cpu: nanoseconds / 1e9,
        }
    }

    /// What was done since then, by each of so many movements.
    pub(crate) fn since(self, before: Work, movements: usize) -> String {
        let each = |now: f64, before: f64| (now - before) / movements.max(1) as f64;
        format!(
            "pages of 4 KiB read {:.2}, from disk {:.2}, written {:.2}; processor {:.0} us",
            each(self.read, before.read) / PAGE,
            each(self.from_disk, before.from_disk) / PAGE,
            each(self.written, before.written) / PAGE,
            each(self.cpu, before.cpu) * 1e6,
        )
    }
}
