//! What happened in the demo's file room before the demo begins: a week of scans, requests, notices, a search and a tote on
//! its way, by a made-up clock, through the same intake and store as everything else.

use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp};
use outguide::changes::Changes;
use outguide::clock::Clock;
use outguide::config::Config;
use outguide::daemon::notices::Post;
use outguide::demo::World;
use outguide::intake::{Intake, NETWORK_SOURCE, NetworkScan, Settings};
use outguide::label::LabelKind;
use outguide::missing::case::Sign;
use outguide::missing::plan::{Look, Thoroughness};
use outguide::notice::{Answer, Given, NoticeId, Templates};
use outguide::store::{NewRequest, Options, PageStep, Place, Station, Store, StoreThread, Volumes, Whose};
use outguide::tracking::request::{Channel, Priority, RequestStep};
use outguide::tracking::{Command, CustodianId, Entry, RequestId, ScanId, VolumeId};
use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// How long ago the past begins.
const AGO: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A day of the past.
const DAY: Duration = Duration::from_secs(24 * 3600);
/// Between two scans.
const SCAN: Duration = Duration::from_secs(8);
/// Places in the list of custodians.
const CARD: CustodianId = CustodianId(2);
const SURG: CustodianId = CustodianId(3);
const TOTE: CustodianId = CustodianId(18);
/// Stations.
const COUNTER: &str = "file-room-counter";
const CARDIOLOGY: &str = "cardiology-in-tray";
const SURGERY: &str = "surgery-in-tray";

/// When the demo's past begins.
pub(super) fn begins(now: Timestamp) -> Timestamp {
    now.checked_sub(AGO).unwrap_or(now)
}

/// The week before the demo: labels of the charts that it is about, which the clerks of the demo leave alone.
pub(super) async fn live_through(config: &Config, world: &World, now: Timestamp) -> Result<HashSet<String>> {
    let mut past = Past::open(config, world, begins(now)).await?;
    past.hand_out().await?;
    past.wait(4 * DAY);
    past.ask_for_them().await?;
    past.wait(2 * DAY);
    past.ask_for_them().await?;
    past.answer().await?;
    past.want().await?;
    past.wait(Duration::from_secs(20 * 3600));
    past.look_for().await?;
    past.send_tote().await?;
    past.ask_for_them().await?;
    let labels = past.charts.iter().map(|(_, label)| label.clone()).collect();
    let thread = past.thread;
    drop((past.store, past.intake, past.post));
    tokio::task::spawn_blocking(move || thread.join()).await.context("the database did not close")?;
    Ok(labels)
}

struct Past {
    clock: Clock,
    store: Store,
    thread: StoreThread,
    intake: Intake,
    post: Post,
    config: Config,
    scans: u32,
    /// The charts that it is about, all at home at first.
    charts: Vec<(VolumeId, String)>,
    requests: Vec<RequestId>,
}

impl Past {
    async fn open(config: &Config, world: &World, start: Timestamp) -> Result<Past> {
        let clock = Clock::manual(start);
        let options = Options { place: Place::new(&config.data_dir), queue: 64, readers: 1 };
        let (store, thread) = Store::open(&options, &clock)?;
        store.set_due_back(config.calendar.clone(), config.due)?;
        let numbered = store.set_stations(stations(config)).await?;
        let settings = Settings { formats: config.formats.clone(), numbered, station_of: HashMap::new() };
        let intake = Intake::new(store.clone(), clock.clone(), Changes::default(), settings);
        let (post, _) = Post::new(store.clone(), config, &Templates::default());
        let numbered = (1..).map(VolumeId).zip(&world.volumes);
        // Far from each other on the shelves.
        let charts = numbered.filter(|(_, volume)| volume.place == "FILE").step_by(101).take(24);
        let charts = charts.map(|(id, volume)| (id, volume.label.clone())).collect();
        Ok(Past {
            clock,
            store,
            thread,
            intake,
            post,
            config: config.clone(),
            scans: 0,
            charts,
            requests: Vec::new(),
        })
    }

    fn wait(&self, time: Duration) {
        self.clock.advance(time);
    }

    async fn scan(&mut self, station: &str, label: &str) -> Result<()> {
        self.clock.advance(SCAN);
        self.scans += 1;
        let unix_ms = u64::try_from(self.clock.now().as_millisecond()).unwrap_or(0);
        let scan = NetworkScan {
            id: ScanId::new(unix_ms, 1, self.scans),
            station: station.to_owned(),
            bytes: label.as_bytes().to_vec(),
            scanned_at: None,
            entry: Entry::Scanned,
        };
        self.intake.take_network(scan).await?;
        Ok(())
    }

    /// Scans charts, by their places among those that it is about.
    async fn charts(&mut self, station: &str, which: std::ops::Range<usize>) -> Result<()> {
        for (_, label) in self.charts.get(which).unwrap_or_default().to_vec() {
            self.scan(station, &label).await?;
        }
        Ok(())
    }

    async fn charge_out(&mut self, to: &str) -> Result<()> {
        self.scan(COUNTER, &Command::ChargeOut.key()).await?;
        self.scan(COUNTER, to).await
    }

    async fn done(&mut self) -> Result<()> {
        self.scan(COUNTER, &Command::Done.key()).await
    }

    fn volume(&self, which: usize) -> VolumeId {
        self.charts.get(which).map_or(VolumeId(1), |(volume, _)| *volume)
    }

    /// Six charts to Cardiology, of which one never arrives, and six to Surgery.
    async fn hand_out(&mut self) -> Result<()> {
        for (to, station, sent, received) in [(CARD, CARDIOLOGY, 0..6, 0..5), (SURG, SURGERY, 6..12, 6..12)] {
            self.charge_out(&place(to)).await?;
            self.charts(COUNTER, sent).await?;
            self.done().await?;
            self.wait(Duration::from_secs(1800));
            self.charts(station, received).await?;
        }
        Ok(())
    }

    /// Who is owed a notice gets one; what goes missing gets a case.
    async fn ask_for_them(&mut self) -> Result<()> {
        self.post.turn(false).await?;
        let (calendar, rules) = (self.config.calendar.clone(), self.config.missing);
        self.store.sweep(calendar, rules, Vec::new()).await?;
        Ok(())
    }

    /// Cardiology gives one back and says where another is.
    async fn answer(&mut self) -> Result<()> {
        self.charts("file-room-desk", 0..1).await?;
        let passed = Given {
            volume: self.volume(1),
            answer: Answer::Passed,
            detail: Some("Dr Gray, room 12".to_owned()),
        };
        let notices = self.store.notices().await?.lines;
        let to_cardiology =
            notices.iter().find(|line| line.to.id == CARD).map_or(NoticeId(1), |line| line.id);
        self.store.answer_notice(to_cardiology, vec![passed], Some("clerk".to_owned())).await?;
        Ok(())
    }

    /// Cardiology wants charts for the day of the demo: some on the shelf, one of Surgery's, one that will not be found.
    async fn want(&mut self) -> Result<()> {
        for (nth, which) in [12, 13, 14, 15, 16, 17, 6].into_iter().enumerate() {
            let minutes = 30 * i64::try_from(nth).unwrap_or(0);
            let needed =
                self.clock.now() + SignedDuration::from_hours(26) + SignedDuration::from_mins(minutes);
            let new = NewRequest {
                volumes: Volumes::One(self.volume(which)),
                to: CARD,
                needed_at: needed,
                channel: Channel::Phone,
                requester: "Dr Gray".to_owned(),
                requester_id: None,
                purpose: "visit".to_owned(),
                comment: String::new(),
                priority: if nth == 0 { Priority::Urgent } else { Priority::Routine },
                form: None,
                actor: Some("clerk".to_owned()),
            };
            self.requests.extend(self.store.ask(new).await?.requests);
        }
        Ok(())
    }

    /// Two charts are pulled and sent, one of them arrives; one is not in its slot and is looked for at two other places;
    /// what Surgery should have is not there either.
    async fn look_for(&mut self) -> Result<()> {
        self.charge_out(&place(CARD)).await?;
        self.charts(COUNTER, 12..14).await?;
        self.done().await?;
        self.charts(CARDIOLOGY, 12..13).await?;
        if let Some(request) = self.requests.get(2) {
            let not_found = PageStep {
                request: *request,
                step: RequestStep::NotFound,
                why: Some("the slot is empty".to_owned()),
                seen_steps: None,
                whose: Whose::Anybodys,
                actor: Some("clerk".to_owned()),
            };
            self.store.step_request(not_found).await?;
        }
        self.store.tell_sign(self.volume(9), Sign::HolderDenies, Some("clerk".to_owned())).await?;
        let cases = self.store.open_cases(outguide::tracking::CaseId(0), 99).await?;
        let wanted = self.volume(14);
        let Some(case) = cases.into_iter().find(|case| case.volume == wanted) else { return Ok(()) };
        for looker in ["clerk", "supervisor"] {
            self.wait(Duration::from_secs(900));
            let Some(plan) = self.store.search_plan(case.id, Vec::new()).await? else { return Ok(()) };
            let Some(next) = plan.candidates().iter().find(|place| place.looks == 0) else { return Ok(()) };
            let look = Look { place: next.place, how: Thoroughness::ShelfByShelf };
            self.store.tell_look(case.id, look, Some(looker.to_owned())).await?;
        }
        Ok(())
    }

    /// A tote with four charts goes to Surgery.
    async fn send_tote(&mut self) -> Result<()> {
        self.scan(COUNTER, &place(TOTE)).await?;
        self.charts(COUNTER, 18..22).await?;
        self.done().await?;
        self.charge_out(&place(SURG)).await?;
        self.scan(COUNTER, &place(TOTE)).await?;
        self.done().await
    }
}

fn place(custodian: CustodianId) -> String {
    LabelKind::Custodian.own_key(custodian.0.unsigned_abs())
}

/// The stations of the configuration; what is scanned comes as from the network.
fn stations(config: &Config) -> Vec<Station> {
    let station = |station: &outguide::config::Station| Station {
        name: station.name.clone(),
        title: station.title.clone(),
        custodian: station.custodian.clone(),
        kind: station.kind,
        idle: station.idle,
        badge_idle: station.badge_idle,
        prints: station.printer.is_some(),
        double_read_window: station.double_read,
        sources: vec![NETWORK_SOURCE.to_owned()],
    };
    config.stations.iter().map(station).collect()
}
