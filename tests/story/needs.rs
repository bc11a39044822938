//! Charts that somebody else needs: who has one is asked at once, through the same outbox as the ladder's notices.

use crate::notices::{Story, local};
use crate::sink::Mode;
use outguide::notice::NoticeId;
use outguide::store::{NewRequest, PageStep, Volumes, Whose};
use outguide::tracking::request::{Channel, Priority, RequestStep};
use outguide::tracking::{CustodianId, RequestId, VolumeId};

impl Story {
    /// A request for a volume, needed by somebody (4: Dermatology) at a time.
    async fn wish(&self, volume: i64, to: i64, needed: &str) -> RequestId {
        let wish = NewRequest {
            volumes: Volumes::One(VolumeId(volume)),
            to: CustodianId(to),
            needed_at: local(needed),
            channel: Channel::Staff,
            requester: "Dr Lee".into(),
            requester_id: None,
            purpose: "visit".into(),
            comment: String::new(),
            priority: Priority::Routine,
            form: None,
            actor: None,
        };
        self.store.ask(wish).await.unwrap().requests[0]
    }

    async fn cancel(&self, request: RequestId) {
        let step = PageStep {
            request,
            step: RequestStep::Cancelled,
            why: Some("moved".into()),
            seen_steps: None,
            whose: Whose::Anybodys,
            actor: None,
        };
        self.store.step_request(step).await.unwrap();
    }
}

#[tokio::test]
async fn a_recall_asks_the_holder_at_once_and_once() {
    let mut story = Story::new("2026-11-08T03:00", 1, "");
    story.scan("card", 1).await;
    let wish = story.wish(1, 4, "2026-11-12T10:40").await;
    assert_eq!(story.turn().await.asked, 0, "in four days: nobody is woken");
    story.store.recall(wish, None, Some("ANN".into()), Whose::Anybodys).await.unwrap();
    // A kill between the two leaves it owed.
    assert_eq!(story.turn().await.sent, 1, "on a Sunday at three, because a person said so");
    assert_eq!(story.turn().await.asked, 0);
    let taken = story.sink.taken();
    assert!(taken[0].header("Subject").starts_with("NEEDED Thu 12 Nov 2026, 10:40: 1 chart"), "{taken:?}");
    assert!(taken[0].body().contains("Dermatology"), "who needs it: {}", taken[0].body());
    let other = story.wish(1, 5, "2026-11-12T11:00").await;
    story.store.recall(other, None, None, Whose::Anybodys).await.unwrap();
    assert_eq!(story.turn().await.asked, 0, "the holder is asked for it already");
    assert_eq!(story.steps().await, ["needed CARD sent"]);
}

#[tokio::test]
async fn what_is_needed_soon_jumps_the_ladder_in_working_hours_unless_that_is_too_late() {
    let mut story = Story::new("2026-11-03T09:00", 3, "");
    for number in 1..=3 {
        story.scan("card", number).await;
    }
    story.wish(1, 4, "2026-11-05T10:40").await;
    story.until("2026-11-04T10:30").await;
    assert!(story.steps().await.is_empty(), "24 hours before");
    story.until("2026-11-04T10:50").await;
    assert_eq!(story.steps().await, ["needed CARD sent"]);
    // Tomorrow at eleven, asked for at night: in the morning. At half past eight: now.
    story.clock.set_wall(local("2026-11-04T22:00"));
    story.wish(2, 4, "2026-11-05T11:00").await;
    assert_eq!(story.turn().await.asked, 0);
    story.wish(3, 4, "2026-11-05T08:30").await;
    assert_eq!(story.turn().await.asked, 1);
}

#[tokio::test]
async fn who_needs_it_has_it_or_nobody_needs_it_any_more_and_nobody_is_asked() {
    let mut story = Story::new("2026-11-03T09:00", 3, "");
    story.scan("card", 1).await;
    let own = story.wish(2, 3, "2026-11-03T14:00").await;
    story.scan("card", 2).await;
    assert!(story.store.recall(own, None, None, Whose::Anybodys).await.is_err(), "who asked has it");
    story.turn().await;
    assert!(story.steps().await.is_empty());
    // The server is down, the request is cancelled meanwhile: no stale question goes out later.
    story.sink.set(Mode::Down);
    let wish = story.wish(1, 4, "2026-11-03T15:00").await;
    assert_eq!(story.post.decide().await.unwrap(), 1);
    story.cancel(wish).await;
    story.sink.set(Mode::Good);
    story.turn().await;
    assert_eq!(story.steps().await, ["needed CARD withdrawn"]);
    // Needed again: a notice that told nobody counts for nothing.
    story.wish(1, 4, "2026-11-03T16:00").await;
    story.until("2026-11-03T10:30").await;
    assert_eq!(story.steps().await, ["needed CARD withdrawn", "needed CARD sent"]);
    assert_eq!(story.store.notice(NoticeId(2), 9, false).await.unwrap().unwrap().charts.len(), 1);
    // Given back: nobody is told, the holder did what was asked.
    story.scan("desk", 1).await;
    story.turn().await;
    assert_eq!(story.steps().await.len(), 2);
    assert_eq!(story.room.findings(), [""; 0]);
}
