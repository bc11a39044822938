//! Notices: the outbox, answering, slips.

use crate::room::Room;
use axum::http::StatusCode;
use outguide::notice::Answer;
use outguide::notice::{Caps, Ladder, Rules, Step, To, When};
use outguide::store::{Mark, reply_key};
use outguide::tracking::Calendar;
use std::sync::Arc;

/// A room in which Cardiology is asked for one chart, by slip.
async fn room() -> Room {
    let room = Room::new(&[("00-12-34", "V1"), ("00-12-35", "V2")]).await;
    ask_for_one(&room).await;
    room
}

/// Hands the first chart to Cardiology, which is asked for it: notice 1.
pub(crate) async fn ask_for_one(room: &Room) {
    let label = room.rows("select key from label where kind = 'volume' and target_id = 1").remove(0);
    room.scan("clinic", &label).await;
    room.sql("update volume set due_at_us = 1 where volume_id = 1");
    let all = jiff::civil::Time::midnight();
    let calendar =
        Calendar::new(jiff::tz::TimeZone::UTC, [true; 7], all, all, std::collections::BTreeSet::new())
            .unwrap();
    let step = Step {
        name: "late".into(),
        when: When::parse("1d after").unwrap(),
        to: To::Holder,
        by_webhook: false,
    };
    let rules = Rules {
        ladder: Ladder::new(vec![step], &calendar).unwrap(),
        calendar,
        quiet: Vec::new(),
        answer_hours: 4,
        needed_ahead: jiff::SignedDuration::from_hours(24),
        caps: Caps::default(),
        has_mail: true,
        takes: outguide::notice::Takes::Nothing,
    };
    assert_eq!(room.app.store.decide_notices(Arc::new(rules), Mark::START).await.unwrap().asked, 1);
}

#[tokio::test]
async fn a_notice_is_listed_printed_and_answered() {
    let room = room().await;
    let list = room.page("/notices").await;
    assert!(
        list.contains("1, late") && list.contains("Cardiology") && list.contains("to be printed"),
        "{list}"
    );
    assert!(!list.contains("00-12-34"), "a list of notices names no chart");
    let slips = room.page("/notices/slips").await;
    assert!(slips.contains("00-12-34") && slips.contains("value=\"1\""), "{slips}");
    assert_eq!(slips.matches("<svg xmlns").count(), 3, "returned, passed, never had it: {slips}");
    let found = room.post("/locate", &[("q", &reply_key(1, Answer::Never))]).await;
    assert_eq!(found.location(), "/notices/1", "a bar code of the slip in the box leads to its page");
    let printed = room.post("/notices/slips", &[("last", "1")]).await;
    assert_eq!(printed.location(), "/notices");
    assert!(room.page("/notices/slips").await.contains("No slip waits"));
    let form = [("answer-1", "passed"), ("detail-1", "  DERM\u{7} "), ("answer-9", ""), ("detail-9", " ")];
    let answered = room.post("/notices/1/answer", &form).await;
    assert_eq!((answered.status, answered.location()), (StatusCode::SEE_OTHER, "/notices/1"));
    let page = room.page("/notices/1").await;
    assert!(page.contains("passed to DERM"), "{page}");
    assert!(room.page("/charts/1").await.contains("Notice 1</a>, late, to Cardiology: printed"));
    assert!(room.page("/charts/1").await.contains("answered: passed to DERM, by"), "who answered what");
    assert!(!page.split("</title>").next().unwrap().contains("00-12"), "no number in titles");
}

#[tokio::test]
async fn a_slip_says_what_its_reader_is_to_do() {
    let room = room().await;
    let slip = room.page("/notices/slips").await;
    assert!(slip.contains("By the record you have this chart, and it is overdue"), "{slip}");
    assert!(!slip.contains(">With</th>") && slip.contains("Never had it"), "the reader has it: {slip}");
    let told = Step {
        name: "late".into(),
        when: When::parse("4d after").unwrap(),
        to: To::Custodian("SUP".into()),
        by_webhook: false,
    };
    let all = jiff::civil::Time::midnight();
    let calendar =
        Calendar::new(jiff::tz::TimeZone::UTC, [true; 7], all, all, std::collections::BTreeSet::new())
            .unwrap();
    {
        let mut site = room.app.site.write().unwrap();
        Arc::get_mut(&mut site).unwrap().notices.ladder = Ladder::new(vec![told], &calendar).unwrap();
    }
    let slip = room.page("/notices/slips").await;
    assert!(slip.contains("The holder was asked for this chart") && !slip.contains("you have"), "{slip}");
    assert!(slip.contains(">With</th>") && slip.contains("<td>Cardiology</td>"), "who has it: {slip}");
    room.sql("update notice set step = 'found'; update notice_volume set step = 'found', settled_at_us = 1");
    let slip = room.page("/notices/slips").await;
    assert!(slip.contains("nobody has to look any more"), "{slip}");
    assert!(!slip.contains("Never had it") && !slip.contains("<svg xmlns"), "nothing is asked: {slip}");
    let page = room.page("/notices/1").await;
    assert!(page.contains("Charts that were found") && !page.contains("name=\"answer-1\""), "{page}");
}

#[tokio::test]
async fn what_is_wrong_with_the_ladder_or_a_text_is_told_on_the_page() {
    let room = room().await;
    {
        let mut site = room.app.site.write().unwrap();
        let notices = &mut Arc::get_mut(&mut site).unwrap().notices;
        notices.problems = vec!["/etc/x/late.txt: line 3".into()];
        notices.recipients = vec!["CLIN".into(), "GONE".into()];
    }
    let page = room.page("/notices").await;
    assert!(page.contains("late.txt: line 3"), "{page}");
    assert!(
        page.contains("It goes to GONE, which is closed or not on file") && !page.contains("goes to CLIN")
    );
    let figures = room.page("/notices/figures").await;
    assert!(figures.contains("Cardiology"), "{figures}");
    assert!(figures.contains("Before the first notice and since"), "{figures}");
    assert!(figures.contains("there is nothing to compare with"), "the room opened a moment ago: {figures}");
}

#[tokio::test]
async fn answers_that_make_no_sense_are_refused() {
    let room = room().await;
    for (form, status) in [
        (&[("answer-1", "eaten")][..], StatusCode::BAD_REQUEST),
        (&[("answer-x", "here")], StatusCode::BAD_REQUEST),
        (&[("answer-2", "here")], StatusCode::CONFLICT),
        (&[("answer-1", "")], StatusCode::CONFLICT),
        (&[("answer-1", ""), ("detail-1", "Dr Lee")], StatusCode::BAD_REQUEST),
        (&[("answer-1", "here"), ("answer-2", "here")], StatusCode::CONFLICT),
    ] {
        assert_eq!(room.post("/notices/1/answer", form).await.status, status, "{form:?}");
    }
    assert!(!room.page("/notices/1").await.contains("<h2>Answers</h2>"), "nothing was kept");
    assert_eq!(room.post("/notices/1/came-back", &[]).await.status, StatusCode::CONFLICT, "it was not sent");
    assert_eq!(room.get("/notices/7").await.status, StatusCode::NOT_FOUND);
}
