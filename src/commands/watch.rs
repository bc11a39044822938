//! `outguide scanners watch`: what a scanner sends, as it comes.

use super::scanners::ask;
use super::{runtime, say, say_error};
use crate::cli;
use anyhow::{Context, Result, bail};
use futures_util::FutureExt;
use outguide::clock::Clock;
use outguide::config::Config;
use outguide::daemon::control::{Question, told};
use outguide::label::visible;
use outguide::scanner::answer::AnswerProfile;
use outguide::scanner::capture::{self, Chunk};
use outguide::scanner::{self, Gauge, Outlets, Plugs, Source};
use outguide::tracking::Signal;
use serde_json::Value;
use std::fs::File;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

pub(super) fn watch(args: &cli::Watch) -> Result<ExitCode> {
    let config = Config::load(&args.config.config)?;
    let mut sources = config.stations.iter().flat_map(|station| &station.sources);
    let Some(source) = sources.find(|source| source.name == args.name) else {
        let known: Vec<_> =
            config.stations.iter().flat_map(|s| &s.sources).map(|source| source.name.as_str()).collect();
        bail!("there is no source `{}`; the configuration has: {}", args.name, known.join(", "));
    };
    let mut show = Show { json: args.json, record: None, before: 0 };
    if let Some(file) = &args.record {
        let mut created = File::create_new(file).with_context(|| file.display().to_string())?;
        writeln!(created, "# {}, {}", source.name, source.link)
            .with_context(|| file.display().to_string())?;
        show.record = Some(created);
    }
    let end = args.seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    if let Some(answers) = ask(&config.data_dir, &Question::Watch { source: source.name.clone() })? {
        return through_daemon(answers, end, show);
    }
    say_error("the daemon is not running: the scanner is listened to directly, and nothing is recorded");
    runtime()?.block_on(directly(source.clone(), &config, end, show))
}

/// Passes on what the daemon hears. A thread reads, so that the end comes also when nothing is heard.
fn through_daemon(
    answers: impl Iterator<Item = Value> + Send + 'static,
    end: Option<Instant>,
    mut show: Show,
) -> Result<ExitCode> {
    let (sender, receiver) = std::sync::mpsc::channel();
    drop(std::thread::spawn(move || {
        answers.map(|answer| sender.send(answer)).take_while(Result::is_ok).for_each(drop)
    }));
    loop {
        let answer = match end {
            None => receiver.recv().ok(),
            Some(end) => receiver.recv_timeout(end.saturating_duration_since(Instant::now())).ok(),
        };
        let Some(answer) = answer else { return Ok(ExitCode::SUCCESS) };
        if let Some(error) = answer.get("error").and_then(Value::as_str) {
            bail!("{error}");
        }
        show.one(&answer)?;
    }
}

/// Listens to the scanner itself; it is told nothing, as nothing is recorded.
async fn directly(source: Source, config: &Config, end: Option<Instant>, mut show: Show) -> Result<ExitCode> {
    let source = Source { answer: AnswerProfile::None, ..source };
    let outlets = listening_outlets();
    let gauge = Arc::new(Gauge::new(&source, String::new(), outlets.clock.now()));
    let mut tap = gauge.tap();
    let stop = CancellationToken::new();
    let task = tokio::spawn(scanner::run(source, Arc::clone(&gauge), outlets, 0, stop.clone()));
    let ending = async {
        match end {
            Some(end) => tokio::time::sleep_until(end.into()).await,
            None => std::future::pending().await,
        }
    };
    tokio::pin!(ending);
    loop {
        tokio::select! {
            () = &mut ending => break,
            _ = tokio::signal::ctrl_c() => break,
            heard = tap.recv() => match heard {
                Ok(tapped) => show.one(&told(&config.formats, &tapped))?,
                Err(_) => show.one(&serde_json::json!({ "missed": 1 }))?,
            },
        }
    }
    stop.cancel();
    drop(task.await);
    Ok(ExitCode::SUCCESS)
}

/// Outlets for listening only: nothing is recorded, and nobody is told so as long as the source is told nothing.
pub(super) fn listening_outlets() -> Outlets {
    Outlets {
        record: Arc::new(|_| std::future::ready(Signal::NotRecorded).boxed()),
        changed: Arc::new(|| {}),
        clock: Clock::system(),
        plugs: Plugs::listen(),
        in_flight_max: 16,
    }
}

/// Prints what is heard, and writes it down if asked to.
struct Show {
    json: bool,
    record: Option<File>,
    /// When the piece before came, in milliseconds since the port was opened.
    before: u64,
}

impl Show {
    fn one(&mut self, heard: &Value) -> Result<()> {
        if let Some(hex) = heard.get("bytes").and_then(Value::as_str) {
            self.write_down(heard.get("at_ms").and_then(Value::as_u64).unwrap_or(0), hex)?;
        }
        if self.json {
            say(&heard.to_string());
        } else if let Some(line) = line(heard) {
            say(&line);
        }
        Ok(())
    }

    fn write_down(&mut self, at_ms: u64, hex: &str) -> Result<()> {
        let Some(file) = &mut self.record else { return Ok(()) };
        let after = Duration::from_millis(at_ms.saturating_sub(self.before));
        self.before = at_ms;
        if let Ok(Some(chunk)) = capture::parse(format!("{} {hex}", after.as_millis()).as_bytes()) {
            let chunk = Chunk { after, ..chunk };
            file.write_all(capture::line(&chunk).as_bytes()).context("the recording cannot be written")?;
        }
        Ok(())
    }
}

/// One line for people; nothing for what says the same as another line.
fn line(heard: &Value) -> Option<String> {
    let text = |key| heard.get(key).and_then(Value::as_str);
    if let Some(source) = text("source") {
        return Some(format!(
            "{source}: {} {}",
            text("presence").unwrap_or_default(),
            text("device").unwrap_or_default()
        ));
    }
    if let Some(hex) = text("bytes") {
        return Some(format!("bytes   {}", shown(hex)));
    }
    if let Some(hex) = text("answer").or(text("reply")) {
        return Some(format!("answer  {}", shown(hex)));
    }
    if let Some(missed) = heard.get("missed") {
        return Some(format!("({missed} pieces came too fast to be shown)"));
    }
    let frame = heard.get("frame")?;
    let part = |key| frame.get(key).and_then(Value::as_str).unwrap_or_default();
    let aim = frame.get("aim").and_then(|aim| aim.get("symbology")).and_then(Value::as_str);
    let aim = aim.map_or(String::new(), |symbology| format!(" [{symbology}]"));
    let key = if part("key").is_empty() { String::new() } else { format!(" key {}", part("key")) };
    Some(format!("frame   {}{aim} {}{key}: {}", part("frame"), part("outcome"), part("why")))
}

fn shown(hex: &str) -> String {
    match capture::parse(format!("0 {hex}").as_bytes()) {
        Ok(Some(chunk)) => visible(&chunk.bytes),
        _ => String::new(),
    }
}
