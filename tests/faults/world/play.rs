//! One seed: a few dozen steps of people, scanners, clock, disk, power and mail, and then a quiet month.

use super::check;
use super::mail::MailServer;
use super::scanner::Scanner;
use super::shop::{self, Codes, STATIONS, Shop, Template};
use super::{Lie, Outcome};
use crate::crash::{FATES, Platter};
use crate::disk::{self, Event, Op, Plan, Watch};
use crate::room::wait;
use jiff::SignedDuration;
use outguide::clock::Clock;
use outguide::intake::NetworkScan;
use outguide::intake::TakeBack;
use outguide::missing::case::Sign;
use outguide::store::{NewRequest, Recorded, Volumes};
use outguide::tracking::{CaseId, CustodianId, ScanId, Signal, VolumeId};
use std::collections::BTreeMap;
use std::time::Duration;

/// Steps before the quiet month.
const STEPS: usize = 30;

/// A scan that was made, and what whoever made it has heard.
pub(crate) struct Made {
    pub(crate) id: ScanId,
    pub(crate) frame: Vec<u8>,
    pub(crate) station: usize,
    /// What was answered; for scanners on a wire only that it is on disk.
    pub(crate) answer: Option<Answer>,
    /// To be delivered until it is answered.
    pub(super) resend: Option<NetworkScan>,
}

pub(crate) enum Answer {
    Green,
    Recorded(Recorded),
}

pub(crate) struct World {
    lie: Lie,
    pub(crate) random: fastrand::Rng,
    pub(crate) clock: Clock,
    pub(crate) mail: MailServer,
    pub(crate) made: Vec<Made>,
    pub(crate) dir: tempfile::TempDir,
    pub(crate) trace: Vec<String>,
    pub(crate) wrong: Vec<String>,
    pub(crate) injected: BTreeMap<&'static str, usize>,
    pub(super) watch: Watch,
    platter: Platter,
    /// How far the platter has followed the tape, and how far anybody outside but who scans has seen what it says.
    played: usize,
    seen: usize,
    pub(super) scanners: Vec<Scanner>,
    pub(super) codes: Codes,
    pub(super) ids: u32,
}

pub(crate) fn seed(template: &Template, seed: u64, lie: Lie) -> Outcome {
    let clock = shop::start();
    let dir = crate::scratch();
    template.copy(dir.path());
    let watch = disk::record_over(dir.path());
    let mut world = World {
        lie,
        random: fastrand::Rng::with_seed(seed),
        mail: MailServer::new(seed),
        made: Vec::new(),
        trace: Vec::new(),
        wrong: Vec::new(),
        injected: BTreeMap::new(),
        platter: Platter::default(),
        played: 0,
        seen: watch.0.now(),
        scanners: STATIONS.iter().map(|(station, _)| Scanner::new(station, &clock)).collect(),
        codes: template.codes().clone(),
        ids: 0,
        clock,
        dir,
        watch,
    };
    let mut shop = world.open(template);
    for step in 0..STEPS {
        shop = world.step(shop, template);
        world.tell(&format!("{step} ends"));
    }
    shop = world.quiet_month(shop, template);
    shop.close();
    check::everything(world)
}

impl World {
    pub(super) fn tell(&mut self, what: &str) {
        // Where the files are is another place each time.
        let what = what.replace(&*self.dir.path().to_string_lossy(), "");
        self.trace.push(format!("{} {what}", self.clock.now()));
    }

    pub(super) fn inject(&mut self, what: &'static str) {
        *self.injected.entry(what).or_default() += 1;
        self.tell(what);
    }

    /// Starts the shop; one that does not start is started again by whoever looks after it.
    fn open(&mut self, template: &Template) -> Shop {
        for _ in 0..3 {
            match Shop::open(self.dir.path(), &self.clock, template, &self.mail) {
                Ok(shop) => {
                    self.seen = self.watch.0.now();
                    return shop;
                }
                Err(why) => self.tell(&format!("it does not start: {}", first_line(&why))),
            }
            self.clock.advance(Duration::from_secs(5));
            self.watch.0.mend();
        }
        panic!("it does not start although the disk works: {:?}", self.trace.last());
    }

    fn step(&mut self, shop: Shop, template: &Template) -> Shop {
        match self.random.u8(..100) {
            0..36 => self.scan(&shop),
            36..46 => self.deliver(&shop),
            46..53 => self.burst(&shop),
            53..66 => self.time_passes(),
            66..72 => self.sweep(&shop),
            72..80 => return self.turn(shop, template),
            80..88 => self.person(&shop),
            88..90 => self.set_clock(),
            90..94 => self.trouble(),
            94..95 => {
                shop.close();
                self.inject("restart");
                return self.open(template);
            }
            95..97 => return self.kill(shop, template),
            _ => return self.cut(shop, template),
        }
        shop
    }

    fn time_passes(&mut self) {
        let seconds = match self.random.u8(..4) {
            0 => self.random.u64(1..120),
            1 => self.random.u64(120..7_200),
            2 => self.random.u64(7_200..86_400),
            _ => self.random.u64(86_400..6 * 86_400),
        };
        self.clock.advance(Duration::from_secs(seconds));
        self.tell("time passes");
    }

    /// Somebody sets the wall clock, or it sets itself.
    fn set_clock(&mut self) {
        let hours = self.random.choice([-1, 1, -24 * 30, 24 * 30, -24 * 365]).unwrap();
        self.clock.set_wall(self.clock.now() + SignedDuration::from_hours(hours));
        self.inject("clock set");
    }

    fn trouble(&mut self) {
        if self.random.u8(..3) == 0 {
            self.watch.0.mend();
            return self.tell("the disk works");
        }
        let op = self.random.choice([Some(Op::Sync), Some(Op::Write), Some(Op::Read), None]).unwrap();
        let for_ever = self.random.bool();
        let plan = Plan {
            op,
            nth: self.random.u64(1..12),
            for_ever,
            full: op == Some(Op::Write) && self.random.bool(),
        };
        self.watch.0.fail(plan);
        self.inject(if for_ever { "disk fails until it is mended" } else { "disk fails once" });
    }

    fn sweep(&mut self, shop: &Shop) {
        let swept = wait(shop.store.sweep(shop.config.calendar.clone(), shop.config.missing, Vec::new()));
        self.tell(&format!("sweep: {:?}", swept.map(|swept| swept.noted).ok()));
        let expired = wait(shop.store.expire_requests());
        self.tell(&format!("expired: {:?}", expired.ok()));
        self.seen = self.watch.0.now();
    }

    /// Notices are decided and sent; the daemon may be killed while a message is under way.
    fn turn(&mut self, shop: Shop, template: &Template) -> Shop {
        let killed = self.mail.killed.clone();
        let all = self.random.u8(..4) == 0;
        let turn = wait(async {
            tokio::select! {
                biased;
                turn = shop.post.turn(all) => Some(turn),
                () = killed.notified() => None,
            }
        });
        self.seen = self.watch.0.now();
        match turn {
            Some(turn) => {
                self.tell(&format!("notices: {:?}", turn.ok()));
                shop
            }
            None => self.kill(shop, template),
        }
    }

    /// Somebody at a page: asks for a chart, flags one, answers for one.
    fn person(&mut self, shop: &Shop) {
        let volume = VolumeId(self.random.i64(1..=i64::try_from(shop::CHARTS).unwrap()));
        let told = match self.random.u8(..5) {
            0 => {
                let asked = NewRequest {
                    volumes: Volumes::One(volume),
                    to: CustodianId(self.random.i64(3..=5)),
                    needed_at: self.clock.now() + SignedDuration::from_hours(self.random.i64(1..72)),
                    channel: Default::default(),
                    requester: "Dr A".to_owned(),
                    requester_id: None,
                    purpose: "visit".to_owned(),
                    comment: String::new(),
                    priority: Default::default(),
                    form: None,
                    actor: Some("clerk".to_owned()),
                };
                format!("asks for {volume}: {}", wait(shop.store.ask(asked)).is_ok())
            }
            1 => {
                let sign =
                    self.random.choice([Sign::Flagged, Sign::NotFillable, Sign::HomeSlotEmpty]).unwrap();
                let told = wait(shop.store.tell_sign(volume, sign, Some("clerk".to_owned())));
                format!("{sign:?} {volume}: {}", told.is_ok())
            }
            2 => {
                let id = self.new_id();
                let back = TakeBack { id, station: STATIONS[0].0.to_owned(), volume, operator: None };
                let taken = wait(shop.intake.take_back(back));
                format!("takes {volume} back: {:?}", taken.map(|recorded| recorded.verdict).ok())
            }
            3 => {
                let case = CaseId(self.random.i64(1..6));
                let has_it = self.random.bool();
                format!("case {case}: {}", wait(shop.store.tell_answer(case, has_it, None)).is_ok())
            }
            _ => {
                let case = CaseId(self.random.i64(1..6));
                format!("confirmed {case}: {}", wait(shop.store.confirm_find(case, true, None)).is_ok())
            }
        };
        self.tell(&told);
        self.seen = self.watch.0.now();
    }

    /// The process dies and is started again on what the kernel has of its files.
    fn kill(&mut self, shop: Shop, template: &Template) -> Shop {
        let dir = crate::scratch();
        for entry in std::fs::read_dir(self.dir.path()).unwrap().flatten() {
            let name = entry.file_name();
            if !name.to_string_lossy().ends_with("-shm") {
                std::fs::copy(entry.path(), dir.path().join(name)).unwrap();
            }
        }
        let watch = disk::record_on(dir.path(), &self.watch.0);
        let _old = (std::mem::replace(&mut self.dir, dir), std::mem::replace(&mut self.watch, watch));
        shop.close();
        self.inject("kill");
        self.open(template)
    }

    /// The power goes, now or at any moment since anybody but a scanner saw what was written.
    fn cut(&mut self, shop: Shop, template: &Template) -> Shop {
        let tape = self.watch.0.tape();
        let point = self.random.usize(self.seen.min(tape.len())..=tape.len());
        for event in &tape[self.played..point] {
            self.platter.follow(event, &mut self.random);
        }
        for event in &tape[point..] {
            if let Event::Answered { delivery } = event
                && self.lie != Lie::GreenTooEarly
            {
                // Whoever scanned has not heard it.
                self.made[*delivery].answer = None;
            }
        }
        let fate = FATES[self.random.usize(..FATES.len())];
        let dir = crate::scratch();
        self.platter.crash(dir.path(), fate, &mut self.random);
        let watch = disk::record_over(dir.path());
        (self.platter, self.played) = (Platter::default(), 0);
        let _old = (std::mem::replace(&mut self.dir, dir), std::mem::replace(&mut self.watch, watch));
        shop.close();
        self.inject("power cut");
        self.tell(&format!("{fate:?}, {} events lost", tape.len() - point));
        self.open(template)
    }

    /// Everything works again, nobody scans, and what is owed comes to its end.
    fn quiet_month(&mut self, shop: Shop, template: &Template) -> Shop {
        self.watch.0.mend();
        let mut shop = shop;
        for _ in 0..30 {
            let code = self.codes.volumes[0].clone();
            let readings = self.read(1, &code, false);
            let signals: Vec<Signal> =
                readings.into_iter().map(|reading| self.take(&shop, 1, reading)).collect();
            if !signals.contains(&Signal::NotRecorded) {
                break;
            }
            self.clock.advance(Duration::from_secs(2));
        }
        for _ in 0..20 {
            self.deliver_what_waits(&shop);
        }
        for turn in 0..24 {
            // For a while the mail server is as it was: that is when most is sent.
            self.mail.inner.lock().unwrap().is_well = turn >= 10;
            self.clock.advance(Duration::from_secs(30 * 3_600));
            self.sweep(&shop);
            shop = self.turn(shop, template);
        }
        let again = wait(shop.store.sweep(shop.config.calendar.clone(), shop.config.missing, Vec::new()));
        if again.as_ref().map(|swept| swept.noted).ok() != Some(0) {
            self.wrong.push(format!("a sweep right after a sweep does something: {again:?}"));
        }
        let again = wait(shop.post.turn(false));
        if again.as_ref().map(|turn| (turn.asked, turn.sent)).ok() != Some((0, 0)) {
            self.wrong.push(format!("a turn right after a turn does something: {again:?}"));
        }
        let mut mail = self.mail.inner.lock().unwrap();
        match self.lie {
            Lie::MailLost => drop(mail.taken.pop()),
            Lie::OtherId => {
                let other = mail.taken.last().cloned();
                mail.taken.extend(other.map(|message| outguide::mail::Message {
                    id: format!("{}-again", message.id),
                    ..message
                }));
            }
            Lie::None | Lie::GreenTooEarly => {}
        }
        drop(mail);
        shop
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
