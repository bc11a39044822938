//! Notices on paper and in files, and a daemon that is killed at every step.

use crate::notices::{LADDER, Story, assert_repeats_are_the_same, room, sql};
use crate::sink::{Mode, Sink};
use jiff::SignedDuration;
use outguide::clock::Clock;
use outguide::import::Kind;
use outguide::notice::{Answer, Given, NoticeId};
use outguide::tracking::VolumeId;
use std::collections::BTreeSet;

#[tokio::test]
async fn answers_and_slips() {
    let mut story = Story::new("2026-11-03T09:00", 2, "");
    story.scan("derm", 1).await;
    story.scan("derm", 2).await;
    story.until("2026-11-09T09:00").await;
    assert_eq!(story.steps().await, ["reminder DERM queued", "late-1 DERM queued"], "no address: slips");
    let slips = story.store.slips(10, 50, false).await.unwrap();
    assert_eq!(slips.iter().map(|slip| slip.charts.len()).collect::<Vec<_>>(), [2, 2]);
    assert_eq!(story.store.slips_printed(NoticeId(2), None).await.unwrap(), 2);
    assert_eq!(story.store.slips_printed(NoticeId(2), None).await.unwrap(), 0);
    let given =
        |volume| Given { volume: VolumeId(volume), answer: Answer::Passed, detail: Some("CARD".into()) };
    let stray = story.store.answer_notice(NoticeId(2), vec![given(1), given(99)], None).await;
    assert!(stray.is_err(), "all or nothing");
    story.store.answer_notice(NoticeId(2), vec![given(1)], Some("ANN".into())).await.unwrap();
    story.until("2026-11-10T09:00").await;
    let late = story.store.notice(NoticeId(3), 50, false).await.unwrap().unwrap();
    assert_eq!(
        (late.line.step.as_str(), late.charts.len()),
        ("late-2", 1),
        "who has it no more is not asked again"
    );
    story.until("2026-11-11T09:00").await;
    let told = story.sink.taken().pop().unwrap();
    assert_eq!(told.to, "sup@example.org");
    assert!(told.body().contains("Answered: passed to CARD"), "{}", told.body());
}

/// The supervisor sees what asking has changed.
#[tokio::test]
async fn the_time_before_the_first_notice_is_told_beside_the_time_since() {
    let mut story = Story::new("2026-11-03T09:00", 3, "");
    assert_eq!(story.store.before_and_since_notices().await.unwrap(), None, "nobody was asked yet");
    story.scan("card", 1).await;
    story.until("2026-11-04T09:00").await;
    story.scan("desk", 1).await;
    story.scan("card", 2).await;
    story.until("2026-11-06T09:00").await;
    assert_eq!(story.steps().await, ["reminder CARD sent"]);
    story.scan("derm", 2).await;
    story.until("2026-11-07T09:00").await;
    story.scan("desk", 2).await;
    story.until("2026-11-08T09:00").await;
    let sides = story.store.before_and_since_notices().await.unwrap().unwrap();
    let before = sides.before.unwrap();
    assert_eq!((before.movements, before.cases, before.hours_to_find), (3, 0, None), "{before:?}");
    assert_eq!(before.days_away, Some(1.0), "one was away for a day");
    assert!((before.days - 3.0).abs() < 0.1, "from the first scan to the first notice: {before:?}");
    let after = sides.after;
    assert_eq!(
        (after.movements, after.days_away),
        (2, Some(3.0)),
        "however many had it meanwhile: {after:?}"
    );
    assert!((after.days - 2.0).abs() < 0.1, "{after:?}");
}

/// A slip that nobody has printed asks for a chart that went back, came again, and is overdue again.
#[tokio::test]
async fn a_chart_that_comes_again_is_asked_for_again() {
    let mut story = Story::new("2026-11-03T09:00", 2, "");
    story.scan("derm", 1).await;
    story.until("2026-11-05T09:00").await;
    assert_eq!(story.steps().await, ["reminder DERM queued"]);
    story.scan("desk", 1).await;
    story.scan("derm", 1).await;
    story.scan("card", 2).await;
    story.until("2026-11-10T09:00").await;
    let steps = story.steps().await;
    assert_eq!(
        steps.iter().filter(|step| *step == "reminder DERM queued").count(),
        2,
        "one for each stay: {steps:?}"
    );
    assert!(steps.iter().any(|step| step == "reminder CARD sent"), "others are asked meanwhile: {steps:?}");
}

#[tokio::test]
async fn files_are_named_by_the_notice_alone() {
    let mut story = Story::new("2026-11-03T09:00", 1, "");
    let directory = story.room.dir.path().join("mail");
    let (_, sender) = story.post.mail.clone().unwrap();
    story.post.mail = Some((outguide::mail::Transport::File(directory.clone()), sender));
    story.scan("card", 1).await;
    story.until("2026-11-05T09:00").await;
    let names: Vec<_> =
        std::fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["notice-1.eml"]);
    let text = std::fs::read_to_string(directory.join("notice-1.eml")).unwrap();
    assert!(text.contains("77-88-00001") && text.contains("To: card@example.org"), "{text}");
}

/// The daemon is killed while the server is at each step of the conversation; then it is started again.
#[test]
fn kill_at_every_step_loses_nothing() {
    let always = "[calendar]\nworking_days = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\"]\n\
                  opens = \"00:00\"\ncloses = \"00:00\"\n";
    let sink = Sink::new();
    let room = room(&sink, LADDER, 1, always);
    room.import(Kind::Charts, "mrn,label,home,location\n77-88-00001,V1,FILE,CARD\n");
    let due = (Clock::system().now() - SignedDuration::from_hours(30)).as_microsecond();
    sql(&room).execute_batch(&format!("update volume set due_at_us = {due}")).unwrap();
    for step in 0..=5 {
        sink.set(Mode::Stuck(step));
        let daemon = room.serve(0);
        sink.wait_stuck();
        daemon.kill();
    }
    sink.set(Mode::Good);
    let mut daemon = room.serve(0);
    daemon.wait_for("notice tried", 1);
    let log = daemon.log();
    assert!(!log.contains("77-88") && !log.contains("Secret") && !log.contains("card@"), "{log}");
    assert!(daemon.stop().success());
    let taken = sink.taken();
    let ids: BTreeSet<_> = taken.iter().map(|message| message.header("Message-ID")).collect();
    assert_eq!((taken.len(), ids.len()), (2, 1), "once before the answer, once for good: {taken:?}");
    assert_repeats_are_the_same(&taken);
    assert_eq!(room.findings().len(), 1, "only the day that the test itself wrote: {:?}", room.findings());
}
