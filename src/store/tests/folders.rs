//! New volumes, temporary charts, and labels that are worn, replaced or foreign.

use super::merges::{mrn, refusal};
use super::*;
use crate::tracking::combining::Against;
use crate::tracking::{ChartId, CustodianId, WorkItemId};

const A: ChartId = ChartId(1);
const FILE: CustodianId = CustodianId(1);
const CLIN: CustodianId = CustodianId(2);

fn stock(key: &str) -> NewLabel {
    NewLabel::Stock(key.into())
}

async fn begin(
    open: &Open,
    chart: ChartId,
    at: CustodianId,
    label: NewLabel,
) -> Result<VolumeId, Unchanged<Against>> {
    let begun = open.store.begin_volumes(chart, at, vec![label], None).await?;
    Ok(begun[0])
}

#[tokio::test]
async fn several_volumes_are_begun_or_none() {
    let room = Room::new();
    let open = room.open().await;
    let labels = ["V500", "V501", "V2"].map(stock);
    let begun = open.store.begin_volumes(A, CLIN, labels.clone().into(), None).await;
    assert_eq!(refusal(begun), Err(Against::LabelTaken), "V2 is on another folder");
    assert_eq!(open.store.chart(A).await.unwrap().unwrap().volumes.len(), 1, "nothing was begun");
    let begun = open.store.begin_volumes(A, CLIN, labels[..2].into(), None).await.unwrap();
    let numbers = open.store.chart(A).await.unwrap().unwrap().volumes;
    assert_eq!(numbers.iter().map(|volume| volume.number).collect::<Vec<_>>(), [1, 2, 3], "{begun:?}");
    assert_eq!(open.whereabouts("V501").await, "CLIN");
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}

#[tokio::test]
async fn the_next_volume_is_where_it_was_begun_and_belongs_with_the_others() {
    let room = Room::new();
    let open = room.open().await;
    let second = begin(&open, A, CLIN, stock("V500")).await.unwrap();
    let third = begin(&open, A, FILE, NewLabel::Own).await.unwrap();
    let views = [second, third].map(|id| (id, open.store.volume(id)));
    for ((id, view), (number, at)) in views.into_iter().zip([(2, "CLIN"), (3, "FILE")]) {
        let view = view.await.unwrap().unwrap();
        assert_eq!(
            (view.number, view.at.code.as_str(), view.home.code.as_str()),
            (number, at, "FILE"),
            "{id}"
        );
    }
    // V11 with a check character: nobody has it.
    let own = open.store.volume(third).await.unwrap().unwrap().label;
    assert_eq!(own, LabelKind::Volume.own_key(11));
    assert_eq!(open.told("desk", "V500").await, "");
    assert_eq!(open.whereabouts(&own).await, "FILE");
    for (chart, at, label, expect) in [
        (A, CLIN, "V2", Against::LabelTaken),
        (A, CustodianId(99), "V501", Against::NoSuchCustodian),
        (ChartId(99), CLIN, "V501", Against::NoSuchChart),
    ] {
        assert_eq!(refusal(begin(&open, chart, at, stock(label)).await), Err(expect));
    }
    assert_eq!(open.steps(A).await, ["volume-begun", "volume-begun"]);
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}

#[tokio::test]
async fn labels_of_outguides_own_go_on_where_a_list_has_numbered_otherwise() {
    let room = Room::new();
    for number in [10, 11, 12] {
        let key = LabelKind::Volume.own_key(number);
        room.sql(&format!("insert into label values ('volume', '{key}', 1, 0)"));
    }
    let open = room.open().await;
    let volume = begin(&open, A, CLIN, NewLabel::Own).await.unwrap();
    assert_eq!(volume.0, 10);
    assert_eq!(open.store.volume(volume).await.unwrap().unwrap().label, LabelKind::Volume.own_key(14));
    open.close();
}

#[tokio::test]
async fn a_temporary_chart_stands_in_until_it_is_united() {
    let room = Room::new();
    let open = room.open().await;
    let (temporary, volume) = open.store.make_temporary(A, CLIN, stock("V900"), None).await.unwrap();
    assert_eq!(open.located("T-00-00-01").await, [(temporary.0, 1, "V900".to_owned())]);
    assert_eq!(open.whereabouts("V900").await, "CLIN");
    for (station, key) in [("desk", "V900"), ("clinic", "V1")] {
        let why = open.told(station, key).await;
        assert!(why.contains("unite the two"), "{key}: {why}");
    }
    for (done, expect) in [
        (open.store.make_temporary(A, CLIN, stock("V901"), None).await.map(drop), Against::HasTemporary),
        (
            open.store.make_temporary(temporary, CLIN, stock("V901"), None).await.map(drop),
            Against::TemporaryChart,
        ),
        (open.store.merge_number(ChartId(2), mrn("T-1"), None).await.map(drop), Against::NoSuchNumber),
        (
            open.store.merge_number(ChartId(2), mrn("T-00-00-01"), None).await.map(drop),
            Against::TemporaryNumber,
        ),
        (open.store.merge_number(temporary, mrn("2"), None).await.map(drop), Against::TemporaryChart),
        (open.store.unite(A, VolumeId(1), None).await, Against::NotTemporary),
        (open.store.unite(temporary, VolumeId(2), None).await, Against::IntoElsewhere),
    ] {
        assert_eq!(refusal(done), Err(expect));
    }
    open.store.unite(temporary, VolumeId(1), None).await.unwrap();
    assert_eq!(open.located("T-00-00-01").await, [(1, 1, "V1".to_owned())]);
    assert_eq!(refusal(open.store.unite(temporary, VolumeId(1), None).await), Err(Against::NotTemporary));
    assert_eq!(open.told("desk", "V900").await, "");
    assert_eq!(open.whereabouts("V1").await, "FILE");
    assert_eq!(open.store.chart(temporary).await.unwrap().unwrap().volumes, []);
    assert_eq!(open.store.volume(volume).await.unwrap().unwrap().missing_since, None);
    assert_eq!(open.steps(A).await, ["sheets-moved", "united", "temporary-made"]);
    assert_eq!(open.steps(temporary).await, ["united", "temporary-made"]);
    // Another one, later, has a number of its own.
    let (second, _) = open.store.make_temporary(A, CLIN, stock("V902"), None).await.unwrap();
    assert_eq!(open.located("T2-00-00-01").await, [(second.0, 1, "V902".to_owned())]);
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}

#[tokio::test]
async fn an_old_list_does_not_bring_a_united_temporary_chart_back() {
    let room = Room::new();
    let open = room.open().await;
    let (temporary, _) = open.store.make_temporary(A, CLIN, stock("V900"), None).await.unwrap();
    open.store.unite(temporary, VolumeId(1), None).await.unwrap();
    open.close();
    let mut importer = Importer::open(&room.place(), room.clock.now(), false).unwrap();
    assert_eq!(importer.chart(&chart("T-00-00-01", "V900")).unwrap(), Ok(Effect::Unchanged));
    let stands_in = importer.stand_in(&mrn("T-00-00-01"), "medical", &mrn("1")).unwrap();
    assert_eq!(stands_in, Ok(Effect::Unchanged));
    importer.finish("again").unwrap();
    let open = room.open().await;
    assert_eq!(open.told("clinic", "V1").await, "");
    open.close();
}

#[tokio::test]
async fn a_temporary_chart_goes_with_a_merge_and_back() {
    let room = Room::new();
    let open = room.open().await;
    let b = ChartId(2);
    let (temporary, _) = open.store.make_temporary(b, CLIN, stock("V900"), None).await.unwrap();
    let real = async || {
        let affairs = open.store.chart_affairs(temporary).await.unwrap().unwrap();
        affairs.temporary_for.unwrap().chart
    };
    open.store.merge_number(A, mrn("2"), None).await.unwrap();
    assert_eq!(real().await, A);
    for key in ["V1", "V2", "V900"] {
        let why = open.told("clinic", key).await + &open.told("desk", key).await;
        assert!(why.contains("unite the two"), "{key}: {why}");
    }
    open.store.undo_merge(crate::tracking::MergeId(1), None).await.unwrap();
    assert_eq!(real().await, b);
    // United with the folder of a merge that is undone, it stays with that folder.
    open.store.merge_number(A, mrn("2"), None).await.unwrap();
    open.store.unite(temporary, VolumeId(2), None).await.unwrap();
    assert_eq!(open.located("T-00-00-02").await.len(), 2);
    open.clock.advance(Duration::from_secs(1));
    open.store.undo_merge(crate::tracking::MergeId(2), None).await.unwrap();
    assert_eq!(open.located("T-00-00-02").await, [(2, 1, "V2".to_owned())]);
    assert_eq!(refusal(open.store.undo_merge(crate::tracking::MergeId(3), None).await), Err(Against::United));
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}

#[tokio::test]
async fn nothing_is_united_with_a_folder_that_is_missing() {
    let room = Room::new();
    room.sql("update volume set missing_since_us = 1 where volume_id = 1");
    let open = room.open().await;
    let (temporary, _) = open.store.make_temporary(A, CLIN, stock("V900"), None).await.unwrap();
    assert_eq!(refusal(open.store.unite(temporary, VolumeId(1), None).await), Err(Against::IntoMissing));
    open.close();
}

#[tokio::test]
async fn a_worn_label_is_told_until_it_is_replaced_and_the_old_one_means_the_folder_for_ever() {
    let room = Room::new();
    let open = room.open().await;
    let volume = VolumeId(1);
    open.store.label_is_worn(volume, None).await.unwrap();
    open.store.label_is_worn(volume, None).await.unwrap();
    assert!(open.told("clinic", "V1").await.contains("label is worn"));
    open.store.label_is_good(volume, None).await.unwrap();
    assert_eq!(open.told("desk", "V1").await, "");
    open.store.label_is_worn(volume, None).await.unwrap();
    let key = open.store.replace_label(volume, stock("V700"), None).await.unwrap();
    assert_eq!(key, "V700");
    assert_eq!(open.told("clinic", "V1").await, "");
    assert_eq!(open.whereabouts("V700").await, "CLIN");
    let own = open.store.replace_label(volume, NewLabel::Own, None).await.unwrap();
    assert_eq!(open.store.volume(volume).await.unwrap().unwrap().label, own);
    for (label, expect) in [("V700", Against::LabelKnown), ("V2", Against::LabelTaken)] {
        assert_eq!(refusal(open.store.replace_label(volume, stock(label), None).await), Err(expect));
    }
    let steps = ["label-replaced", "label-replaced", "label-worn", "label-good", "label-worn"];
    assert_eq!(open.steps(A).await, steps);
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}

#[tokio::test]
async fn an_unknown_label_is_put_on_file_from_the_work_list() {
    let room = Room::new();
    let open = room.open().await;
    assert_eq!(open.verdict("clinic", "V77").await, Verdict::Unknown);
    let item = open.store.work_items().await.unwrap()[0].id;
    assert_eq!(
        refusal(open.store.label_is_of(WorkItemId(99), VolumeId(1), None).await),
        Err(Against::ItemClosed)
    );
    assert_eq!(refusal(open.store.label_is_of(item, VolumeId(99), None).await), Err(Against::NoSuchVolume));
    open.store.label_is_of(item, VolumeId(1), None).await.unwrap();
    assert_eq!(open.store.work_items().await.unwrap(), []);
    open.clock.advance(Duration::from_secs(60));
    assert_eq!(open.verdict("clinic", "V77").await, Verdict::Moved);
    assert_eq!(open.whereabouts("V1").await, "CLIN");
    assert_eq!(open.store.volume(VolumeId(1)).await.unwrap().unwrap().label, "V1");
    assert_eq!(refusal(open.store.label_is_of(item, VolumeId(1), None).await), Err(Against::ItemClosed));
    // A label from the stock that was scanned before it was on file leaves the list, too.
    open.verdict("clinic", "V78").await;
    begin(&open, A, CLIN, stock("V78")).await.unwrap();
    assert_eq!(open.store.work_items().await.unwrap(), []);
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}
