//! What stands in the way of a scanner, in words.

use super::link::Link;
use super::policy::Trouble;

/// What stands in the way of a source, and what to do about it.
pub fn advice(link: &Link, trouble: &Trouble) -> String {
    match trouble {
        Trouble::Absent => absent(link),
        Trouble::NotPermitted => not_permitted(link),
        Trouble::Busy { holder } => busy(link, holder.as_deref()),
        Trouble::Unfit(cause) => unfit(link, cause),
        Trouble::Ambiguous(names) => {
            format!("{link} fits several devices; name one with `device`: {}", names.join(" or "))
        }
        Trouble::Unreachable(cause) => {
            format!("{link} cannot be reached ({cause}); check its power, its network and the address")
        }
        Trouble::Other(cause) => format!("{link} cannot be opened: {cause}"),
    }
}

fn absent(link: &Link) -> String {
    match link {
        Link::TcpListen { listen, .. } => {
            format!(
                "no scanner has connected to {listen}; check its power, and that it is set to connect to this machine"
            )
        }
        Link::TcpConnect { .. } | Link::Replay { .. } => format!("{link} is not there"),
        Link::Serial { .. } | Link::Keyboard { .. } | Link::HidPos { .. } => {
            format!("{link} is not there: plug the scanner in")
        }
    }
}

fn not_permitted(link: &Link) -> String {
    match link {
        Link::Serial { .. } => format!(
            "{link} may not be opened by this user; add the user to the device's group (dialout), or install 60-outguide.rules"
        ),
        Link::HidPos { .. } | Link::Keyboard { .. } => format!(
            "{link} may not be opened by this user; add the rule that `outguide scanners claim` prints to /etc/udev/rules.d/61-scanner.rules"
        ),
        Link::TcpListen { .. } => format!("{link} is not allowed: take a port above 1023"),
        Link::TcpConnect { .. } | Link::Replay { .. } => format!("{link} may not be opened by this user"),
    }
}

fn busy(link: &Link, holder: Option<&str>) -> String {
    match (link, holder) {
        (Link::TcpListen { listen, .. }, _) => {
            format!("another program listens on {listen}; stop it, or take another port")
        }
        (_, Some(holder)) => format!("{link} is in use by {holder}; stop that program"),
        (_, None) => format!("{link} is in use by another program; find and stop it"),
    }
}

fn unfit(link: &Link, cause: &str) -> String {
    match link {
        Link::Serial { .. } => {
            format!("{link} is no serial port, or refuses these line settings ({cause}); correct the source")
        }
        Link::Keyboard { .. } => format!("{link} is no scanner that types ({cause}); correct the source"),
        Link::HidPos { .. } => {
            format!(
                "{link} is no scanner in HID POS mode ({cause}); correct the source, or set the scanner to HID POS"
            )
        }
        Link::Replay { .. } => format!("{link} cannot be played: {cause}; correct the file"),
        Link::TcpConnect { .. } | Link::TcpListen { .. } => {
            format!("{link} cannot be used ({cause}); correct the address")
        }
    }
}
