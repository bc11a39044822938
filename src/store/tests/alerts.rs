//! What matters about a chart, as the database has it.

use super::requests::counter;
use super::*;
use crate::tracking::Command;
use crate::tracking::grammar::StationKind;

/// The desk sorts for the site NORTH with its file room FILE; ANNEX belongs to nobody, and has V2 and V3 at home.
async fn sorting(room: &Room) -> Open {
    let (open, _) = counter(room).await;
    room.sql(
        "insert into custodian (custodian_id, code, name, kind, parent_id, created_at_us)
           values (20, 'NORTH', 'North site', 'site', null, 0), (21, 'AREA', 'North file room', 'file-area', 20, 0),
                  (22, 'ANNEX', 'Annex', 'file-area', null, 0), (23, 'A1', 'A-1', 'shelf', 21, 0);
         update custodian set kind = 'sorting', parent_id = 20 where code = 'FILE';
         update volume set home_id = 21, at_id = 2 where label in ('V1', 'V4');
         update volume set home_id = 22, at_id = 2 where label in ('V2', 'V3');
         update volume set home_id = 23, at_id = 2 where label = 'V5';",
    );
    open.close();
    again(room).await
}

/// The same stations once more, so that the writer knows its places anew.
async fn again(room: &Room) -> Open {
    let mut open = Open { count: 50.into(), ..room.open().await };
    let station = |name: &str, custodian: &str, kind| Station {
        kind,
        idle: Duration::from_secs(120),
        badge_idle: Duration::from_secs(900),
        prints: false,
        name: name.into(),
        title: name.into(),
        custodian: custodian.into(),
        double_read_window: Duration::from_secs(2),
        sources: vec![format!("{name}-scanner")],
    };
    let stations =
        vec![station("desk", "FILE", StationKind::Desk), station("clinic", "CLIN", StationKind::Checkpoint)];
    open.numbered = open.store.set_stations(stations).await.unwrap();
    open
}

#[tokio::test]
async fn a_desk_that_sorts_knows_whose_charts_it_sorts() {
    let room = Room::new();
    let open = sorting(&room).await;
    let at_rest = open.chart("desk", "V2").await;
    assert_eq!(at_rest.0, Verdict::Waiting);
    assert!(at_rest.1.starts_with("wrong file room: it belongs to Annex, send it there; nothing was moved"));
    open.desk_command(Command::CheckIn).await;
    assert_eq!(open.chart("desk", "V1").await.0, Verdict::Moved, "the site's own");
    assert_eq!(open.chart("desk", "V5").await.0, Verdict::Moved, "a shelf of it");
    let wrong = open.chart("desk", "V2").await;
    assert_eq!(wrong, (Verdict::Attention, "wrong file room: it belongs to Annex, send it there".to_owned()));
    let again = open.chart("desk", "V2").await;
    assert_eq!(again.0, Verdict::Look, "and as often as it is scanned: {}", again.1);
    assert!(again.1.ends_with("already in this batch (3 of 3)"), "{}", again.1);
    open.desk_command(Command::Refile).await;
    assert_eq!(open.chart("desk", "V3").await.0, Verdict::Attention, "it stands on no shelf here");
    // A desk that is part of nothing sorts for all.
    room.sql("update custodian set parent_id = null where code = 'FILE'");
    assert_eq!(open.chart("desk", "V4").await.0, Verdict::Moved);
    open.close();
}

#[tokio::test]
async fn what_matters_is_told_on_the_second_read_too_and_after_a_restart() {
    let room = Room::new();
    let (open, _) = counter(&room).await;
    room.sql("update volume set worn_at_us = 1 where label = 'V1'");
    assert_eq!(open.chart("clinic", "V1").await.0, Verdict::Attention);
    let twice = open.scan("clinic", "V1");
    let twice = open.store.record(twice).await.unwrap();
    assert_eq!((twice.verdict, twice.movement), (Verdict::Look, None));
    assert_eq!(twice.why.as_deref(), Some("its label is worn: print a new one"));
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}

#[tokio::test]
async fn each_folder_tells_of_the_others_of_its_chart_that_are_elsewhere() {
    let room = Room::new();
    let mut importer = Importer::open(&room.place(), room.clock.now(), false).unwrap();
    let second = ChartLine { volume: 2, ..chart("00-00-01", "W1") };
    importer.chart(&second).unwrap().unwrap();
    importer.finish("a second folder").unwrap();
    let open = room.open().await;
    assert_eq!(open.told("clinic", "W1").await, "", "the first is at home");
    assert!(open.told("desk", "V1").await.contains("1 more volume is elsewhere"));
    assert!(!open.told("clinic", "V1").await.contains("elsewhere"), "both are here");
    assert!(!open.told("desk", "W1").await.contains("elsewhere"), "they come from one place");
    assert!(open.told("desk", "W1").await.contains("1 more volume is elsewhere"));
    open.close();
}
