//! A slip that comes back on paper: its bar codes are scanned at any station, and are evidence, not movements.

use crate::notices::Story;
use outguide::label::LabelKind;
use outguide::notice::{Answer, NoticeId};
use outguide::store::{Happened, Moment, NoticeTold, reply_key};
use outguide::tracking::{ChartId, Verdict};

#[tokio::test]
async fn a_slip_is_answered_by_its_bar_codes_and_the_batch_goes_on() {
    let mut story = Story::new("2026-11-03T09:00", 3, "");
    for number in 1..=3 {
        story.scan("derm", number).await;
    }
    story.until("2026-11-05T09:00").await;
    let slip = story.store.slips(10, 50, false).await.unwrap().remove(0);
    let rows: Vec<i64> = slip.charts.iter().map(|chart| chart.row).collect();
    assert_eq!(rows, [1, 2, 3]);
    story.store.slips_printed(NoticeId(1), None).await.unwrap();

    // In the middle of a batch at another station.
    story.scan("card", 3).await;
    let never = reply_key(1, Answer::Never);
    let told = story.read("card", LabelKind::Request, &never).await;
    assert_eq!(told.verdict, Verdict::Ready);
    assert_eq!(told.why.as_deref(), Some("noted: Dermatology says of 77-88-00001: never had it"));
    let passed = reply_key(2, Answer::Passed);
    assert_eq!(story.read("card", LabelKind::Request, &passed).await.movement, None);
    let holder = &story.store.notice(NoticeId(1), 9, false).await.unwrap().unwrap().charts[0].holder;
    assert_eq!(holder, "Dermatology", "only a scan of a chart moves it");

    let notice = story.store.notice(NoticeId(1), 9, false).await.unwrap().unwrap();
    let said: Vec<_> = notice.answers.iter().map(|said| (said.volume.0, said.answer)).collect();
    assert_eq!(said, [(2, Answer::Passed), (1, Answer::Never)]);
    // V3 is at Cardiology by now: what is said of it matters no more.
    let late = story.read("card", LabelKind::Request, &reply_key(3, Answer::Never)).await;
    assert_eq!(late.verdict, Verdict::Refused);
    assert!(late.why.unwrap().contains("scanned elsewhere since"));
    for stray in [reply_key(99, Answer::Never), "RN12X".to_owned()] {
        let told = story.read("card", LabelKind::Request, &stray).await;
        assert_eq!(told.verdict, Verdict::Refused, "{stray}");
    }

    // Who denies to have it is not asked again; whoever is asked next is told.
    story.until("2026-11-11T09:30").await;
    let steps = story.steps().await;
    assert!(!steps.iter().any(|step| step.starts_with("late") && step.contains("DERM")), "{steps:?}");
    let to_supervisor = story.sink.taken().into_iter().find(|mail| mail.to == "sup@example.org").unwrap();
    let body = to_supervisor.body();
    assert!(body.contains("never had it") && body.contains("it was passed on"), "{body}");
    let timeline = story.store.happened(ChartId(1), Moment::END).await.unwrap().entries;
    let is_answer = |what: &Happened| matches!(what, Happened::Noticed(told) if matches!(told.what, NoticeTold::Answered { .. }));
    assert_eq!(timeline.iter().filter(|(_, what)| is_answer(what)).count(), 1, "in the chart's timeline");
    assert_eq!(story.store.notice_of_reply(&never).await.unwrap(), Some(NoticeId(1)));
    assert_eq!(story.room.findings(), [""; 0]);
}
