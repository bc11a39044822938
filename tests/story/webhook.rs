//! Notices that go to a program of the site: signed, posted until they are taken, never twice under two ids.

use crate::notices::{LADDER, Story, room, sql};
use crate::sink::Sink;
use crate::sink_http::{HttpSink, Mode, Posted};
use jiff::SignedDuration;
use outguide::clock::Clock;
use outguide::config::Config;
use outguide::daemon::notices::{Post, Turn};
use outguide::import::Kind;
use outguide::notice::{NoticeId, Templates};
use std::collections::BTreeMap;

/// A story whose notices go to `http` as `more` says, and the scratch directory of the secret.
fn story(http: &HttpSink, ladder: &str, more: &str) -> (Story, tempfile::TempDir) {
    let scratch = tempfile::tempdir().unwrap();
    let lines = http.lines("http", &scratch.path().join("secret"), more);
    (Story::with(ladder, "2026-11-03T09:00", 1, &lines), scratch)
}

/// Every id always has the same words, and every posting is signed; how many ids there are.
fn assert_repeats_are_the_same(taken: &[Posted]) -> usize {
    let mut bodies = BTreeMap::new();
    for posted in taken {
        assert!(posted.is_signed(), "{posted:?}");
        let id = posted.header("webhook-id");
        assert!(id.starts_with("outguide-"), "{id}");
        let before = bodies.insert(id, posted.body.clone());
        assert!(before.is_none_or(|before| before == posted.body));
    }
    bodies.len()
}

#[tokio::test]
async fn a_program_gets_signed_notices_without_patients() {
    let http = HttpSink::new();
    let (mut story, _scratch) = story(&http, LADDER, "takes = \"all\"\n");
    story.scan("card", 1).await;
    story.until("2026-11-05T08:30").await;
    assert_eq!(story.steps().await, ["reminder CARD sent"]);
    let taken = http.taken();
    assert_eq!((taken.len(), assert_repeats_are_the_same(&taken)), (1, 1));
    let posted = &taken[0];
    assert!(posted.head.starts_with("POST /hooks/q?token=t0ken HTTP/1.1\r\n"), "{}", posted.head);
    assert_eq!(posted.header("content-type"), "application/json");
    assert_eq!(posted.header("host"), format!("localhost:{}", http.port));
    let json = posted.json();
    assert_eq!((&json["type"], &json["data"]["step"]), (&"notice.before".into(), &"reminder".into()));
    assert_eq!((&json["data"]["notice"], &json["data"]["count"]), (&1.into(), &1.into()));
    assert_eq!(json["data"]["recipient_code"], "CARD");
    assert_eq!(json["data"]["link"], "https://outguide.example.org/notices/1");
    assert_eq!(json["data"]["charts"][0]["volume"], 1);
    for secret in ["77-88", "Secret", "V1", "card-scanner", "card@"] {
        assert!(!posted.body.contains(secret), "{secret} in {}", posted.body);
    }
    assert!(story.sink.taken().is_empty(), "no mail beside it");
    let line = story.store.notices().await.unwrap().lines.remove(0);
    assert_eq!((line.channel.as_str(), line.told.as_deref()), ("webhook", Some("answered 204 No Content")));
    // The time is that of the try, or receivers would take it for a replay.
    let at: i64 = posted.header("webhook-timestamp").parse().unwrap();
    assert!((story.clock.now().as_second() - at).abs() < 3600, "{at}");
    assert_eq!(story.room.findings(), [""; 0]);
}

#[tokio::test]
async fn names_and_numbers_go_along_where_the_site_allows_them() {
    let http = HttpSink::new();
    let ladder = LADDER.replacen("[notices]", "[notices]\nnames = true", 1);
    let (mut story, _scratch) = story(&http, &ladder, "takes = \"all\"\n");
    story.scan("card", 1).await;
    story.until("2026-11-05T08:30").await;
    let chart = &http.taken()[0].json()["data"]["charts"][0];
    assert_eq!((&chart["mrn"], &chart["name"]), (&"77-88-00001".into(), &"Secret, Sam".into()));
}

#[tokio::test]
async fn steps_and_recipients_without_mail_go_where_the_configuration_says() {
    let by_webhook = LADDER.replacen("to = \"SUP\"", "to = \"SUP\"\nby = \"webhook\"", 1);
    for (takes, at_derm, posted) in [("steps", "slip", 1), ("without-mail", "webhook", 2)] {
        let http = HttpSink::new();
        let (mut story, _scratch) = story(&http, &by_webhook, &format!("takes = \"{takes}\"\n"));
        // DERM has no mail.
        story.scan("derm", 1).await;
        story.until("2026-11-05T08:30").await;
        let lines = story.store.notices().await.unwrap().lines;
        assert_eq!(lines[0].channel, at_derm, "{takes}");
        story.scan("card", 1).await;
        story.until("2026-11-13T09:30").await;
        let lines = story.store.notices().await.unwrap().lines;
        let supervisor = lines.iter().find(|line| line.step == "supervisor").unwrap();
        assert_eq!((supervisor.channel.as_str(), supervisor.state.as_str()), ("webhook", "sent"));
        assert!(story.sink.taken().iter().all(|mail| mail.to == "card@example.org"));
        assert_eq!(http.taken().len(), posted, "{takes}");
    }
}

#[tokio::test]
async fn a_program_that_is_down_for_a_day_loses_nothing_and_holds_no_mail_up() {
    let http = HttpSink::new();
    let by_webhook = LADDER.replacen("to = \"holder\"", "to = \"holder\"\nby = \"webhook\"", 1);
    let (mut story, _scratch) = story(&http, &by_webhook, "");
    story.scan("card", 1).await;
    http.set(Mode::Down);
    story.until("2026-11-07T09:00").await;
    let line = story.store.notices().await.unwrap().lines.remove(0);
    assert_eq!((line.channel.as_str(), line.state.as_str()), ("webhook", "queued"));
    assert!(line.told.unwrap().contains("posted again with the same id"));
    story.until("2026-11-09T08:30").await;
    assert_eq!(story.steps().await, ["reminder CARD queued", "late-1 CARD sent"]);
    assert_eq!(story.sink.taken().len(), 1, "mail goes out meanwhile");
    // A restart, a second start, and the program is back: it is told of late what is not over.
    http.set(Mode::Good);
    assert_eq!(story.post.turn(true).await.unwrap().sent, 1);
    assert_eq!(story.post.turn(true).await.unwrap(), Turn::default());
    assert_eq!((http.taken().len(), assert_repeats_are_the_same(&http.taken())), (1, 1));
}

#[tokio::test]
async fn what_was_taken_without_an_answer_is_posted_again_with_the_same_id_and_words() {
    for mode in [Mode::Lying, Mode::Status(500), Mode::Status(503), Mode::Status(408), Mode::Status(429)] {
        let http = HttpSink::new();
        let (mut story, _scratch) = story(&http, LADDER, "takes = \"all\"\n");
        story.scan("card", 1).await;
        http.set(mode);
        story.until("2026-11-05T09:00").await;
        // Another address of the pages would change the words, if they were not frozen.
        story.post.link = Some("https://elsewhere.example.org".into());
        story.until("2026-11-05T10:00").await;
        assert_eq!(story.steps().await, ["reminder CARD queued"], "{mode:?}");
        let repeats = http.taken().len();
        assert!(repeats > 2, "{mode:?}: {repeats}");
        http.set(Mode::Good);
        story.until("2026-11-05T11:00").await;
        let taken = http.taken();
        assert_eq!((taken.len(), assert_repeats_are_the_same(&taken)), (repeats + 1, 1), "{mode:?}");
        assert_eq!(story.steps().await, ["reminder CARD sent"], "{mode:?}");
    }
}

#[tokio::test]
async fn what_is_refused_for_ever_is_told_and_the_next_recipient_is_asked() {
    for status in [410, 400, 422] {
        let http = HttpSink::new();
        let (mut story, _scratch) = story(&http, LADDER, "takes = \"all\"\n");
        story.scan("card", 1).await;
        http.set(Mode::Status(status));
        story.until("2026-11-05T08:00").await;
        http.set(Mode::Good);
        story.until("2026-11-05T09:00").await;
        assert_eq!(story.steps().await, ["reminder CARD refused", "supervisor SUP sent"], "{status}");
        let first = &story.store.notice(NoticeId(1), 9, false).await.unwrap().unwrap().line;
        let told = first.told.as_deref().unwrap();
        assert!(told.starts_with(&format!("answered {status}")), "{told}");
    }
}

#[tokio::test]
async fn at_a_wrong_address_notices_wait_and_no_step_is_used_up() {
    for status in [401, 403, 404, 405] {
        let http = HttpSink::new();
        let (mut story, _scratch) = story(&http, LADDER, "takes = \"all\"\n");
        story.scan("card", 1).await;
        http.set(Mode::Status(status));
        story.until("2026-11-05T09:00").await;
        assert_eq!(story.steps().await, ["reminder CARD queued"], "{status}");
        let told = story.store.notices().await.unwrap().lines.remove(0).told.unwrap();
        assert!(told.contains(&status.to_string()) && told.contains("whether `url` is right"), "{told}");
        http.set(Mode::Good);
        story.until("2026-11-05T10:00").await;
        assert_eq!(story.steps().await, ["reminder CARD sent"], "{status}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let http = HttpSink::new();
    let (mut story, _scratch) = story(&http, LADDER, "takes = \"all\"\n");
    story.scan("card", 1).await;
    http.set(Mode::Status(307));
    story.until("2026-11-05T08:00").await;
    assert_eq!((story.steps().await, http.taken().len()), (vec!["reminder CARD queued".to_owned()], 1));
    let told = story.store.notices().await.unwrap().lines.remove(0).told.unwrap();
    assert!(told.contains("redirects are not followed"), "{told}");
}

#[tokio::test]
async fn one_that_never_answers_is_waited_for_no_longer_than_its_time() {
    let http = HttpSink::new();
    let (mut story, _scratch) = story(&http, LADDER, "takes = \"all\"\ntimeout_s = 1\n");
    story.scan("card", 1).await;
    http.set(Mode::Silent);
    story.until("2026-11-05T08:00").await;
    let told = story.store.notices().await.unwrap().lines.remove(0).told.unwrap();
    assert!(told.contains("localhost did not answer within 1 s"), "{told}");
}

#[tokio::test]
async fn a_secret_that_is_none_posts_nothing_and_a_mended_one_counts_at_the_next_try() {
    let http = HttpSink::new();
    let (mut story, scratch) = story(&http, LADDER, "takes = \"all\"\n");
    let secret = scratch.path().join("secret");
    let good = std::fs::read(&secret).unwrap();
    for bad in [Some("letmein"), None] {
        match bad {
            Some(bad) => std::fs::write(&secret, bad).unwrap(),
            None => std::fs::remove_file(&secret).unwrap(),
        }
        story.scan("card", 1).await;
        story.until("2026-11-05T08:30").await;
        assert_eq!(story.steps().await, ["reminder CARD queued"]);
        let told = story.store.notices().await.unwrap().lines.remove(0).told.unwrap();
        assert!(told.contains("secret") && !told.contains("letmein"), "{told}");
    }
    assert!(http.taken().is_empty());
    std::fs::write(&secret, good).unwrap();
    assert_eq!(story.post.turn(true).await.unwrap().sent, 1);
}

#[tokio::test]
async fn over_tls_only_to_whom_an_authority_vouches_for() {
    let scratch = tempfile::tempdir().unwrap();
    let (ca, other) = (scratch.path().join("ca.pem"), scratch.path().join("other.pem"));
    let http = HttpSink::new_tls(&ca);
    let _other = HttpSink::new_tls(&other);
    let trusting = |file: &std::path::Path| format!("takes = \"all\"\nca_file = {file:?}\n");
    let lines = http.lines("https", &scratch.path().join("secret"), &trusting(&other));
    let mut story = Story::with(LADDER, "2026-11-03T09:00", 1, &lines);
    story.scan("card", 1).await;
    story.until("2026-11-05T08:00").await;
    let told = story.store.notices().await.unwrap().lines.remove(0).told.unwrap();
    assert!(told.contains("no TLS with localhost") && told.contains("certificate"), "{told}");
    assert!(http.taken().is_empty());
    if let Some(webhook) = &mut story.post.webhook {
        webhook.ca_file = Some(ca);
    }
    assert_eq!(story.post.turn(true).await.unwrap().sent, 1);
    assert_eq!(assert_repeats_are_the_same(&http.taken()), 1);
}

#[tokio::test]
async fn notices_for_a_program_that_is_no_more_are_printed() {
    let http = HttpSink::new();
    let (mut story, _scratch) = story(&http, LADDER, "takes = \"all\"\n");
    story.scan("card", 1).await;
    http.set(Mode::Down);
    story.until("2026-11-05T08:30").await;
    // The configuration is read again without it.
    let file = story.room.config_file();
    let text = std::fs::read_to_string(&file).unwrap();
    let (before, rest) = text.split_once("[webhook]").unwrap();
    let (_, after) = rest.split_once("[[station]]").unwrap();
    std::fs::write(&file, format!("{before}[[station]]{after}")).unwrap();
    let config = Config::load(&file).unwrap();
    let (post, _) = Post::new(story.store.clone(), &config, &Templates::default());
    post.turn(false).await.unwrap();
    let line = story.store.notices().await.unwrap().lines.remove(0);
    assert_eq!((line.channel.as_str(), line.state.as_str()), ("slip", "queued"));
    assert_eq!(story.store.slips(9, 9, false).await.unwrap().len(), 1);
}

/// The daemon is killed while the program is at each step of the conversation; then it is started again.
#[test]
fn kill_at_every_step_loses_nothing() {
    let always = "[calendar]\nworking_days = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\"]\n\
                  opens = \"00:00\"\ncloses = \"00:00\"\n";
    let scratch = tempfile::tempdir().unwrap();
    let http = HttpSink::new();
    let lines = http.lines("http", &scratch.path().join("secret"), "takes = \"all\"\n");
    let room = room(&Sink::new(), LADDER, 1, &format!("{always}{lines}"));
    room.import(Kind::Charts, "mrn,label,home,location\n77-88-00001,V1,FILE,CARD\n");
    let due = (Clock::system().now() - SignedDuration::from_hours(30)).as_microsecond();
    sql(&room).execute_batch(&format!("update volume set due_at_us = {due}")).unwrap();
    for step in 0..=3 {
        http.set(Mode::Stuck(step));
        let daemon = room.serve(0);
        http.wait_stuck();
        daemon.kill();
    }
    http.set(Mode::Good);
    let mut daemon = room.serve(0);
    daemon.wait_for("notice tried", 1);
    let log = daemon.log();
    for secret in ["77-88", "Secret", "card@", "t0ken", "whsec"] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
    assert!(daemon.stop().success());
    let taken = http.taken();
    assert_eq!((taken.len(), assert_repeats_are_the_same(&taken)), (3, 1), "{taken:?}");
}
