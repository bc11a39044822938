//! Lists that are taken into a database that people work with.

use super::*;

#[tokio::test]
async fn an_import_twice_changes_nothing_and_bad_lines_name_their_reason() {
    let room = Room::new();
    let mut importer = Importer::open(&room.place(), room.clock.now(), false).unwrap();
    assert_eq!(importer.chart(&chart("1", "V1")).unwrap(), Ok(Effect::Unchanged), "00-00-01 is 1");
    assert_eq!(importer.chart(&chart("1", "W1")).unwrap(), Ok(Effect::Changed), "a new label");
    let reason = importer.chart(&chart("555", "V1")).unwrap().unwrap_err();
    assert!(reason.contains("on another chart"), "the old label still belongs to chart 1: {reason}");
    let lost = ChartLine { home: "ATTIC".into(), ..chart("556", "V556") };
    assert!(importer.chart(&lost).unwrap().unwrap_err().contains("ATTIC is not on file"));
    importer.parent("CLIN", "FILE").unwrap().unwrap();
    assert!(importer.parent("FILE", "CLIN").unwrap().unwrap_err().contains("cannot be part of"));
    let there = ChartLine { at: Some("CLIN".into()), ..chart("600", "V600") };
    assert_eq!(importer.chart(&there).unwrap(), Ok(Effect::Added));
    importer.finish("one more").unwrap();
    assert_eq!(room.findings(), [""; 0]);
    let open = room.open().await;
    assert_eq!(open.whereabouts("V1").await, "FILE");
    assert_eq!(open.whereabouts("W1").await, "FILE");
    assert_eq!(open.whereabouts("V600").await, "CLIN");
    let counts: Vec<_> =
        open.store.custodians().await.unwrap().into_iter().map(|c| (c.visiting, c.at_home, c.away)).collect();
    assert_eq!(counts, [(1, 0, 0), (0, 9, 1)], "CLIN, FILE");
    open.close();
}

#[tokio::test]
async fn a_list_does_not_move_a_chart_that_was_scanned_since_the_last_list() {
    let room = Room::new();
    let open = room.open().await;
    assert_eq!(open.verdict("clinic", "V1").await, Verdict::Moved);
    open.close();
    let mut importer = Importer::open(&room.place(), room.clock.now(), false).unwrap();
    let at_home =
        |label: &str| ChartLine { at: Some("FILE".into()), ..chart(&label.replace('V', ""), label) };
    assert_eq!(importer.chart(&at_home("V1")).unwrap(), Ok(Effect::Unchanged));
    assert_eq!(importer.chart(&at_home("V2")).unwrap(), Ok(Effect::Unchanged));
    assert_eq!(importer.outranked(), 1);
    importer.finish("locations").unwrap();
    let open = room.open().await;
    assert_eq!(open.whereabouts("V1").await, "CLIN");
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}

#[tokio::test]
async fn a_dry_run_leaves_nothing_behind() {
    let room = Room::new();
    let mut importer = Importer::open(&room.place(), room.clock.now(), true).unwrap();
    assert_eq!(importer.chart(&chart("700", "V700")).unwrap(), Ok(Effect::Added));
    importer.checkpoint().unwrap();
    importer.finish("never written").unwrap();
    let open = room.open().await;
    assert!(open.store.locate(Locate { label: Some("V700".into()), mrn: None }).await.unwrap().is_empty());
    open.close();
}
