//! Secrets by name: what systemd hands to the service (`LoadCredential=`) stands in `$CREDENTIALS_DIRECTORY`.

use crate::mail_tls::{AUTH, ca, story};
use crate::sink_http::{HttpSink, SECRET};
use crate::sink_tls::TlsSink;
use outguide::mail::{Delivery, Security, Transport};
use outguide::webhook::{Posting, Webhook};
use std::process::Command;
use std::time::Duration;

/// Only another process can have another environment: this one starts itself with the directory that systemd would name.
#[tokio::test]
async fn a_credential_is_found_by_its_name() {
    if std::env::var_os("CREDENTIALS_DIRECTORY").is_some() {
        return by_name().await;
    }
    let credentials = tempfile::tempdir().unwrap();
    std::fs::write(credentials.path().join("mail-password"), "s3cret\n").unwrap();
    std::fs::write(credentials.path().join("webhook-secret"), format!("{SECRET}\n")).unwrap();
    let again = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "credentials::a_credential_is_found_by_its_name"])
        .env("CREDENTIALS_DIRECTORY", credentials.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&again.stdout);
    assert!(again.status.success() && said.contains("1 passed"), "{said}");
}

async fn by_name() {
    let scratch = tempfile::tempdir().unwrap();
    let sink = TlsSink::new(&ca(&scratch), AUTH, false);
    let (mut story, password) = story(sink.port, Security::StartTls).await;
    std::fs::copy(ca(&scratch), story.room.dir.path().join("ca.pem")).unwrap();
    std::fs::remove_file(password).unwrap();
    let name = |story: &mut crate::notices::Story, name: &str| {
        if let Some((Transport::Smtp(smtp), _)) = &mut story.post.mail {
            smtp.login = Some(("outguide".into(), name.into()));
        }
    };
    name(&mut story, "mail-pasword");
    story.until("2026-11-05T08:00").await;
    let told = story.store.notices().await.unwrap().lines.remove(0).told.unwrap();
    assert!(told.contains("mail-pasword cannot be read"), "{told}");
    name(&mut story, "mail-password");
    story.until("2026-11-05T08:30").await;
    assert_eq!((story.steps().await, sink.taken()), (vec!["reminder CARD sent".to_owned()], 1));

    let http = HttpSink::new();
    let webhook = Webhook {
        address: format!("http://localhost:{}/", http.port).parse().unwrap(),
        secret: "webhook-secret".into(),
        ca_file: None,
        patience: Duration::from_secs(9),
    };
    let posting = Posting { id: "outguide-1-1".into(), at: story.clock.now(), body: "{}".into() };
    assert_eq!(webhook.send(&posting).await, Delivery::Taken("answered 204 No Content".into()));
    assert!(http.taken()[0].is_signed());
}
