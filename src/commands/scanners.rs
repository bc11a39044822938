//! `outguide scanners`: what is plugged in, what is configured, and how it fares.

use super::{FOUND, say};
use crate::cli;
use anyhow::{Context, Result};
use outguide::config::Config;
use outguide::daemon::control::{Question, socket};
use outguide::scanner::{self, Inventory, Link, NodeKind, Plugged, Source};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::ExitCode;

pub(super) fn scanners(args: &cli::Scanners) -> Result<ExitCode> {
    let config = Config::load(&args.config.config)?;
    let running = ask(&config.data_dir, &Question::Scanners)?;
    let states: Option<Vec<Value>> = running.map(Iterator::collect);
    let sources: Vec<_> = config.stations.iter().flat_map(|station| &station.sources).collect();
    let mut sound = true;
    for source in &sources {
        let state = states.as_ref().and_then(|states| {
            states.iter().find(|state| state.get("source").and_then(Value::as_str) == Some(&source.name))
        });
        let state = state.cloned().unwrap_or_else(|| looked_at(source));
        sound &= show_source(&state, args.json);
    }
    if states.is_none() && !args.json {
        say("(the daemon is not running; what is said above is what a look at the devices tells)");
    }
    for device in unclaimed(&sources) {
        show_plugged(&device, args.json);
    }
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::from(FOUND) })
}

/// Puts a question to the daemon; nothing if none is running. Answers come as they are said.
pub(super) fn ask(
    data_dir: &Path,
    question: &Question,
) -> Result<Option<impl Iterator<Item = Value> + use<>>> {
    let path = socket(data_dir);
    let mut stream = match UnixStream::connect(&path) {
        Ok(stream) => stream,
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            return Err(error).with_context(|| {
                format!("{}: only root and the daemon's user may ask; use sudo", path.display())
            });
        }
        // No socket, or one that a daemon left behind.
        Err(_) => return Ok(None),
    };
    let question = serde_json::to_string(question).context("the question cannot be written")?;
    writeln!(stream, "{question}").context("the daemon does not take the question")?;
    let lines = BufReader::new(stream).lines().map_while(Result::ok);
    Ok(Some(lines.map_while(|line| serde_json::from_str(&line).ok())))
}

/// Everything that is plugged in and belongs to no source.
pub(super) fn unclaimed(sources: &[&Source]) -> Vec<Plugged> {
    let inventory = Inventory::default();
    let claimed: Vec<_> = sources
        .iter()
        .filter_map(|source| {
            let kind = match &source.link {
                Link::Serial { .. } => NodeKind::Serial,
                Link::Keyboard { .. } => NodeKind::Keyboard,
                Link::HidPos { .. } => NodeKind::HidPos,
                Link::TcpConnect { .. } | Link::TcpListen { .. } | Link::Replay { .. } => return None,
            };
            inventory.find(source.link.device()?, kind).ok()?.canonicalize().ok()
        })
        .collect();
    inventory.plugged().into_iter().filter(|device| !claimed.contains(&device.node)).collect()
}

/// A source as a look at its device shows it.
fn looked_at(source: &Source) -> Value {
    let trouble = scanner::look(&source.link);
    let presence = match &trouble {
        None => "there",
        Some(scanner::Trouble::Absent) => "not-present",
        Some(_) => "fault",
    };
    json!({
        "source": source.name,
        "kind": source.link.kind(),
        "device": source.link.to_string(),
        "presence": presence,
        "why": trouble.filter(|_| presence == "fault").map(|trouble| scanner::advice(&source.link, &trouble)),
        "concerns": [],
    })
}

/// Prints a source; false if something is wrong with it.
fn show_source(state: &Value, as_json: bool) -> bool {
    let text = |key| state.get(key).and_then(Value::as_str).unwrap_or_default();
    let concerns = state.get("concerns").and_then(Value::as_array).cloned().unwrap_or_default();
    let is_sound = text("presence") != "fault" && concerns.is_empty();
    if as_json {
        say(&state.to_string());
        return is_sound;
    }
    say(&format!("{:<20} {:<12} {:<12} {}", text("source"), text("presence"), text("kind"), text("device")));
    let words = concerns.iter().filter_map(Value::as_str).chain(state.get("why").and_then(Value::as_str));
    words.for_each(|words| say(&format!("    {words}")));
    is_sound
}

fn show_plugged(device: &Plugged, as_json: bool) {
    let usb = device.usb.as_ref().map(ToString::to_string);
    if as_json {
        let plugged = json!({
            "plugged": device.node,
            "kind": device.kind.as_str(),
            "usb": usb,
            "name": device.name,
            "socket": device.socket,
            "driver": device.driver,
            "device": device.lasting_name(),
            "has_twin": device.has_twin,
        });
        return say(&plugged.to_string());
    }
    say(&format!(
        "{:<20} {:<12} {:<12} {}",
        "-",
        "unclaimed",
        device.kind.as_str(),
        device.lasting_name().display()
    ));
    let socket = device.socket.as_ref().map(|socket| format!("socket {socket}"));
    let driver = device.driver.as_ref().map(|driver| format!("driver {driver}"));
    let twin = device.has_twin.then(|| "has a twin: name it by its socket".to_owned());
    let details: Vec<_> = [device.name.clone(), usb.map(|usb| format!("usb {usb}")), socket, driver, twin]
        .into_iter()
        .flatten()
        .collect();
    if !details.is_empty() {
        say(&format!("    {}", details.join(", ")));
    }
}
