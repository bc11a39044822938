//! Configurations as text, and what becomes of them.

mod bad;
mod good;
mod load;
mod missing;
mod notices;
mod printer;
mod sample;
mod source;
mod web;
mod whole;

use super::files::SourceFile;
use super::{Config, ConfigErrors, parse};

/// The least that is a configuration: appended where a case is about something else.
const STATION: &str = r#"
[[station]]
name = "desk-1"
custodian = "FR"
[[station.source]]
name = "desk-1-gun"
device = "/dev/scanner/desk-1"
"#;

/// Every key that there is, each with another value than its default.
const EVERY_KEY: &str = r##"
data_dir = "/srv/outguide"
listen = "[::1]:9000"
time_zone = "Europe/Zurich"
site_name = "Clinic file room"
[web]
hosts = ["outguide.hospital.example"]
tls_certificate = "/etc/outguide/tls/certificate.pem"
tls_key = "/etc/outguide/tls/key.pem"
sign_in_idle_s = 600
sign_in_max_s = 7200
proxy_header = "X-Remote-User"
trusted_proxies = ["127.0.0.1"]
[limits]
scan_queue = 100
scans_in_flight_per_source = 2
connections = 20
connections_per_address = 7
header_timeout_s = 1
request_timeout_s = 2
answer_timeout_s = 5
body_bytes_max = 2048
live_pages = 3
readers = 4
[reading]
fold_case = true
full_ascii = true
[tracking]
arrival_hours = 4
archive_after_years = 3
[calendar]
working_days = ["mon", "sat"]
opens = "07:30"
closes = "18:00"
holidays = ["2027-01-01"]
due = "3wd"
[notices]
names = true
link = "https://outguide.example.org"
quiet = ["12:00-13:00"]
answer_h = 2
needed_h = 48
apart_min = 30
per_day = 6
per_minute = 10
charts = 20
templates = "/srv/templates"
[[notices.step]]
name = "late"
when = "1wd after"
to = "holder"
times = 2
every = "2wd"
[mail]
transport = "smtp"
server = "mail.example.org"
port = 2525
tls = "implicit"
ca_file = "/srv/ca.pem"
user = "u"
password_file = "p"
from = "o@example.org"
reply_to = "r@example.org"
directory = "/srv/mail"
[[station]]
name = "desk-1"
title = "Desk one"
custodian = "FR"
kind = "desk"
idle_s = 60
badge_idle_s = 600
double_read_ms = 1500
printer = "zebra"
[[station.source]]
name = "gun"
kind = "serial"
device = "/dev/serial/by-id/usb-Scanner_1-if00"
usb = "05e0:1701:S1"
baud = 115200
data_bits = 7
parity = "even"
stop_bits = 2
flow = "hardware"
framing = "line"
terminators = ["cr", "tab"]
prefix = "S"
frame_bytes_max = 4096
gap_ms = 200
total_ms = 5000
answer = "ack-nak"
[[station.source]]
name = "wedge"
kind = "keyboard"
usb = "05e0:1200"
layout = "fr"
key_bytes = ["f8=1d"]
[[station.source]]
name = "net"
kind = "tcp-listen"
address = "127.0.0.1:4001"
allow = ["127.0.0.1"]
[[station.source]]
name = "tape"
kind = "replay"
file = "/srv/x.capture"
[[label]]
kind = "volume"
pattern = 'V(?<key>[0-9]+)'
check = "mod10"
keep_check = false
aim = ["C0", "A"]
gs1 = "414+254"
[[label]]
kind = "person"
pattern = 'P[0-9]+'
hibc = "EA"
[paper]
digit_colours = ["#000000", "#111111", "#222222", "#333333", "#444444", "#555555", "#666666", "#777777", "#888888", "#999999"]
coloured_digits = 4
sheet = "5160"
symbology = "qr"
[[printer]]
name = "zebra"
title = "Zebra at desk 1"
kind = "zpl-tcp"
address = "192.0.2.9:6101"
answers = false
dpi = 300
label_width_mm = 70
label_height_mm = 40
[[printer]]
name = "office"
kind = "lp"
queue = "labels"
[[printer]]
name = "tray"
kind = "file"
directory = "/srv/labels"
"##;

fn read(text: &str) -> Result<Config, ConfigErrors> {
    let file = SourceFile { path: "a.toml".into(), text: text.to_owned() };
    parse(&[file], Vec::new())
}

fn errors(text: &str) -> String {
    read(text).err().map(|errors| errors.to_string()).unwrap_or_default()
}
