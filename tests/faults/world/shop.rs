//! The daemon's insides as the made-up world runs them: store, intake and post, without tasks of their own.

use super::mail::MailServer;
use crate::room::wait;
use outguide::changes::Changes;
use outguide::clock::Clock;
use outguide::config::Config;
use outguide::daemon::notices::Post;
use outguide::import::{Kind, import};
use outguide::intake::{Intake, NETWORK_SOURCE, Settings};
use outguide::label::LabelKind;
use outguide::mail::{Sender, Transport};
use outguide::notice::Templates;
use outguide::store::{Importer, Options, Place, Station, Store, StoreThread};
use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

pub(crate) const CHARTS: u64 = 24;
/// Stations with their custodians; the first is a desk.
pub(crate) const STATIONS: [(&str, &str); 4] =
    [("desk", "SORT"), ("card", "CARD"), ("derm", "DERM"), ("ward", "WARD")];
/// Scans that may wait for the writer: few, so that the queue is full now and then.
const QUEUE: usize = 12;

const CONFIG: &str = r#"
data_dir = "/nonexistent"
listen = "127.0.0.1:0"
time_zone = "UTC"
[calendar]
due = "3wd"
[missing]
[mail]
transport = "file"
directory = "/nonexistent/mail"
from = "outguide@example.org"
[notices]
link = "https://outguide.example.org"
[[notices.step]]
name = "late"
when = "1wd after"
to = "holder"
times = 2
every = "1wd"
[[notices.step]]
name = "supervisor"
when = "4wd after"
to = "SUP"
"#;

/// A file room that was set up once, and the configuration it runs with.
pub(crate) struct Template {
    dir: tempfile::TempDir,
    config: Config,
    codes: Codes,
}

/// What can be scanned.
#[derive(Debug, Clone)]
pub(crate) struct Codes {
    pub(crate) volumes: Vec<String>,
    pub(crate) places: Vec<String>,
    pub(crate) commands: Vec<String>,
    pub(crate) badge: String,
}

impl Template {
    pub(crate) fn new() -> Template {
        let dir = crate::scratch();
        let lists = tempfile::tempdir().unwrap();
        let mut text = CONFIG.to_owned();
        for (name, custodian) in STATIONS {
            let kind = if name == "desk" { "desk" } else { "checkpoint" };
            text += &format!(
                "[[station]]\nname = \"{name}\"\ncustodian = \"{custodian}\"\nkind = \"{kind}\"\n\
                 [[station.source]]\nname = \"{name}-scanner\"\ndevice = \"/nonexistent/{name}\"\n"
            );
        }
        let file = lists.path().join("outguide.toml");
        std::fs::write(&file, text).unwrap();
        let config = Config::load(&file).unwrap();
        let charts = (1..=CHARTS).map(|number| format!("{number:06},{},FILE\n", key(number)));
        let charts: String = std::iter::once("mrn,label,home\n".to_owned()).chain(charts).collect();
        for (kind, csv) in [
            (
                Kind::Custodians,
                "code,name,kind,mail,parent\nFILE,File area,file-area,,\nSORT,Sorting shelf,shelf,,FILE\n\
                 CARD,Cardiology,clinic,card@example.org,\nDERM,Dermatology,clinic,derm@example.org,\n\
                 WARD,Ward 3,ward,,\nSUP,Supervisor,person,sup@example.org,\n"
                    .to_owned(),
            ),
            (Kind::People, "code,name\nDOE,J. Doe\n".to_owned()),
            (Kind::Charts, charts),
        ] {
            let list = lists.path().join("list.csv");
            std::fs::write(&list, csv).unwrap();
            let importer = Importer::open(&Place::new(dir.path()), start().now(), false).unwrap();
            import(kind, &list, importer, &mut |_, _| ()).unwrap();
        }
        let commands = (1..=12).map(|number| LabelKind::Command.own_key(number)).collect();
        let codes = Codes {
            volumes: (1..=CHARTS).map(key).collect(),
            // The custodians' own labels, in the order of the list: FILE is the first.
            places: [3, 4, 5].map(|number| LabelKind::Custodian.own_key(number)).into(),
            commands,
            badge: LabelKind::Person.own_key(1),
        };
        Template { dir, config, codes }
    }

    /// Puts the file room into an empty directory.
    pub(crate) fn copy(&self, to: &Path) {
        std::fs::copy(self.dir.path().join("outguide.db"), to.join("outguide.db")).unwrap();
    }

    pub(crate) fn codes(&self) -> &Codes {
        &self.codes
    }
}

fn key(number: u64) -> String {
    LabelKind::Volume.own_key(number)
}

/// A Monday morning.
pub(crate) fn start() -> Clock {
    Clock::played("2026-01-05T09:00:00Z".parse().unwrap())
}

/// An open shop.
pub(crate) struct Shop {
    pub(crate) store: Store,
    pub(crate) intake: Intake,
    pub(crate) post: Post,
    pub(crate) config: Config,
    thread: StoreThread,
}

impl Shop {
    /// Starts as the daemon does, in its order.
    pub(crate) fn open(
        dir: &Path,
        clock: &Clock,
        template: &Template,
        mail: &MailServer,
    ) -> Result<Shop, String> {
        let config = template.config.clone();
        let options = Options { place: Place::new(dir), queue: QUEUE, readers: 1 };
        let (store, thread) = Store::open(&options, clock).map_err(|error| format!("{error:?}"))?;
        let opened = Shop::serve(&store, clock, &config, mail);
        match opened {
            Ok((intake, post)) => Ok(Shop { store, intake, post, config, thread }),
            Err(why) => {
                drop(store);
                thread.join();
                Err(why)
            }
        }
    }

    fn serve(
        store: &Store,
        clock: &Clock,
        config: &Config,
        mail: &MailServer,
    ) -> Result<(Intake, Post), String> {
        let why = |error: outguide::store::NotRecorded| error.to_string();
        store.set_due_back(config.calendar.clone(), config.due).map_err(why)?;
        wait(store.set_missing_rules(config.missing)).map_err(why)?;
        let stations = config.stations.iter().map(|station| Station {
            name: station.name.clone(),
            title: station.title.clone(),
            custodian: station.custodian.clone(),
            kind: station.kind,
            idle: station.idle,
            badge_idle: station.badge_idle,
            double_read_window: Duration::from_secs(2),
            prints: false,
            sources: vec![format!("{}-scanner", station.name), NETWORK_SOURCE.to_owned()],
        });
        let numbered = wait(store.set_stations(stations.collect())).map_err(why)?;
        let station_of = STATIONS.map(|(name, _)| (format!("{name}-scanner"), name.to_owned()));
        let settings =
            Settings { formats: config.formats.clone(), numbered, station_of: HashMap::from(station_of) };
        let intake = Intake::new(store.clone(), clock.clone(), Changes::default(), settings);
        let (mut post, _) = Post::new(store.clone(), config, &Templates::default());
        let sender =
            Sender { from: "outguide@example.org".to_owned(), reply_to: None, name: "File room".to_owned() };
        post.mail = Some((Transport::Played(mail.transport()), sender));
        Ok((intake, post))
    }

    pub(crate) fn close(self) {
        let Shop { store, intake, post, thread, .. } = self;
        drop((store, intake, post));
        thread.join();
    }
}
