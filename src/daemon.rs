//! Puts the rooms together: opens everything in order, keeps it running, and stops it in order.

pub mod accounts;
mod archive;
mod backups;
mod begin;
pub mod control;
mod missing;
pub mod notices;
mod open_files;
mod owed;
mod quiet;
mod reload;
mod sources;
mod systemd;

use crate::backups::Backups;
use crate::changes::Changes;
use crate::clock::Clock;
use crate::config::Config;
use crate::intake::Intake;
use crate::notice::Templates;
use crate::printer::{Patience, Printers};
use crate::secret::SecretError;
use crate::store::{NotRecorded, StoreError, StoreThread};
use crate::web::door::{Door, Rules};
use crate::web::{self, App, Parts, Site, SiteNotices, SiteStation, Tls, TlsError, WebLimits};
use control::Control;
use reload::{settings, stations};
use sources::Sources;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How long the writer or a source may be silent before the watchdog is no longer fed.
const SILENT_MAX: Duration = Duration::from_secs(10);
/// How long open pages may take to end.
const PAGES_END: Duration = Duration::from_secs(6);

/// Why the daemon could not start.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// The database cannot be used.
    #[error("the daemon cannot start")]
    Store(#[from] StoreError),
    /// The stations could not be written down.
    #[error("the stations of the configuration could not be recorded")]
    Stations(#[source] NotRecorded),
    /// The address is taken or not ours.
    #[error(
        "cannot listen on {address}; another program may have the port: choose another `listen` address (the demo: another `--port`)"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// The thread that records ended by a panic.
    #[error(
        "the thread that records has failed; outguide has to start anew (systemd does that), and the log has the reason"
    )]
    WriterEnded,
    /// The socket for the administrator's commands cannot be opened.
    #[error("cannot open the control socket {}", path.display())]
    Control {
        /// Where it would be.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// Certificate or key cannot be used.
    #[error("the pages cannot be served by TLS")]
    Tls(#[from] TlsError),
    /// No code can be drawn for the first administrator.
    #[error("no code can be drawn for the first administrator")]
    Secret(#[from] SecretError),
    /// Signals cannot be received.
    #[error("cannot receive signals")]
    Signals(#[source] std::io::Error),
    /// The scanners' thread could not be started.
    #[error("cannot start the scanners' thread; allow the service more processes (TasksMax)")]
    Threads(#[source] std::io::Error),
}

/// A running daemon.
pub struct Daemon {
    config_file: PathBuf,
    config: Config,
    app: App,
    address: SocketAddr,
    sources: Sources,
    gauges: control::Gauges,
    post: notices::InForce,
    tls: Option<Arc<Tls>>,
    web: JoinHandle<()>,
    stop_web: CancellationToken,
    store_thread: StoreThread,
    signals: Signals,
}

impl Daemon {
    /// Starts everything that `config` asks for. When this returns, the database is open and the site is served.
    ///
    /// # Errors
    /// The database or the address cannot be used, or signals cannot be received; the message names the next step.
    pub async fn start(config_file: PathBuf, config: Config, clock: Clock) -> Result<Daemon, DaemonError> {
        let listener = TcpListener::bind(config.listen)
            .await
            .map_err(|cause| DaemonError::Listen { address: config.listen, cause })?;
        let address =
            listener.local_addr().map_err(|cause| DaemonError::Listen { address: config.listen, cause })?;
        let tls = config.web.tls.as_ref().map(|tls| Tls::load(&tls.certificate, &tls.key)).transpose()?;
        let tls = tls.map(Arc::new);
        let (store, store_thread, numbered) = begin::open(&config, &clock).await?;
        // From the first scan on a stop is one in order; an upgrade before that may be broken off at any time.
        let signals = Signals::new().map_err(DaemonError::Signals)?;
        let changes = Changes::default();
        let intake = Intake::new(store.clone(), clock.clone(), changes.clone(), settings(&config, numbered));
        let stop_web = CancellationToken::new();
        let mut sources = Sources::new(
            intake.clone(),
            changes.clone(),
            clock.clone(),
            config.limits.scans_in_flight_per_source,
        )
        .map_err(DaemonError::Threads)?;
        sources.apply(&config).await;
        let gauges = control::Gauges::new(RwLock::new(sources.gauges()));
        let backups = Arc::new(Backups::new(config.backup.clone(), clock.now()));
        let (post, problems) = notices::Post::new(store.clone(), &config, &Templates::default());
        let app = App::new(Parts {
            store,
            intake,
            changes,
            clock,
            site: Arc::new(RwLock::new(Arc::new(site(&config, &sources, problems)))),
            door: Arc::new(Door::new(rules(&config))),
            limits: web_limits(&config, address),
            stop: stop_web.clone(),
            backups,
        });
        let control = Control { gauges: Arc::clone(&gauges), app: app.clone() };
        control
            .start(&config.data_dir)
            .map_err(|cause| DaemonError::Control { path: control::socket(&config.data_dir), cause })?;
        begin::offer_first_account(&app).await?;
        let post = Arc::new(Mutex::new(post));
        begin::keep_data(&app, &config, &stop_web);
        begin::look_after(&app, &gauges, &post, &stop_web);
        let router = web::router(app.clone());
        let web = tokio::spawn(web::serve(
            listener,
            router,
            app.limits.clone(),
            tls.clone(),
            Arc::clone(&app.door),
            stop_web.clone(),
        ));
        tracing::info!(%address, "pages are served");
        Ok(Daemon {
            config_file,
            config,
            app,
            address,
            sources,
            gauges,
            post,
            tls,
            web,
            stop_web,
            store_thread,
            signals,
        })
    }

    /// Where the pages are.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The state that requests see.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Serves until `stop` or a signal: TERM and INT stop, HUP reads the configuration again, USR1 logs the state.
    ///
    /// # Errors
    /// The thread that records has failed.
    pub async fn run(&mut self, stop: CancellationToken) -> Result<(), DaemonError> {
        let mut pulse = systemd::Pulse::new();
        systemd::ready();
        loop {
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                () = pulse.beat() => {
                    if self.store_thread.has_ended() {
                        return Err(DaemonError::WriterEnded);
                    }
                    self.beat(&pulse);
                }
                received = self.signals.next() => match received {
                    Received::Stop => return Ok(()),
                    Received::Reload => self.reload().await,
                    Received::Dump => self.log_state(),
                },
            }
        }
    }

    /// Stops in order: scanners (their last scans are recorded and answered), pages, database.
    pub async fn stop(self) {
        systemd::stopping();
        exit_at_second_signal();
        let Daemon { app, sources, post, mut web, stop_web, store_thread, .. } = self;
        tracing::info!("stopping: scanners");
        sources.stop().await;
        tracing::info!("stopping: pages");
        stop_web.cancel();
        if tokio::time::timeout(PAGES_END, &mut web).await.is_err() {
            tracing::warn!("some pages did not end in time and were cut off");
            web.abort();
        }
        tracing::info!("stopping: database");
        drop((app, post));
        if tokio::task::spawn_blocking(move || store_thread.join()).await.is_err() {
            tracing::error!("the database thread could not be waited for");
        }
        tracing::info!("stopped");
    }

    fn beat(&self, pulse: &systemd::Pulse) {
        let writer = self.app.store.health();
        let now = self.app.clock.elapsed();
        let silent = self.sources.silent_longer_than(SILENT_MAX, now);
        if writer.silent_for > SILENT_MAX {
            tracing::error!(
                silent_s = writer.silent_for.as_secs(),
                "the database thread hangs; the watchdog is not fed"
            );
        } else if let Some(source) = silent {
            tracing::error!(source, "a scanner's task hangs; the watchdog is not fed");
        } else {
            pulse.feed();
        }
        let (up, all) = self.sources.up();
        let trouble = writer.red.map_or(String::new(), |_| ", NOT RECORDING: the database failed".to_owned());
        systemd::status(&format!("{up} of {all} scanners up, {} scans recorded{trouble}", writer.recorded));
    }

    fn log_state(&self) {
        let writer = self.app.store.health();
        tracing::info!(
            recorded = writer.recorded,
            commits = writer.commits,
            red = writer.red,
            live_pages = self.app.changes.listeners(),
            "state"
        );
        for gauge in self.sources.gauges() {
            let health = gauge.read();
            tracing::info!(
                source = gauge.source,
                state = health.presence.as_str(),
                frames = health.frames,
                rejected = health.rejected,
                hang_ups = health.hang_ups,
                "state of scanner"
            );
        }
    }
}

fn site(config: &Config, sources: &Sources, problems: Vec<String>) -> Site {
    let stations = config.stations.iter().map(|station| SiteStation {
        name: station.name.clone(),
        title: station.title.clone(),
        custodian: station.custodian.clone(),
        printer: station.printer.clone(),
    });
    Site {
        name: config.site_name.clone(),
        time_zone: config.time_zone.clone(),
        stations: stations.collect(),
        gauges: sources.gauges(),
        habit: config.habit.clone(),
        printers: Printers::new(config.printers.clone(), Patience::default()),
        calendar: config.calendar.clone(),
        missing: config.missing,
        arrives_within: config.arrives_within,
        notices: SiteNotices {
            ladder: config.notices.rules.ladder.clone(),
            recipients: config.notices.rules.ladder.recipients(),
            problems,
            has_mail: config.notices.mail.is_some(),
            has_webhook: config.notices.webhook.is_some(),
            names: config.notices.names,
            charts: config.notices.rules.caps.charts,
        },
    }
}

/// Who may come in, and for how long.
fn rules(config: &Config) -> Rules {
    let header = config.web.proxy_header.as_deref().and_then(|name| name.parse().ok());
    Rules {
        sign_in: config.web.sign_in,
        proxy_header: header,
        trusted_proxies: config.web.trusted_proxies.clone(),
    }
}

fn web_limits(config: &Config, listen: SocketAddr) -> WebLimits {
    let connections = open_files::connections(config.limits.connections);
    WebLimits {
        listen,
        hosts: config.web.hosts.clone(),
        connections,
        live_pages: config.limits.live_pages.min(connections.saturating_sub(1).max(1)),
        connections_per_address: config.limits.connections_per_address,
        header_timeout: config.limits.header_timeout,
        answer_timeout: config.limits.answer_timeout,
        request_timeout: config.limits.request_timeout,
        body_bytes_max: config.limits.body_bytes_max,
    }
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
    user_1: Signal,
}

enum Received {
    Stop,
    Reload,
    Dump,
}

impl Signals {
    fn new() -> std::io::Result<Signals> {
        Ok(Signals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
            user_1: signal(SignalKind::user_defined1())?,
        })
    }

    async fn next(&mut self) -> Received {
        tokio::select! {
            _ = self.terminate.recv() => Received::Stop,
            _ = self.interrupt.recv() => Received::Stop,
            _ = self.hang_up.recv() => Received::Reload,
            _ = self.user_1.recv() => Received::Dump,
        }
    }
}

/// Exit code after a second signal, as shells report an interrupt.
const INTERRUPTED: i32 = 130;

/// From now on a signal ends the process at once: everything answered green is on disk already.
fn exit_at_second_signal() {
    drop(tokio::spawn(async {
        let Ok(mut signals) = Signals::new() else { return };
        loop {
            if let Received::Stop = signals.next().await {
                tracing::warn!("second signal: stopping at once");
                std::process::exit(INTERRUPTED);
            }
        }
    }));
}
