//! PRINT LABEL: after the scan is on disk, beside it, and never in its way.

use crate::room::Room;
use outguide::paper::{Grid, LabelSize};
use outguide::printer::{Printer, Way};
use outguide::tracking::{Command, Verdict, VolumeId};
use std::path::Path;
use std::time::Duration;

fn printer(directory: &Path) -> Printer {
    Printer {
        name: "zebra".to_owned(),
        title: "Zebra at the clinic".to_owned(),
        way: Way::File { directory: directory.to_owned() },
        grid: Grid::of_dpi(203),
        label: LabelSize { width_um: 57_000, height_um: 32_000 },
    }
}

/// Asks for V1's label and waits for what the page says of it.
async fn ask(room: &Room, is_done: impl Fn(&str) -> bool) -> String {
    assert_eq!(room.scan("clinic", &Command::PrintLabel.key()).await, Some(Verdict::Ready));
    assert_eq!(room.scan("clinic", "V1").await, Some(Verdict::Ready));
    for _ in 0..500 {
        let page = room.page("/stations/clinic").await;
        if is_done(&page) {
            return page;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{}", room.page("/stations/clinic").await)
}

#[tokio::test]
async fn the_label_comes_out_of_the_printer_of_the_station_and_the_chart_stays() {
    let room = Room::new(&[("12-34-56", "V1")]).await;
    let directory = tempfile::tempdir().unwrap();
    let files = || std::fs::read_dir(directory.path()).unwrap().count();
    room.set_label_printer(printer(directory.path())).await;
    ask(&room, |_| directory.path().join("labels-000001.zpl").exists()).await;
    let job = std::fs::read_to_string(directory.path().join("labels-000001.zpl")).unwrap();
    assert!(job.contains("V1") && files() == 1, "{job}");
    assert!(room.app.store.history(VolumeId(1), None).await.unwrap().unwrap().movements.is_empty());
    // A label that was typed because it does not read: one click.
    let page = room.page("/stations/clinic/keyed?scan=2").await;
    assert!(page.contains("value=\"printer:zebra\"") && page.contains("action=\"/labels\""), "{page}");
    assert_eq!(room.scan("clinic", "V1").await, Some(Verdict::Moved));
}

#[tokio::test]
async fn a_printer_that_fails_is_told_on_the_page_until_one_works() {
    let room = Room::new(&[("12-34-56", "V1")]).await;
    let directory = tempfile::tempdir().unwrap();
    let tray = directory.path().join("tray");
    room.set_label_printer(printer(&tray)).await;
    let page = ask(&room, |page| page.contains("Label not printed")).await;
    assert!(page.contains("there is no such file or directory"), "{page}");
    assert!(page.contains("a new label is being printed"), "the scan is on record: {page}");
    std::fs::create_dir(&tray).unwrap();
    let page = ask(&room, |page| !page.contains("Label not printed")).await;
    assert!(tray.join("labels-000001.zpl").exists(), "{page}");
}

#[tokio::test]
async fn a_station_without_a_printer_says_so() {
    let room = Room::new(&[("12-34-56", "V1")]).await;
    assert_eq!(room.scan("clinic", &Command::PrintLabel.key()).await, Some(Verdict::Refused));
    assert!(room.page("/stations/clinic").await.contains("no label printer"));
    assert_eq!(room.scan("clinic", "V1").await, Some(Verdict::Moved));
}
