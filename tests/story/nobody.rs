//! Recipients that are no more, and texts of the site that are wrong: nothing is lost, the ladder goes on.

use crate::notices::{Story, local};
use outguide::config::Config;
use outguide::daemon::notices::Post;
use outguide::notice::{NoticeId, Templates};
use outguide::tracking::CustodianId;
use std::fs;

#[tokio::test]
async fn a_closed_recipient_counts_as_refused_and_the_ladder_ends_all_the_same() {
    let mut story = Story::new("2026-11-03T09:00", 1, "");
    story.scan("card", 1).await;
    let conn = crate::notices::sql(&story.room);
    conn.execute_batch("update custodian set closed_at_us = 1 where code in ('CARD', 'SUP')").unwrap();
    story.until("2026-11-05T12:00").await;
    assert!(story.steps().await.is_empty(), "the holder is closed: nobody is there to be reminded");
    story.until("2026-11-20T12:00").await;
    assert_eq!(story.steps().await, ["head MED sent"], "instead of the supervisor, who left");
    let codes = ["CARD", "DERM", "SUP", "NIX"].map(str::to_owned);
    assert_eq!(story.store.nobody_there(codes.into()).await.unwrap(), ["CARD", "SUP", "NIX"]);
    // Everybody closed: nothing is written, and nothing fails.
    let mut story = Story::new("2026-11-03T09:00", 1, "");
    story.scan("card", 1).await;
    let conn = crate::notices::sql(&story.room);
    conn.execute_batch("update custodian set closed_at_us = 1 where code <> 'FILE'").unwrap();
    story.until("2026-11-20T12:00").await;
    assert!(story.steps().await.is_empty());
}

#[tokio::test]
async fn a_text_with_a_mistake_leaves_the_one_before_in_force() {
    let mut story = Story::new("2026-11-03T09:00", 1, "");
    let directory = story.room.dir.path().join("templates");
    fs::create_dir(&directory).unwrap();
    let mut config = Config::load(&story.room.config_file()).unwrap();
    config.notices.templates.clone_from(&directory);
    let good = "Subject: House rules: {{ count }}\n\nPlease, {{ recipient }}.\n";
    let started = |text: &str, before: &Templates| {
        fs::write(directory.join("before.txt"), text).unwrap();
        Post::new(story.store.clone(), &config, before)
    };
    // Wrong from the start: the built-in text, and it is told.
    let (post, problems) = started("Subject: {{ mrn }}\n\n{{ oops", &Templates::default());
    assert_eq!(problems.len(), 1);
    assert!(problems[0].contains("before.txt") && problems[0].contains("stays in force"), "{problems:?}");
    let (good_post, problems) = started(good, &post.templates);
    assert_eq!(problems, [""; 0]);
    let (post, problems) = started("Subject: x\n\n{% if %}", &good_post.templates);
    assert_eq!(problems.len(), 1);
    story.post = post;
    story.scan("card", 1).await;
    story.until("2026-11-05T08:00").await;
    let taken = story.sink.taken();
    assert_eq!(taken[0].header("Subject"), "House rules: 1", "the one before");
    assert!(taken[0].body().contains("Please, Cardiology."));
}

#[tokio::test]
async fn who_was_asked_is_told_when_it_is_found_beside_the_holder() {
    let mut story = Story::new("2026-11-03T09:00", 1, "");
    story.scan("card", 1).await;
    story.until("2026-11-12T12:00").await;
    let asked = story.steps().await;
    assert!(asked.contains(&"supervisor SUP sent".to_owned()), "{asked:?}");
    story.scan("desk", 1).await;
    assert!(story.clock.now() > local("2026-11-12T11:00"));
    story.turn().await;
    let found: Vec<_> = story.steps().await.into_iter().filter(|step| step.starts_with("found")).collect();
    assert_eq!(found, ["found SUP sent", "found MED sent"]);
    let view = story.store.notice(NoticeId(1), 9, false).await.unwrap().unwrap();
    assert!(view.charts.is_empty() && view.line.to.id != CustodianId(0), "nothing is asked for any more");
}
