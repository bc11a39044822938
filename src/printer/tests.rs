//! Printers of all kinds, good and bad, as programs of this machine.

use super::*;
use std::os::unix::fs::PermissionsExt;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

const READY: &[u8] = b"\x02030,0,0,0256,000,0,0,0,000,0,0,0\x03\r\n\x02000,0,0,0,1,2,6,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n";
const PAPER_OUT: &[u8] = b"\x02030,1,1,0256,000,0,0,0,000,0,0,0\x03\r\n\x02000,0,0,0,1,2,6,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n";
const JOB: &str = "^XA^FO10,10^FDV4650N^FS^XZ\n";

fn printers(way: Way) -> Printers {
    let label = LabelSize { width_um: 57_000, height_um: 32_000 };
    let (name, title) = ("zebra".to_owned(), "Zebra at desk 1".to_owned());
    let printer = Printer { name, title, way, grid: Grid::of_dpi(203), label };
    Printers::new(vec![printer], Patience::default())
}

async fn listening() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    (listener, address)
}

/// Who waits for what never comes need not wait long.
fn hasty(printers: Printers) -> Printers {
    let short = Duration::from_millis(50);
    let patience = Patience { take: short, ..Patience::default() };
    Printers::new(printers.list().cloned().collect(), patience)
}

fn zpl(address: String, answers: bool) -> Printers {
    printers(Way::ZplTcp { address, answers })
}

/// Plays a printer that gives these answers, one to each question; what it got in the end.
fn answering(listener: TcpListener, answers: Vec<&'static [u8]>) -> tokio::task::JoinHandle<String> {
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut got = Vec::new();
        let mut answers = answers.into_iter();
        let mut answered = 0;
        while stream.read_buf(&mut got).await.unwrap_or(0) > 0 {
            let asked = got.windows(ASK.len()).filter(|window| *window == ASK).count();
            while answered < asked {
                answered += 1;
                match answers.next() {
                    Some(answer) => stream.write_all(answer).await.unwrap(),
                    None => return String::from_utf8(got).unwrap(),
                }
            }
        }
        String::from_utf8(got).unwrap()
    })
}

#[tokio::test]
async fn a_job_is_printed_when_the_printer_says_so() {
    let (listener, address) = listening().await;
    let printer = answering(listener, vec![READY, READY]);
    assert_eq!(zpl(address, true).print("zebra", JOB.to_owned()).await, Ok(Printed::Confirmed));
    assert_eq!(printer.await.unwrap(), format!("~HS{JOB}~HS"));
}

#[tokio::test]
async fn a_printer_that_cannot_answer_is_sent_the_job_alone() {
    let (listener, address) = listening().await;
    let printer = answering(listener, Vec::new());
    assert_eq!(zpl(address, false).print("zebra", JOB.to_owned()).await, Ok(Printed::Sent));
    assert_eq!(printer.await.unwrap(), JOB);
}

#[tokio::test]
async fn a_printer_without_labels_gets_no_job() {
    let (listener, address) = listening().await;
    let printer = answering(listener, vec![PAPER_OUT]);
    let why = zpl(address, true).print("zebra", JOB.to_owned()).await.unwrap_err();
    let expect = "Zebra at desk 1 cannot print: it has no labels; put in a roll; then print again";
    assert_eq!(why.to_string(), expect);
    assert_eq!(printer.await.unwrap(), "~HS");
}

#[tokio::test]
async fn a_printer_that_is_off_is_told_as_that() {
    let (listener, address) = listening().await;
    drop(listener);
    let why = zpl(address, true).print("zebra", JOB.to_owned()).await.unwrap_err();
    let expect = "Zebra at desk 1 cannot be reached (it refuses the connection); is it off, or its cable out? \
                  Switch it on and print again";
    assert_eq!(why.to_string(), expect);
}

#[tokio::test]
async fn a_printer_that_hangs_up_in_the_middle_is_told_as_that() {
    let (listener, address) = listening().await;
    // It answers the first question, and hangs up at the second.
    let printer = answering(listener, vec![READY]);
    let why = zpl(address, true).print("zebra", JOB.to_owned()).await.unwrap_err();
    assert!(matches!(why, PrintError::Broken { .. }), "{why}");
    assert!(why.to_string().contains("look which labels came out"), "{why}");
    assert_eq!(printer.await.unwrap(), format!("~HS{JOB}~HS"));
}

#[tokio::test]
async fn a_printer_that_accepts_and_says_nothing_gets_no_job() {
    let (listener, address) = listening().await;
    let printers = hasty(zpl(address, true));
    let printing = tokio::spawn(async move { printers.print("zebra", JOB.to_owned()).await });
    let (mut stream, _) = listener.accept().await.unwrap();
    let why = printing.await.unwrap().unwrap_err();
    assert_eq!(why, PrintError::Silent("Zebra at desk 1".to_owned()));
    let mut got = String::new();
    stream.read_to_string(&mut got).await.unwrap();
    assert_eq!(got, "~HS");
}

#[tokio::test]
async fn a_printer_that_accepts_and_never_reads_is_given_up() {
    let (listener, address) = listening().await;
    let printers = hasty(zpl(address, false));
    // More than all buffers between the two take.
    let job = "^XA^XZ\n".repeat(8 << 20);
    let printing = tokio::spawn(async move { printers.print("zebra", job).await });
    let _held = listener.accept().await.unwrap();
    let why = printing.await.unwrap().unwrap_err().to_string();
    assert!(why.contains("stopped in the middle (nothing more in 50ms)"), "{why}");
}

#[tokio::test]
async fn one_job_at_a_time() {
    let (listener, address) = listening().await;
    let printers = zpl(address, false);
    let (go_on, waiting) = oneshot::channel::<()>();
    let printer = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        waiting.await.unwrap();
        let mut got = String::new();
        stream.read_to_string(&mut got).await.unwrap();
    });
    // Large enough that it is not swallowed by buffers while the printer waits.
    let first = printers.clone();
    let first = tokio::spawn(async move { first.print("zebra", "^XA^XZ\n".repeat(8 << 20)).await });
    while printers.0[0].busy.try_lock().is_ok() {
        tokio::task::yield_now().await;
    }
    let second = printers.print("zebra", JOB.to_owned()).await;
    assert_eq!(second, Err(PrintError::Busy("Zebra at desk 1".to_owned())));
    go_on.send(()).unwrap();
    assert_eq!(first.await.unwrap(), Ok(Printed::Sent));
    printer.await.unwrap();
    assert_eq!(printers.print("other", JOB.to_owned()).await, Err(PrintError::NoSuchPrinter));
}

/// A program that stands in for `lp`: shell, with its directory as `$D`.
fn lp(dir: &Path, script: &str) -> Printers {
    let program = dir.join("lp");
    std::fs::write(&program, format!("#!/bin/sh\nD={}\n{script}\n", dir.display())).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    printers(Way::Lp { program, queue: "zebra-1".to_owned() })
}

#[tokio::test]
async fn a_queue_gets_the_job_as_it_is_and_says_why_not() {
    let dir = tempfile::tempdir().unwrap();
    let printers = lp(dir.path(), "echo \"$*\" >$D/arguments; cat >$D/job");
    assert_eq!(printers.print("zebra", JOB.to_owned()).await, Ok(Printed::Queued));
    let read = |name: &str| std::fs::read_to_string(dir.path().join(name)).unwrap();
    assert_eq!(
        (read("arguments").trim(), read("job").as_str()),
        ("-d zebra-1 -o raw -t Outguide labels", JOB)
    );

    // In one test: a program that another test's child still has open cannot be started.
    let dir = tempfile::tempdir().unwrap();
    let printers = lp(dir.path(), "echo 'lp: The printer or class does not exist.' >&2; exit 1");
    let why = printers.print("zebra", JOB.to_owned()).await.unwrap_err().to_string();
    let expect =
        "Zebra at desk 1 did not take it (lp: The printer or class does not exist.); tell the administrator";
    assert_eq!(why, expect);
    let missing = printers_without_lp().print("zebra", JOB.to_owned()).await.unwrap_err().to_string();
    assert!(missing.contains("(/nowhere/lp: there is no such file or directory)"), "{missing}");
}

fn printers_without_lp() -> Printers {
    printers(Way::Lp { program: "/nowhere/lp".into(), queue: "zebra-1".to_owned() })
}

#[tokio::test]
async fn files_are_whole_and_never_written_over() {
    let dir = tempfile::tempdir().unwrap();
    let directory = dir.path().to_owned();
    let printers = printers(Way::File { directory: directory.clone() });
    for job in ["one", "two"] {
        assert_eq!(printers.print("zebra", job.to_owned()).await, Ok(Printed::Filed));
    }
    let mut names: Vec<_> =
        std::fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["labels-000001.zpl", "labels-000002.zpl"]);
    assert_eq!(std::fs::read_to_string(directory.join("labels-000002.zpl")).unwrap(), "two");
    drop(dir);
    let why = printers.print("zebra", JOB.to_owned()).await.unwrap_err().to_string();
    assert!(why.contains("did not take it (there is no such file or directory)"), "{why}");
}
