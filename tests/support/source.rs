//! A serial source as the configuration would make it.

use outguide::scanner::answer::AnswerProfile;
use outguide::scanner::frame::{FrameSettings, Framing, Terminators};
use outguide::scanner::{Device, LineSettings, Link, Source};
use std::time::Duration;
use tokio_serial::{DataBits, FlowControl, Parity, StopBits};

pub(crate) fn serial_source(name: &str, device: &str) -> Source {
    Source {
        name: name.into(),
        link: Link::Serial {
            device: Device { path: Some(device.into()), usb: None },
            line: LineSettings {
                baud: 9600,
                data_bits: DataBits::Eight,
                parity: Parity::None,
                stop_bits: StopBits::One,
                flow: FlowControl::None,
            },
        },
        frame: FrameSettings {
            framing: Framing::Line(Terminators { cr: true, lf: true, tab: false }),
            prefix: Vec::new(),
            frame_bytes_max: 512,
            gap: Duration::from_millis(100),
            total: Duration::from_secs(3),
        },
        answer: AnswerProfile::None,
    }
}
