//! Mail over TLS with a password, to a server that really speaks both.

use crate::notices::Story;
use crate::sink_tls::TlsSink;
use outguide::mail::{Security, Smtp, Transport};
use std::path::PathBuf;

/// PLAIN for user `outguide` and password `s3cret`: base64 of NUL user NUL password.
pub(crate) const AUTH: &str = "AG91dGd1aWRlAHMzY3JldA==";

/// A chart that is asked for within a turn, and mail that goes to `sink`.
pub(crate) async fn story(port: u16, security: Security) -> (Story, PathBuf) {
    let mut story = Story::new("2026-11-03T09:00", 1, "");
    let directory = story.room.dir.path().to_owned();
    let password = directory.join("password");
    std::fs::write(&password, "s3cret\n").unwrap();
    let (_, sender) = story.post.mail.clone().unwrap();
    let smtp = Smtp {
        server: "localhost".into(),
        port,
        security,
        ca_file: Some(directory.join("ca.pem")),
        login: Some(("outguide".into(), password.clone())),
    };
    story.post.mail = Some((Transport::Smtp(Box::new(smtp)), sender));
    story.scan("card", 1).await;
    (story, password)
}

pub(crate) fn ca(directory: &tempfile::TempDir) -> PathBuf {
    directory.path().join("ca.pem")
}

#[tokio::test]
async fn nothing_but_the_greeting_goes_in_the_clear() {
    for (security, implicit) in [(Security::StartTls, false), (Security::Implicit, true)] {
        let scratch = tempfile::tempdir().unwrap();
        let sink = TlsSink::new(&ca(&scratch), AUTH, implicit);
        let (story, _) = story(sink.port, security).await;
        std::fs::copy(ca(&scratch), story.room.dir.path().join("ca.pem")).unwrap();
        story.until("2026-11-05T08:00").await;
        assert_eq!(story.steps().await, ["reminder CARD sent"], "{security:?} {:?}", sink.said());
        let said = sink.said();
        let clear: Vec<_> = said.iter().filter_map(|line| line.strip_prefix("clear: ")).collect();
        let words: Vec<_> = clear.iter().filter_map(|line| line.split(' ').next()).collect();
        assert_eq!(words, if implicit { vec![] } else { vec!["EHLO", "STARTTLS"] });
        assert!(said.contains(&format!("tls: AUTH PLAIN {AUTH}")), "{said:?}");
        assert_eq!(sink.taken(), 1);
    }
}

#[tokio::test]
async fn a_wrong_password_sends_nothing_and_a_mended_file_is_read_at_the_next_try() {
    let scratch = tempfile::tempdir().unwrap();
    let sink = TlsSink::new(&ca(&scratch), AUTH, false);
    let (story, password) = story(sink.port, Security::StartTls).await;
    std::fs::copy(ca(&scratch), story.room.dir.path().join("ca.pem")).unwrap();
    std::fs::write(&password, "wrong").unwrap();
    story.until("2026-11-05T08:00").await;
    assert_eq!(story.steps().await, ["reminder CARD queued"]);
    let told = story.store.notices().await.unwrap().lines.remove(0).told.unwrap();
    assert!(told.starts_with("the sign-in was refused") && !told.contains("wrong password"), "{told}");
    std::fs::remove_file(&password).unwrap();
    story.until("2026-11-05T09:00").await;
    let told = story.store.notices().await.unwrap().lines.remove(0).told.unwrap();
    assert!(told.contains("password file") && told.contains("cannot be read"), "{told}");
    std::fs::write(&password, "s3cret").unwrap();
    story.until("2026-11-05T10:00").await;
    assert_eq!((story.steps().await, sink.taken()), (vec!["reminder CARD sent".to_owned()], 1));
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_gets_no_password() {
    let scratch = tempfile::tempdir().unwrap();
    let sink = TlsSink::new(&ca(&scratch), AUTH, false);
    let (story, _) = story(sink.port, Security::StartTls).await;
    // The certificate of another server.
    let _other = TlsSink::new(&story.room.dir.path().join("ca.pem"), AUTH, false);
    story.until("2026-11-05T08:00").await;
    assert_eq!(story.steps().await, ["reminder CARD queued"]);
    let told = story.store.notices().await.unwrap().lines.remove(0).told.unwrap();
    assert!(told.contains("certificate"), "{told}");
    assert!(sink.said().iter().all(|line| line.starts_with("clear: ") && !line.contains("AUTH")));
}

#[tokio::test]
async fn a_server_that_hides_starttls_gets_nothing() {
    let plain = crate::sink::Sink::new();
    let (story, _) = story(plain.port, Security::StartTls).await;
    let _ca = TlsSink::new(&story.room.dir.path().join("ca.pem"), AUTH, false);
    story.until("2026-11-05T08:00").await;
    assert_eq!(story.steps().await, ["reminder CARD queued"]);
    let told = story.store.notices().await.unwrap().lines.remove(0).told.unwrap();
    assert!(told.contains("offers no STARTTLS"), "{told}");
    assert!(plain.taken().is_empty());
}
