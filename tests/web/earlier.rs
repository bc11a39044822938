//! What was written on paper is entered later: looked at first, recorded whole or not at all, with both times.

use crate::room::{Answer, Room};
use axum::http::StatusCode;
use outguide::tracking::grammar::MovementKind;
use outguide::tracking::{ChartId, Entry, Verdict, VolumeId};
use std::time::Duration;

const CHARTS: &[(&str, &str)] = &[("12-34-56", "V1"), ("12-34-57", "V2"), ("12-34-58", "V3")];

/// The charts came on file in the morning of 22 November; five hours later somebody sits down with the paper.
async fn room() -> Room {
    let room = Room::new(CHARTS).await;
    room.app.clock.advance(Duration::from_hours(5));
    room
}

/// What is filled in: time, station, what was done, place, labels.
type Paper<'a> = (&'a str, &'a str, &'a str, &'a str, &'a str);

fn fields<'a>((at, station, done, place, lines): Paper<'a>) -> Vec<(&'a str, &'a str)> {
    vec![("at", at), ("station", station), ("done", done), ("place", place), ("lines", lines)]
}

async fn look(room: &Room, paper: Paper<'_>) -> Answer {
    room.post("/earlier", &fields(paper)).await
}

async fn record(room: &Room, paper: Paper<'_>) -> Answer {
    let id = room.app.intake.new_id().to_string();
    let mut fields = fields(paper);
    fields.extend([("id", id.as_str()), ("record", "yes")]);
    let first = room.post("/earlier", &fields).await;
    let again = room.post("/earlier", &fields).await;
    assert_eq!((first.status, first.location()), (again.status, again.location()), "sent twice");
    first
}

async fn at(room: &Room, chart: i64) -> String {
    room.app.store.chart(ChartId(chart)).await.unwrap().unwrap().volumes[0].at.code.clone()
}

/// What history has of a volume, newest first: kind, from, to, when, whether it came late.
async fn history(room: &Room, volume: i64) -> Vec<(MovementKind, String, String, String, bool)> {
    let page = room.app.store.history(VolumeId(volume), None).await.unwrap().unwrap();
    let row = |step: outguide::store::MovementView| {
        (step.kind, step.from, step.to, step.scanned_at.to_string(), step.late)
    };
    page.movements.into_iter().map(row).collect()
}

const TO_CLINIC: Paper<'_> = ("2026-11-22T12:00", "desk", "went", "2", "V1\n 123457 \n\n");

#[tokio::test]
async fn it_is_looked_at_first_and_then_recorded_with_both_times() {
    let room = room().await;
    let looked = look(&room, TO_CLINIC).await;
    assert_eq!(looked.status, StatusCode::OK, "{}", looked.body);
    assert_eq!(looked.body.matches("File area A → Cardiology").count(), 2, "{}", looked.body);
    assert!(looked.body.contains("Record 2"), "{}", looked.body);
    assert_eq!((at(&room, 1).await, history(&room, 1).await.len()), ("FILE".into(), 0), "only looked at");
    let done = record(&room, TO_CLINIC).await;
    assert_eq!(done.location(), "/earlier?station=desk&first=1&last=2");
    assert!(room.page(done.location()).await.contains("2 recorded"));
    assert_eq!([at(&room, 1).await, at(&room, 2).await, at(&room, 3).await], ["CLIN", "CLIN", "FILE"]);
    let page = room.app.store.history(VolumeId(1), None).await.unwrap().unwrap();
    let [step] = page.movements.as_slice() else { panic!("{page:?}") };
    assert_eq!((step.kind, step.entry), (MovementKind::Dispatched, Entry::Keyed));
    let times = [step.scanned_at, step.recorded_at].map(|at| at.to_string());
    assert_eq!(times, ["2026-11-22T11:00:00Z", "2026-11-22T14:42:00Z"]);
}

#[tokio::test]
async fn at_a_desk_too_and_its_batch_goes_on_as_if_nothing_had_been() {
    let room = room().await;
    room.make_desk().await;
    // The desk's own late scan is refused: nobody knows what it was doing then. The paper says it.
    for (done, place, kind, to) in [
        ("went", "2", MovementKind::ChargedOut, "Cardiology"),
        ("refiled", "", MovementKind::Refiled, "File area A"),
        ("came", "", MovementKind::Received, "File area A"),
        ("seen", "2", MovementKind::Sighted, "Cardiology"),
    ] {
        room.scan("clinic", "V2").await;
        record(&room, ("2026-11-22T12:00", "desk", done, place, "V2")).await;
        let (newest, _, at, _, late) = history(&room, 2).await.remove(0);
        assert_eq!((newest, at.as_str(), late), (kind, to, true), "{done}");
    }
    assert_eq!(room.scan("desk", "V3").await, Some(Verdict::Waiting), "the desk is at rest");
    let board = room.page("/stations/desk").await;
    assert!(!board.contains("in this batch"), "{board}");
}

#[tokio::test]
async fn what_moved_since_stays_where_it_is_and_history_says_who_had_it_then() {
    let room = room().await;
    room.scan("clinic", "V1").await;
    let paper = ("2026-11-22T12:00", "desk", "went", "3", "V1");
    assert!(look(&room, paper).await.body.contains("has been scanned elsewhere since"));
    record(&room, paper).await;
    assert_eq!(at(&room, 1).await, "CLIN");
    let newest = history(&room, 1).await.remove(0);
    assert_eq!((newest.0, newest.1.as_str(), newest.4), (MovementKind::ChargedOut, "File area A", true));
    assert_eq!(newest.3, "2026-11-22T11:00:00Z");
}

#[tokio::test]
async fn one_bad_line_is_told_and_nothing_of_the_form_is_recorded() {
    let room = room().await;
    for (lines, why) in [
        ("V1\nV77", "no chart has this label"),
        ("V1\nV2\nV1", "stands on a line before"),
        ("V1\n5012345678900", "product"),
        ("V1\n]C0", "nothing in it"),
    ] {
        for answer in [
            look(&room, ("2026-11-22T12:00", "desk", "went", "2", lines)).await,
            record(&room, ("2026-11-22T12:00", "desk", "went", "2", lines)).await,
        ] {
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(answer.body.contains(why), "{lines}: {}", answer.body);
        }
    }
    assert_eq!((at(&room, 1).await, history(&room, 1).await.len()), ("FILE".into(), 0));
    assert!(room.app.store.work_items().await.unwrap().is_empty());
    assert!(room.page("/stations/desk").await.contains("Nothing was scanned here yet"));
}

#[tokio::test]
async fn times_that_cannot_be_are_refused() {
    let room = room().await;
    for (time, why) in [
        ("2026-11-22T15:43", "still to come"),
        ("2026-11-22T10:41", "came on file after that time"),
        ("2026-03-29T02:30", "it never was"),
        ("2026-10-25T02:30", "came twice"),
        ("noon", "cannot be read"),
    ] {
        let answer = look(&room, (time, "desk", "came", "", "V1")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains(why), "{time}: {}", answer.body);
    }
    let asked = look(&room, ("2026-10-25T02:30", "desk", "came", "", "V1")).await;
    assert!(asked.body.contains("(CEST), before") && asked.body.contains("(CET), after"), "{}", asked.body);
    for (paper, why) in [
        (("2026-11-22T12:00", "desk", "went", "", "V1"), "no place was chosen"),
        (("2026-11-22T12:00", "nowhere", "came", "", "V1"), "no station was chosen"),
        (("2026-11-22T12:00", "desk", "came", "", " \n"), "no label was written"),
    ] {
        assert!(look(&room, paper).await.body.contains(why), "{why}");
    }
}
