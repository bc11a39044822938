//! A file area without order, shelf by shelf.

use super::*;

/// FILE has no order and three shelves.
fn free_room() -> Room {
    let room = Room::new();
    room.sql("update custodian set filing_scheme = 'free', kind = 'file-area' where code = 'FILE'");
    for (id, name) in [(11, "2-A"), (12, "10-A"), (13, "10-B")] {
        room.sql(&format!(
            "insert into custodian (custodian_id, code, name, kind, parent_id, created_at_us)
               values ({id}, 'S{id}', '{name}', 'shelf', (select custodian_id from custodian where code = 'FILE'), 0);
             insert into label (kind, key, target_id, created_at_us) values ('custodian', 'S{id}', {id}, 0)"
        ));
    }
    room
}

impl Open {
    async fn shelf(&self, station: &str, key: &str) -> Verdict {
        let sighting = Sighting::Label { kind: LabelKind::Custodian, key: key.into() };
        self.store.record(Scan { sighting, ..self.scan(station, key) }).await.unwrap().verdict
    }

    async fn stands_in(&self, key: &str) -> Option<String> {
        let wanted = Locate { label: Some(key.into()), mrn: None };
        self.store.locate(wanted).await.unwrap()[0].stands_in().map(str::to_owned)
    }
}

#[tokio::test]
async fn a_chart_is_found_where_it_was_put_and_the_shelves_are_in_order() {
    let room = free_room();
    let open = room.open().await;
    for (chart, shelf) in [("V3", "S13"), ("V1", "S12"), ("V2", "S11")] {
        open.verdict("desk", chart).await;
        assert_eq!(open.shelf("desk", shelf).await, Verdict::Ready);
    }
    assert_eq!(open.stands_in("V1").await.as_deref(), Some("10-A"));
    let home = open.store.locate(Locate { label: Some("V1".into()), mrn: None }).await.unwrap()[0].home.id;
    let page = open.store.custodian(home, None).await.unwrap().unwrap();
    let labels: Vec<_> = page.volumes.iter().take(3).map(|volume| volume.label.as_str()).collect();
    assert_eq!(labels, ["V2", "V1", "V3"], "2-A, 10-A, 10-B");
    // Away, and back by UNDO, it stands where it stood; brought home it stands somewhere else.
    open.verdict("clinic", "V1").await;
    assert_eq!(open.stands_in("V1").await, None);
    let undo = crate::tracking::Command::Undo.key();
    let sighting = Sighting::Label { kind: LabelKind::Command, key: undo.clone() };
    open.store.record(Scan { sighting, ..open.scan("clinic", &undo) }).await.unwrap();
    assert_eq!(open.stands_in("V1").await.as_deref(), Some("10-A"));
    open.verdict("clinic", "V1").await;
    open.verdict("desk", "V1").await;
    assert_eq!(open.stands_in("V1").await, None);
    open.close();
    // After a start the shelf is still about the chart before it, unless something came in between.
    let open = Open { count: 100.into(), ..room.open().await };
    assert_eq!(open.shelf("desk", "S11").await, Verdict::Ready);
    assert_eq!(open.stands_in("V1").await.as_deref(), Some("2-A"));
    let misread = Scan { sighting: Sighting::Refused { why: "misread".into() }, ..open.scan("desk", "V?") };
    open.store.record(misread).await.unwrap();
    open.close();
    let open = Open { count: 200.into(), ..room.open().await };
    assert_eq!(open.shelf("desk", "S13").await, Verdict::Refused);
    assert_eq!(open.stands_in("V1").await.as_deref(), Some("2-A"));
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}

#[tokio::test]
async fn shelves_that_go_by_names_follow_what_charts_and_patients_are_called() {
    let room = Room::new();
    let mut importer = Importer::open(&room.place(), room.clock.now(), false).unwrap();
    let filing = Some(crate::tracking::FilingScheme::Alphabetic);
    importer.custodian(&CustodianLine { filing, ..CustodianLine::new("ABC", "By name") }).unwrap().unwrap();
    let line = |mrn: &str, label: &str, volume, name: Option<&str>| ChartLine {
        name: name.map(str::to_owned),
        volume,
        ..ChartLine::new(Mrn::parse(mrn).unwrap(), label, "ABC")
    };
    for line in [
        line("21", "Z1", 1, Some("Zeta, Ann")),
        line("22", "M1", 1, Some("Miller, Bo")),
        // The list has the name only on the first volume's line, or not at all.
        line("21", "Z2", 2, None),
        line("23", "K1", 1, None),
    ] {
        importer.chart(&line).unwrap().unwrap();
    }
    let patient = |mrn: &str, name: &str| PatientLine {
        mrn: Mrn::parse(mrn).unwrap(),
        assigner: String::new(),
        others: Vec::new(),
        name: Some(name.into()),
        born: None,
        inpatient: None,
    };
    importer.patient(&patient("23", "Young, Cy")).unwrap().unwrap();
    importer.finish("names").unwrap();
    assert_eq!(by_name(&room), "M1 K1 Z1 Z2");
    let mut importer = Importer::open(&room.place(), room.clock.now(), false).unwrap();
    importer.patient(&patient("21", "Adams, Ann")).unwrap().unwrap();
    importer.chart(&line("22", "M1", 1, Some("Zoller, Bo"))).unwrap().unwrap();
    importer.finish("other names").unwrap();
    assert_eq!(by_name(&room), "Z1 Z2 K1 M1");
    // A merge gives the survivor a name, and takes it away with it.
    room.sql("update volume set home_id = (select home_id from volume where label = 'M1'), at_id = home_id where label = 'V1'");
    let open = room.open().await;
    let merge =
        open.store.merge_number(crate::tracking::ChartId(1), Mrn::parse("22").unwrap(), None).await.unwrap();
    assert_eq!(by_name(&room), "Z1 Z2 K1 V1 M1");
    open.store.undo_merge(merge, None).await.unwrap();
    assert_eq!(by_name(&room), "Z1 Z2 K1 M1 V1");
    open.close();
}

fn by_name(room: &Room) -> String {
    let sql = "select group_concat(label, ' ') from (select label from volume join custodian on custodian_id = home_id
               where code = 'ABC' order by filing_key)";
    open::scratch(&room.place().db()).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
}
