//! The one place with unsafe code: a VFS that SQLite opens every file through, and the six calls of libc that put things
//! on disk without SQLite (`fsync`, `fdatasync`, `pwrite64`, `write`, `rename`, `unlink`), taken over by being defined here.
//!
//! The VFS is the default one of this program, so the shipped store comes through it without knowing. It passes
//! everything on to SQLite's own; what it is for is to tell [`crate::disk`], which writes it down or has it fail. Syncs
//! are seen where the kernel would see them: whether SQLite was built for fdatasync, and whether it syncs a directory.

#![expect(unsafe_code, reason = "a VFS of SQLite is a table of C functions, and so is libc")]

use crate::disk::{self, Disk, Op};
use rusqlite::ffi;
use std::cell::Cell;
use std::ffi::{CStr, OsStr, c_char, c_int, c_void};
use std::os::fd::BorrowedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

/// SQLite's own VFS.
static UNIX: AtomicPtr<ffi::sqlite3_vfs> = AtomicPtr::new(std::ptr::null_mut());
/// Calls of fsync and of fdatasync on files of disks under test.
static SYNCS: [AtomicU64; 2] = [AtomicU64::new(0), AtomicU64::new(0)];

thread_local! {
    /// SQLite is writing: what its own VFS then calls has been told already.
    static WRITING: Cell<bool> = const { Cell::new(false) };
}

/// An open file as SQLite holds it; SQLite's own file follows in the same piece of memory.
#[repr(C)]
struct File {
    base: ffi::sqlite3_file,
    /// The disk that it is on and its number there; null for files that nobody watches.
    watched: *mut Watched,
}

struct Watched {
    disk: Arc<Disk>,
    file: u32,
}

/// Makes the VFS the default. Called once, before anything is opened.
pub(crate) fn install() {
    // SAFETY: called before any other use of SQLite; the copied table and its name live for ever.
    unsafe {
        let unix = ffi::sqlite3_vfs_find(std::ptr::null());
        UNIX.store(unix, Ordering::SeqCst);
        let own = std::mem::size_of::<File>() as c_int;
        let vfs = ffi::sqlite3_vfs {
            zName: c"watched".as_ptr(),
            szOsFile: own + (*unix).szOsFile,
            xOpen: Some(open),
            pNext: std::ptr::null_mut(),
            ..*unix
        };
        let registered = ffi::sqlite3_vfs_register(Box::leak(Box::new(vfs)), 1);
        assert_eq!(registered, ffi::SQLITE_OK);
    }
}

/// How often fsync and fdatasync were called.
pub(crate) fn syncs() -> [u64; 2] {
    [SYNCS[0].load(Ordering::Relaxed), SYNCS[1].load(Ordering::Relaxed)]
}

/// SQLite's own file behind ours.
unsafe fn real(file: *mut ffi::sqlite3_file) -> *mut ffi::sqlite3_file {
    // SAFETY: `szOsFile` asked for both, one after the other; `File` is as strictly aligned as the other.
    unsafe { file.cast::<File>().add(1).cast() }
}

unsafe fn watched<'a>(file: *mut ffi::sqlite3_file) -> Option<&'a Watched> {
    // SAFETY: `open` set it to null or to a box that `close` takes back.
    unsafe { (*file.cast::<File>()).watched.as_ref() }
}

/// Passes a method on to SQLite's own file.
macro_rules! pass {
    ($file:expr, $method:ident $(, $argument:expr)*) => {{
        // SAFETY: the arguments are those that SQLite gave for the same method of our file.
        unsafe {
            let real = real($file);
            match (*(*real).pMethods).$method {
                Some(method) => method(real $(, $argument)*),
                None => ffi::SQLITE_MISUSE,
            }
        }
    }};
}

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite gives `szOsFile` bytes of memory, and a path that ends in a zero.
    unsafe {
        let own = file.cast::<File>();
        (*own).base.pMethods = std::ptr::null();
        (*own).watched = std::ptr::null_mut();
        let path = (!name.is_null()).then(|| Path::new(OsStr::from_bytes(CStr::from_ptr(name).to_bytes())));
        let disk = path.and_then(disk::of);
        if disk.as_ref().is_some_and(|disk| disk.fails(Op::Open)) {
            return ffi::SQLITE_CANTOPEN;
        }
        let unix = UNIX.load(Ordering::SeqCst);
        let Some(open_unix) = (*unix).xOpen else { return ffi::SQLITE_MISUSE };
        let opened = open_unix(unix, name, real(file), flags, out);
        if opened != ffi::SQLITE_OK {
            return opened;
        }
        if let (Some(disk), Some(path)) = (disk, path) {
            let number = disk.opened(path);
            (*own).watched = Box::into_raw(Box::new(Watched { disk, file: number }));
        }
        (*own).base.pMethods = &raw const METHODS;
        opened
    }
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    let closed = pass!(file, xClose);
    // SAFETY: the box is from `open`, and SQLite closes a file once.
    unsafe {
        let own = file.cast::<File>();
        if !(*own).watched.is_null() {
            drop(Box::from_raw((*own).watched));
        }
    }
    closed
}

unsafe extern "C" fn read(file: *mut ffi::sqlite3_file, to: *mut c_void, bytes: c_int, at: i64) -> c_int {
    // SAFETY: see `watched`.
    if unsafe { watched(file) }.is_some_and(|watched| watched.disk.fails(Op::Read)) {
        return ffi::SQLITE_IOERR_READ;
    }
    pass!(file, xRead, to, bytes, at)
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    from: *const c_void,
    bytes: c_int,
    at: i64,
) -> c_int {
    // SAFETY: see `watched`; SQLite gives as many bytes as it says.
    let (watched, data) = unsafe {
        (watched(file), std::slice::from_raw_parts(from.cast::<u8>(), usize::try_from(bytes).unwrap_or(0)))
    };
    let Some(watched) = watched else { return pass!(file, xWrite, from, bytes, at) };
    if watched.disk.fails(Op::Write) {
        // Half of it got there, as when the disk is full in the middle.
        let half = bytes / 2;
        WRITING.set(true);
        let torn = pass!(file, xWrite, from, half, at);
        WRITING.set(false);
        watched.disk.wrote(watched.file, at, &data[..data.len() / 2]);
        let full = watched.disk.is_full() && torn == ffi::SQLITE_OK;
        return if full { ffi::SQLITE_FULL } else { ffi::SQLITE_IOERR_WRITE };
    }
    watched.disk.wrote(watched.file, at, data);
    WRITING.set(true);
    let written = pass!(file, xWrite, from, bytes, at);
    WRITING.set(false);
    written
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, bytes: i64) -> c_int {
    // SAFETY: see `watched`.
    if let Some(watched) = unsafe { watched(file) } {
        if watched.disk.fails(Op::Truncate) {
            return ffi::SQLITE_IOERR_TRUNCATE;
        }
        watched.disk.truncated(watched.file, bytes);
    }
    pass!(file, xTruncate, bytes)
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    pass!(file, xSync, flags)
}
unsafe extern "C" fn size(file: *mut ffi::sqlite3_file, to: *mut i64) -> c_int {
    pass!(file, xFileSize, to)
}
unsafe extern "C" fn lock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    pass!(file, xLock, level)
}
unsafe extern "C" fn unlock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    pass!(file, xUnlock, level)
}
unsafe extern "C" fn reserved(file: *mut ffi::sqlite3_file, to: *mut c_int) -> c_int {
    pass!(file, xCheckReservedLock, to)
}
unsafe extern "C" fn control(file: *mut ffi::sqlite3_file, code: c_int, with: *mut c_void) -> c_int {
    pass!(file, xFileControl, code, with)
}
unsafe extern "C" fn sector(file: *mut ffi::sqlite3_file) -> c_int {
    pass!(file, xSectorSize)
}
unsafe extern "C" fn kind(file: *mut ffi::sqlite3_file) -> c_int {
    pass!(file, xDeviceCharacteristics)
}
unsafe extern "C" fn shm_map(
    file: *mut ffi::sqlite3_file,
    region: c_int,
    bytes: c_int,
    extend: c_int,
    to: *mut *mut c_void,
) -> c_int {
    pass!(file, xShmMap, region, bytes, extend, to)
}
unsafe extern "C" fn shm_lock(
    file: *mut ffi::sqlite3_file,
    from: c_int,
    count: c_int,
    flags: c_int,
) -> c_int {
    pass!(file, xShmLock, from, count, flags)
}
unsafe extern "C" fn shm_unmap(file: *mut ffi::sqlite3_file, delete: c_int) -> c_int {
    pass!(file, xShmUnmap, delete)
}
unsafe extern "C" fn shm_barrier(file: *mut ffi::sqlite3_file) {
    // SAFETY: as for every other method.
    unsafe {
        let real = real(file);
        if let Some(barrier) = (*(*real).pMethods).xShmBarrier {
            barrier(real);
        }
    }
}

/// Version 2: shared memory, which a WAL needs, and no memory-mapped pages, which nobody could watch.
static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(reserved),
    xFileControl: Some(control),
    xSectorSize: Some(sector),
    xDeviceCharacteristics: Some(kind),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

unsafe extern "C" {
    #[link_name = "__errno_location"]
    fn errno() -> *mut c_int;
}

/// What a call of libc returns, with errno set.
fn answer(result: Result<(), rustix::io::Errno>) -> c_int {
    match result {
        Ok(()) => 0,
        Err(error) => {
            // SAFETY: glibc and musl give each thread a place for it.
            unsafe { *errno() = error.raw_os_error() };
            -1
        }
    }
}

/// A sync of a file or directory of a disk under test is written down or fails, and the real disk is left alone: what
/// this program does with its scratch files need not outlive it. Others are passed on.
fn synced(number: c_int, is_data_only: bool) -> c_int {
    // SAFETY: the caller has the descriptor open during the call.
    let fd = unsafe { BorrowedFd::borrow_raw(number) };
    if disk::are_there()
        && let Ok(path) = std::fs::read_link(format!("/proc/self/fd/{number}"))
        && let Some(disk) = disk::of(&path).or_else(|| disk::at(&path))
    {
        SYNCS[usize::from(is_data_only)].fetch_add(1, Ordering::Relaxed);
        return answer(if disk.synced(&path) { Ok(()) } else { Err(rustix::io::Errno::IO) });
    }
    answer(if is_data_only { rustix::fs::fdatasync(fd) } else { rustix::fs::fsync(fd) })
}

#[unsafe(no_mangle)]
extern "C" fn fsync(fd: c_int) -> c_int {
    synced(fd, false)
}

#[unsafe(no_mangle)]
extern "C" fn fdatasync(fd: c_int) -> c_int {
    synced(fd, true)
}

/// How the standard library writes into the middle of a file; SQLite's own VFS does, too, after ours was told.
#[unsafe(no_mangle)]
unsafe extern "C" fn pwrite64(number: c_int, from: *const c_void, bytes: usize, at: i64) -> isize {
    // SAFETY: as the caller promises libc.
    let (fd, data) =
        unsafe { (BorrowedFd::borrow_raw(number), std::slice::from_raw_parts(from.cast::<u8>(), bytes)) };
    if !WRITING.get()
        && disk::are_there()
        && let Ok(path) = std::fs::read_link(format!("/proc/self/fd/{number}"))
        && let Some(disk) = disk::of(&path)
    {
        if disk.fails(Op::Write) {
            return answer(Err(rustix::io::Errno::IO)) as isize;
        }
        let file = disk.opened(&path);
        disk.wrote(file, at, data);
    }
    count(rustix::io::pwrite(fd, data, u64::try_from(at).unwrap_or(0)))
}

/// How the standard library writes where a file stands. Unseen, the file would be on no tape, and neither would its renaming.
#[unsafe(export_name = "write")]
unsafe extern "C" fn write_on(number: c_int, from: *const c_void, bytes: usize) -> isize {
    // SAFETY: as the caller promises libc.
    let (fd, data) =
        unsafe { (BorrowedFd::borrow_raw(number), std::slice::from_raw_parts(from.cast::<u8>(), bytes)) };
    if !WRITING.get()
        && disk::are_there()
        && let Ok(path) = std::fs::read_link(format!("/proc/self/fd/{number}"))
        && let Some(disk) = disk::of(&path)
        && let Ok(at) = rustix::fs::seek(fd, rustix::fs::SeekFrom::Current(0))
    {
        if disk.fails(Op::Write) {
            return answer(Err(rustix::io::Errno::IO)) as isize;
        }
        let file = disk.opened(&path);
        disk.wrote(file, i64::try_from(at).unwrap_or(0), data);
    }
    count(rustix::io::write(fd, data))
}

/// A path as C gives it.
unsafe fn path<'a>(name: *const c_char) -> &'a Path {
    // SAFETY: callers of libc end their paths with a zero, and keep them during the call.
    Path::new(OsStr::from_bytes(unsafe { CStr::from_ptr(name) }.to_bytes()))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rename(from: *const c_char, to: *const c_char) -> c_int {
    // SAFETY: see `path`.
    let (from, to) = unsafe { (path(from), path(to)) };
    let disk = disk::of(to);
    if disk.as_ref().is_some_and(|disk| disk.fails(Op::Name)) {
        return answer(Err(rustix::io::Errno::IO));
    }
    let renamed = rustix::fs::rename(from, to);
    if let (Some(disk), true) = (disk, renamed.is_ok()) {
        disk.renamed(from, to);
    }
    answer(renamed)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn unlink(name: *const c_char) -> c_int {
    // SAFETY: see `path`.
    let path = unsafe { path(name) };
    let disk = disk::of(path);
    if disk.as_ref().is_some_and(|disk| disk.fails(Op::Name)) {
        return answer(Err(rustix::io::Errno::IO));
    }
    let unlinked = rustix::fs::unlink(path);
    if let (Some(disk), true) = (disk, unlinked.is_ok()) {
        disk.unlinked(path);
    }
    answer(unlinked)
}

/// Whether this descriptor is a file of a disk under test.
fn is_under_test(number: c_int) -> bool {
    disk::are_there()
        && std::fs::read_link(format!("/proc/self/fd/{number}")).is_ok_and(|path| disk::of(&path).is_some())
}

/// How the standard library has the kernel copy files, which nobody would see: a disk under test says that it cannot, and
/// the copy is made by reading and writing.
#[unsafe(no_mangle)]
unsafe extern "C" fn copy_file_range(
    from: c_int,
    from_at: *mut i64,
    to: c_int,
    to_at: *mut i64,
    bytes: usize,
    _flags: u32,
) -> isize {
    if is_under_test(to) {
        return answer(Err(rustix::io::Errno::XDEV)) as isize;
    }
    // SAFETY: as the caller promises libc: open descriptors, and places that are null or its own.
    let (from, to, from_at, to_at) = unsafe {
        (
            BorrowedFd::borrow_raw(from),
            BorrowedFd::borrow_raw(to),
            from_at.cast::<u64>().as_mut(),
            to_at.cast::<u64>().as_mut(),
        )
    };
    count(rustix::fs::copy_file_range(from, from_at, to, to_at, bytes))
}

/// As [`copy_file_range`]: the standard library's second choice.
#[unsafe(no_mangle)]
unsafe extern "C" fn sendfile64(to: c_int, from: c_int, at: *mut i64, bytes: usize) -> isize {
    if is_under_test(to) {
        return answer(Err(rustix::io::Errno::INVAL)) as isize;
    }
    // SAFETY: as above.
    let (from, to, at) =
        unsafe { (BorrowedFd::borrow_raw(from), BorrowedFd::borrow_raw(to), at.cast::<u64>().as_mut()) };
    count(rustix::fs::sendfile(to, from, at, bytes))
}

/// What a call that moves bytes returns, with errno set.
fn count(moved: rustix::io::Result<usize>) -> isize {
    match moved {
        Ok(bytes) => isize::try_from(bytes).unwrap_or(isize::MAX),
        Err(error) => answer(Err(error)) as isize,
    }
}
