//! `outguide scanners claim`: scan now, and read which device it was and what to write into the configuration.

use super::scanners::unclaimed;
use super::watch::listening_outlets;
use super::{FOUND, runtime, say, say_error};
use crate::cli;
use anyhow::Result;
use outguide::config::Config;
use outguide::label::visible;
use outguide::scanner::answer::AnswerProfile;
use outguide::scanner::frame::{FrameEvent, FrameSettings, Framing, Terminators};
use outguide::scanner::keys::Layout;
use outguide::scanner::{
    self, Concern, Device, Gauge, Inventory, LineSettings, Link, NodeKind, Plugged, Source, Tapped,
};
use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_serial::{DataBits, FlowControl, Parity, StopBits};
use tokio_util::sync::CancellationToken;

/// Shortest text that a keyboard may type at once to be taken for a scanner.
const TYPED_MIN: usize = 4;

pub(super) fn claim(args: &cli::Claim) -> Result<ExitCode> {
    let config = Config::load(&args.config.config)?;
    let sources: Vec<_> = config.stations.iter().flat_map(|station| &station.sources).collect();
    let devices = unclaimed(&sources);
    if devices.is_empty() {
        say_error("nothing is plugged in that no source has already; plug the scanner in and run this again");
        return Ok(ExitCode::from(FOUND));
    }
    for device in &devices {
        say_error(&format!("listening to {} ({})", device.lasting_name().display(), device.kind.as_str()));
    }
    say_error("scan now, any code; and do not type meanwhile");
    let spoke = runtime()?.block_on(listen(&devices, args));
    match spoke {
        Some((device, heard)) => {
            // A device that was only just plugged in may have got its lasting names since.
            let seen = Inventory::default().plugged().into_iter().find(|seen| seen.node == device.node);
            let device = seen.unwrap_or(device);
            say(&describe(&device, &heard, args.baud));
            Ok(ExitCode::SUCCESS)
        }
        None => {
            say_error(
                "nothing was heard; is the scanner in \"USB COM\", HID POS or keyboard mode? `outguide scanners` shows \
                 what is plugged in, and /setup in the pages has the codes that switch the mode",
            );
            Ok(ExitCode::from(FOUND))
        }
    }
}

/// What a device said first.
enum Spoken {
    Code(Vec<u8>),
    Concern(Concern),
}

/// Listens to all devices until one of them speaks.
async fn listen(devices: &[Plugged], args: &cli::Claim) -> Option<(Plugged, Spoken)> {
    let outlets = listening_outlets();
    let stop = CancellationToken::new();
    let (sender, mut spoken) = mpsc::channel(devices.len().max(1));
    for (number, device) in devices.iter().enumerate() {
        let source = source(number, device, args.baud);
        let gauge = Arc::new(Gauge::new(&source, String::new(), outlets.clock.now()));
        let mut tap = gauge.tap();
        let run = scanner::run(source, Arc::clone(&gauge), outlets.clone(), 0, stop.clone());
        drop(tokio::spawn(run));
        let (sender, device) = (sender.clone(), device.clone());
        drop(tokio::spawn(async move {
            while let Ok(tapped) = tap.recv().await {
                let Some(heard) = heard(&device, &gauge, &tapped) else { continue };
                if sender.send((device.clone(), heard)).await.is_err() {
                    return;
                }
            }
        }));
    }
    let spoke = tokio::time::timeout(Duration::from_secs(args.seconds), spoken.recv()).await.ok().flatten();
    stop.cancel();
    spoke
}

/// A code, or a reason why none can be read. People at keyboards type slower than a frame may take.
fn heard(device: &Plugged, gauge: &Gauge, tapped: &Tapped) -> Option<Spoken> {
    match tapped {
        Tapped::Event(FrameEvent::Frame { bytes, .. }) => {
            let is_typed = device.kind == NodeKind::Keyboard && bytes.len() < TYPED_MIN;
            (!is_typed).then(|| Spoken::Code(bytes.clone()))
        }
        // Why its codes cannot be read is known after some of them.
        Tapped::Event(_) | Tapped::Bytes(..) if device.kind != NodeKind::Keyboard => {
            gauge.read().concern.map(Spoken::Concern)
        }
        Tapped::Event(_) | Tapped::Bytes(..) | Tapped::Answer(_) => None,
    }
}

fn source(number: usize, device: &Plugged, baud: u32) -> Source {
    let path = Device { path: Some(device.node.clone()), usb: None };
    let link = match device.kind {
        NodeKind::Serial => Link::Serial {
            device: path,
            line: LineSettings {
                baud,
                data_bits: DataBits::Eight,
                parity: Parity::None,
                stop_bits: StopBits::One,
                flow: FlowControl::None,
            },
        },
        NodeKind::Keyboard => {
            Link::Keyboard { device: path, layout: Layout::Us, key_bytes: Vec::new(), is_taken: false }
        }
        NodeKind::HidPos => Link::HidPos { device: path },
    };
    let framing = match device.kind {
        NodeKind::HidPos => Framing::HidPos,
        NodeKind::Serial | NodeKind::Keyboard => {
            Framing::Line(Terminators { cr: true, lf: true, tab: device.kind == NodeKind::Keyboard })
        }
    };
    Source {
        name: format!("claim-{number}"),
        link,
        frame: FrameSettings {
            framing,
            prefix: Vec::new(),
            frame_bytes_max: 4096,
            gap: Duration::from_millis(100),
            total: Duration::from_secs(3),
        },
        answer: AnswerProfile::None,
    }
}

/// The lines to be put into the configuration.
fn describe(device: &Plugged, heard: &Spoken, baud: u32) -> String {
    let name = device.name.as_deref().unwrap_or("scanner");
    let socket = device.socket.as_ref().map_or(String::new(), |socket| format!(", socket {socket}"));
    let mut text = match heard {
        Spoken::Code(bytes) => format!("# {name}{socket}: heard {}\n", visible(bytes)),
        Spoken::Concern(concern) => format!("# {name}{socket}: {}\n", concern.sentence()),
    };
    text += "# Put this below the [[station]] that it belongs to, and give it a name of its own.\n";
    text += "[[station.source]]\nname = \"my-scanner\"\n";
    let lines = match device.kind {
        NodeKind::Serial => serial_lines(device, heard, baud),
        NodeKind::Keyboard => format!("kind = \"keyboard\"\n{}layout = \"us\"", device_line(device)),
        NodeKind::HidPos => format!("kind = \"hid-pos\"\n{}", usb_line(device).trim_end()),
    };
    text += &lines;
    if device.has_twin {
        text += "\n# Another device looks just like it: this name means whatever is in this socket.";
    }
    if device.kind != NodeKind::Serial {
        text += &rule(device);
    }
    text
}

fn serial_lines(device: &Plugged, heard: &Spoken, baud: u32) -> String {
    let mut lines = device_line(device);
    if baud != 9600 {
        lines += &format!("baud = {baud}\n");
    }
    match heard {
        Spoken::Concern(Concern::SsiPackets) => lines += "framing = \"ssi\"",
        Spoken::Concern(Concern::Parity) => lines += "data_bits = 7\nparity = \"even\"",
        Spoken::Concern(Concern::NoTerminator) => lines += "framing = \"timeout\"",
        Spoken::Concern(_) => {
            lines += "# no code could be read at this rate: run this again with another --baud"
        }
        Spoken::Code(_) => {
            lines += "#answer = \"ack-nak\"          # once the handshake is switched on in the scanner"
        }
    }
    lines
}

fn device_line(device: &Plugged) -> String {
    format!("device = \"{}\"\n", device.lasting_name().display())
}

/// hidraw nodes have no lasting names: the identity stands for them.
fn usb_line(device: &Plugged) -> String {
    device.usb.as_ref().map_or_else(|| device_line(device), |usb| format!("usb = \"{usb}\"\n"))
}

/// The udev rule that lets the daemon open it, and keeps desktops from a scanner that types.
fn rule(device: &Plugged) -> String {
    let Some(usb) = &device.usb else { return String::new() };
    let (subsystem, more) = match device.kind {
        NodeKind::Keyboard => ("input", ", ENV{LIBINPUT_IGNORE_DEVICE}=\"1\""),
        NodeKind::HidPos | NodeKind::Serial => ("hidraw", ""),
    };
    let mut rule = "\n\n# /etc/udev/rules.d/61-scanner.rules, one line:\n".to_owned();
    let serial =
        usb.serial.as_ref().map_or(String::new(), |serial| format!(", ATTRS{{serial}}==\"{serial}\""));
    let kernel = if subsystem == "input" { ", KERNEL==\"event*\"" } else { "" };
    let written = write!(
        rule,
        "SUBSYSTEM==\"{subsystem}\"{kernel}, ATTRS{{idVendor}}==\"{:04x}\", ATTRS{{idProduct}}==\"{:04x}\"{serial}, \
         GROUP=\"dialout\", MODE=\"0660\"{more}",
        usb.vendor, usb.product
    );
    written.unwrap_or_default();
    rule + "\n# then: udevadm control --reload && udevadm trigger"
}
