//! Charts that are asked for, with a real database and a real SMTP conversation: through two weeks and both changes of
//! the clocks, a server that is down, refuses or lies, and kill -9 at every step. Nothing is lost; what is sent twice is
//! the same message.

use crate::sink::{Mode, Sink, Taken};
use crate::support::Room;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use outguide::clock::Clock;
use outguide::config::Config;
use outguide::daemon::notices::{Post, Turn};
use outguide::import::Kind;
use outguide::label::LabelKind;
use outguide::notice::{Answer, Given, NoticeId, Templates};
use outguide::store::{Happened, Moment, NoticeTold, Options, Recorded, Store, StoreThread};
use outguide::tracking::{ChartId, Entry, ScanId, Sighting, VolumeId};
use std::collections::BTreeMap;
use std::time::Duration;

pub(crate) const LADDER: &str = r#"
[notices]
link = "https://outguide.example.org"
[[notices.step]]
name = "reminder"
when = "1wd before"
to = "holder"
[[notices.step]]
name = "late"
when = "1wd after"
to = "holder"
times = 2
every = "1wd"
[[notices.step]]
name = "supervisor"
when = "3wd after"
to = "SUP"
[[notices.step]]
name = "head"
when = "4wd after"
to = "department"
"#;

/// A file room with charts V1 to Vn, handed out to clinics.
pub(crate) struct Story {
    pub(crate) room: Room,
    pub(crate) sink: Sink,
    pub(crate) clock: Clock,
    pub(crate) store: Store,
    _thread: StoreThread,
    pub(crate) post: Post,
    scans: u32,
}

pub(crate) fn local(text: &str) -> Timestamp {
    let local: jiff::civil::DateTime = text.parse().unwrap();
    local.to_zoned(TimeZone::get("Europe/Zurich").unwrap()).unwrap().timestamp()
}

pub(crate) fn room(sink: &Sink, ladder: &str, charts: usize, more: &str) -> Room {
    let mail = format!(
        "[mail]\ntransport = \"smtp\"\nserver = \"localhost\"\nport = {}\ntls = \"none\"\nfrom = \"outguide@example.org\"\n",
        sink.port
    );
    let mut room = Room::new(&format!("time_zone = \"Europe/Zurich\"\n{ladder}{mail}{more}"));
    for (station, custodian) in [("desk", "FILE"), ("card", "CARD"), ("derm", "DERM")] {
        room.station(station, custodian, "");
    }
    room.import(
        Kind::Custodians,
        "code,name,kind,mail,parent,due\nFILE,File area,file-area,,,\nMED,Medicine,clinic,head@example.org,,\n\
         CARD,Cardiology,clinic,card@example.org,MED,3wd\nDERM,Dermatology,clinic,-,MED,3wd\n\
         SUP,Supervisor,person,sup@example.org,,\n",
    );
    let mut csv = "mrn,label,home,name\n".to_owned();
    for number in 1..=charts {
        csv += &format!("77-88-{number:05},V{number},FILE,\"Secret, Sam\"\n");
    }
    room.import(Kind::Charts, &csv);
    room
}

impl Story {
    pub(crate) fn new(now: &str, charts: usize, more: &str) -> Story {
        Story::with(LADDER, now, charts, more)
    }

    pub(crate) fn with(ladder: &str, now: &str, charts: usize, more: &str) -> Story {
        let sink = Sink::new();
        let room = room(&sink, ladder, charts, more);
        let clock = Clock::manual(local(now));
        let config = Config::load(&room.config_file()).unwrap();
        let options = Options { place: room.place(), queue: 64, readers: 1 };
        let (store, thread) = Store::open(&options, &clock).unwrap();
        store.set_due_back(config.calendar.clone(), config.due).unwrap();
        let (post, problems) = Post::new(store.clone(), &config, &Templates::default());
        assert_eq!(problems, [""; 0]);
        Story { room, sink, clock, store, _thread: thread, post, scans: 0 }
    }

    /// Scans a chart at a station.
    pub(crate) async fn scan(&mut self, station: &str, number: usize) {
        self.read(station, LabelKind::Volume, &format!("V{number}")).await;
    }

    /// Scans any label at a station.
    pub(crate) async fn read(&mut self, station: &str, kind: LabelKind, key: &str) -> Recorded {
        let config = Config::load(&self.room.config_file()).unwrap();
        let stations = config.stations.iter().map(|station| outguide::store::Station {
            name: station.name.clone(),
            title: station.title.clone(),
            custodian: station.custodian.clone(),
            kind: station.kind,
            idle: station.idle,
            badge_idle: station.badge_idle,
            double_read_window: Duration::ZERO,
            prints: false,
            sources: station.sources.iter().map(|source| source.name.clone()).collect(),
        });
        let numbered = self.store.set_stations(stations.collect()).await.unwrap();
        self.scans += 1;
        let scan = outguide::tracking::Scan {
            id: ScanId::new(1, 1, self.scans),
            station: numbered.stations[station],
            source: numbered.sources[&format!("{station}-scanner")],
            scanned_at: self.clock.now(),
            arrived: self.clock.elapsed(),
            entry: Entry::Scanned,
            operator: None,
            frame: key.as_bytes().to_vec(),
            sighting: Sighting::Label { kind, key: key.to_owned() },
            resend: false,
        };
        self.store.record(scan).await.unwrap()
    }

    pub(crate) async fn turn(&self) -> Turn {
        self.post.turn(false).await.unwrap()
    }

    /// Takes a turn every ten minutes until a time.
    pub(crate) async fn until(&self, text: &str) {
        while self.clock.now() < local(text) {
            self.clock.advance(Duration::from_secs(600));
            self.turn().await;
        }
    }

    /// (step, recipient, state) of every notice, the oldest first.
    async fn notices(&self) -> Vec<(String, String, String)> {
        let mut lines = self.store.notices().await.unwrap().lines;
        lines.sort_by_key(|line| line.id);
        lines.into_iter().map(|line| (line.step, line.to.code, line.state)).collect()
    }

    pub(crate) async fn steps(&self) -> Vec<String> {
        let notices = self.notices().await;
        notices.iter().map(|(step, to, state)| format!("{step} {to} {state}")).collect()
    }
}

/// Every Message-ID always has the same text.
pub(crate) fn assert_repeats_are_the_same(taken: &[Taken]) -> usize {
    let mut texts = BTreeMap::new();
    for message in taken {
        let id = message.header("Message-ID");
        assert!(id.starts_with("<outguide-") && id.ends_with("@example.org>"), "{id}");
        let before = texts.insert(id, message.text.clone());
        assert!(before.is_none_or(|before| before == message.text));
    }
    texts.len()
}

#[tokio::test]
async fn two_weeks_through_both_changes_of_the_clocks() {
    for (start, end) in [("2026-03-24T09:00", "2026-04-08T12:00"), ("2026-10-20T09:00", "2026-11-04T12:00")] {
        let mut story = Story::new(start, 5, "");
        for number in 1..=3 {
            story.scan("card", number).await;
        }
        story.until(end).await;
        assert_eq!(
            story.steps().await,
            [
                "reminder CARD sent",
                "late-1 CARD sent",
                "late-2 CARD sent",
                "supervisor SUP sent",
                "head MED sent"
            ],
            "{start}"
        );
        let taken = story.sink.taken();
        assert_eq!((taken.len(), assert_repeats_are_the_same(&taken)), (5, 5));
        let to: Vec<_> = taken.iter().map(|message| message.to.as_str()).collect();
        assert_eq!(
            to,
            [
                "card@example.org",
                "card@example.org",
                "card@example.org",
                "sup@example.org",
                "head@example.org"
            ]
        );
        for message in &taken {
            let (subject, body) = (message.header("Subject"), message.body());
            assert!(
                subject.contains("3 ") && !subject.contains("77-88") && !subject.contains("Secret"),
                "{subject}"
            );
            assert!(body.contains("77-88-00002") && !body.contains("Secret"), "{body}");
            assert!(body.contains("https://outguide.example.org/notices/"), "{body}");
        }
        // Back: those who were asked beside the holder are told, once.
        for number in 1..=3 {
            story.scan("desk", number).await;
        }
        story.turn().await;
        story.turn().await;
        assert_eq!(story.steps().await[5..], ["found SUP sent", "found MED sent"]);
        assert!(story.sink.taken()[5].body().contains("nobody has to look any more"));
        let happened = story.store.happened(ChartId(1), Moment::END).await.unwrap().entries;
        let told = |what: &NoticeTold| {
            let is_told = |entry: &&(Timestamp, Happened)| matches!(&entry.1, Happened::Noticed(told) if &told.what == what);
            happened.iter().filter(is_told).count()
        };
        let sent = NoticeTold::Ended { state: "sent".into(), channel: "mail".into() };
        assert_eq!((told(&NoticeTold::Written), told(&sent)), (7, 7), "all in its timeline");
        assert_eq!(story.room.findings(), [""; 0]);
    }
}

#[tokio::test]
async fn a_server_that_is_down_for_a_day_loses_and_repeats_nothing() {
    let mut story = Story::new("2026-11-03T09:00", 2, "");
    story.scan("card", 1).await;
    story.sink.set(Mode::Down);
    story.until("2026-11-06T07:00").await;
    assert_eq!(story.steps().await, ["reminder CARD queued"]);
    assert!(story.sink.taken().is_empty());
    // A restart, a second start, and the server is back.
    story.sink.set(Mode::Good);
    assert_eq!(story.post.turn(true).await.unwrap().sent, 1);
    assert_eq!(story.post.turn(true).await.unwrap(), Turn::default());
    assert_eq!(story.sink.taken().len(), 1);
}

#[tokio::test]
async fn a_server_that_takes_the_mail_and_hangs_up_gets_the_same_message_again() {
    let mut story = Story::new("2026-11-03T09:00", 2, "");
    story.scan("card", 1).await;
    story.sink.set(Mode::Lying);
    story.until("2026-11-05T09:00").await;
    // An answer would change the words, if they were not frozen.
    let here = Given { volume: VolumeId(1), answer: Answer::Here, detail: None };
    story.store.answer_notice(NoticeId(1), vec![here], None).await.unwrap();
    story.until("2026-11-05T10:00").await;
    let lies = story.sink.taken().len();
    assert!(lies > 2, "{lies}");
    story.sink.set(Mode::Good);
    story.until("2026-11-05T11:00").await;
    let taken = story.sink.taken();
    assert_eq!((taken.len(), assert_repeats_are_the_same(&taken)), (lies + 1, 1));
    assert_eq!(story.steps().await, ["reminder CARD sent"]);
}

#[tokio::test]
async fn an_address_that_is_refused_is_told_and_the_next_recipient_is_asked() {
    let mut story = Story::new("2026-11-03T09:00", 1, "");
    story.scan("card", 1).await;
    story.sink.set(Mode::Refusing);
    story.until("2026-11-05T08:00").await;
    story.sink.set(Mode::Good);
    story.until("2026-11-05T09:00").await;
    assert_eq!(story.steps().await, ["reminder CARD refused", "supervisor SUP sent"]);
    let first = &story.store.notice(NoticeId(1), 9, false).await.unwrap().unwrap().line;
    assert_eq!(first.told.as_deref(), Some("permanent error (550): no such box"));
    // A letter that came back later counts the same, when a person says so.
    story.store.notice_came_back(NoticeId(2), None).await.unwrap();
    story.until("2026-11-05T09:30").await;
    assert_eq!(story.steps().await[2], "head MED sent");
}

#[tokio::test]
async fn what_is_put_off_waits_and_a_server_that_refuses_us_refuses_no_notice() {
    for mode in [Mode::PuttingOff, Mode::RefusingSender] {
        let mut story = Story::new("2026-11-03T09:00", 1, "");
        story.scan("card", 1).await;
        story.sink.set(mode);
        story.until("2026-11-05T09:00").await;
        assert_eq!(story.steps().await, ["reminder CARD queued"], "{mode:?}");
        story.sink.set(Mode::Good);
        story.until("2026-11-05T10:00").await;
        assert_eq!(story.steps().await, ["reminder CARD sent"], "{mode:?}");
    }
}

#[tokio::test]
async fn a_clock_that_is_wrong_for_a_while_repeats_nothing_and_leaves_nothing_out() {
    let mut story = Story::new("2026-11-03T09:00", 1, "");
    story.scan("card", 1).await;
    story.until("2026-11-05T12:00").await;
    assert_eq!(story.steps().await, ["reminder CARD sent"]);
    // A year ahead for an hour: the holder is asked once, nobody else.
    story.clock.set_wall(local("2027-11-05T12:00"));
    story.turn().await;
    story.turn().await;
    assert_eq!(story.steps().await.len(), 2);
    story.clock.set_wall(local("2026-11-05T13:00"));
    story.until("2026-11-09T12:00").await;
    // A month back: nothing, and then the rest in its order.
    story.clock.set_wall(local("2026-10-09T12:00"));
    for _ in 0..5 {
        story.turn().await;
    }
    story.clock.set_wall(local("2026-11-10T12:00"));
    story.until("2026-11-17T12:00").await;
    assert_eq!(
        story.steps().await,
        ["reminder CARD sent", "late-2 CARD sent", "supervisor SUP sent", "head MED sent"]
    );
    assert_eq!(story.sink.taken().len(), 4);
}

#[tokio::test]
async fn a_chart_that_was_given_on_is_asked_for_anew_and_nobody_is_told_of_it() {
    let mut story = Story::new("2026-11-03T09:00", 1, "");
    story.scan("card", 1).await;
    story.until("2026-11-09T12:00").await;
    let before = story.steps().await;
    assert_eq!(before, ["reminder CARD sent", "late-1 CARD sent"]);
    story.turn().await;
    assert_eq!(story.steps().await, before);
    story.scan("derm", 1).await;
    story.turn().await;
    assert_eq!(story.steps().await, before, "the holder gave it on: nobody is told");
    story.until("2026-11-13T09:00").await;
    assert_eq!(story.steps().await[2], "reminder DERM queued");
}

#[tokio::test]
async fn a_flood_of_ten_thousand_is_gathered_and_capped() {
    let mut story = Story::new("2026-11-03T09:00", 1, "");
    let mut csv = "mrn,label,home,location\n".to_owned();
    for number in 2..=10_000 {
        csv += &format!("66-{number:06},V{number},FILE,{}\n", if number % 2 == 0 { "CARD" } else { "DERM" });
    }
    story.scan("card", 1).await;
    let Story { room, store, _thread: thread, post, .. } = story;
    drop((store, post));
    thread.join();
    room.import(Kind::Charts, &csv);
    let conn = sql(&room);
    conn.execute_batch("update volume set due_at_us = (select due_at_us from volume where volume_id = 1)")
        .unwrap();
    drop(conn);
    let sink = Sink::new();
    let clock = Clock::manual(local("2026-11-10T10:00"));
    let options = Options { place: room.place(), queue: 64, readers: 1 };
    let (store, _thread) = Store::open(&options, &clock).unwrap();
    let mut config = Config::load(&room.config_file()).unwrap();
    if let Some((outguide::mail::Transport::Smtp(smtp), _)) = &mut config.notices.mail {
        smtp.port = sink.port;
    }
    let (post, _) = Post::new(store.clone(), &config, &Templates::default());
    let turn = post.turn(false).await.unwrap();
    assert_eq!(turn.asked, 10_000);
    assert_eq!(post.turn(false).await.unwrap().asked, 0);
    let mut lines = store.notices().await.unwrap().lines;
    lines.sort_by_key(|line| line.id);
    let seen: Vec<_> =
        lines.iter().map(|line| (line.to.code.as_str(), line.channel.as_str(), line.charts)).collect();
    assert_eq!(seen, [("CARD", "mail", 5001), ("DERM", "slip", 4999)]);
    let taken = sink.taken();
    assert_eq!(taken.len(), 1);
    let body = taken[0].body();
    assert!(body.contains("and 4951 more"), "{body}");
    assert!(body.len() < 30_000, "{}", body.len());
}

#[expect(clippy::disallowed_methods, reason = "ten thousand charts are made overdue at once")]
pub(crate) fn sql(room: &Room) -> rusqlite::Connection {
    rusqlite::Connection::open(room.place().db()).unwrap()
}
