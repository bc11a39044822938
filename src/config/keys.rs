//! Every key there is, by table. A key that is not here is refused.

/// One table of the configuration and its keys.
#[derive(Debug)]
pub(super) struct Table {
    /// How it is written; empty for what stands before the first table.
    pub(super) name: &'static str,
    /// Its keys, in the order of the sample.
    pub(super) keys: &'static [&'static str],
}

pub(super) const TOP: Table = Table {
    name: "",
    keys: &[
        "data_dir",
        "listen",
        "time_zone",
        "site_name",
        "web",
        "limits",
        "backup",
        "reading",
        "calendar",
        "tracking",
        "missing",
        "station",
        "label",
        "paper",
        "printer",
        "notices",
        "mail",
        "webhook",
    ],
};

pub(super) const WEB: Table = Table {
    name: "[web]",
    keys: &[
        "hosts",
        "tls_certificate",
        "tls_key",
        "sign_in_idle_s",
        "sign_in_max_s",
        "desk_idle_s",
        "restricted_open_s",
        "proxy_header",
        "trusted_proxies",
    ],
};

pub(super) const LIMITS: Table = Table {
    name: "[limits]",
    keys: &[
        "scan_queue",
        "scans_in_flight_per_source",
        "connections",
        "connections_per_address",
        "header_timeout_s",
        "request_timeout_s",
        "answer_timeout_s",
        "body_bytes_max",
        "live_pages",
        "readers",
    ],
};

pub(super) const BACKUP: Table = Table {
    name: "[backup]",
    keys: &["directory", "at", "keep_daily", "keep_weekly", "keep_monthly", "recipients"],
};

pub(super) const READING: Table = Table { name: "[reading]", keys: &["fold_case", "full_ascii"] };

pub(super) const TRACKING: Table =
    Table { name: "[tracking]", keys: &["arrival_hours", "archive_after_years"] };

pub(super) const CALENDAR: Table =
    Table { name: "[calendar]", keys: &["working_days", "opens", "closes", "holidays", "due"] };

pub(super) const MISSING: Table =
    Table { name: "[missing]", keys: &["way", "sorting", "soon_h", "confirm_finds", "who_flags"] };

pub(super) const STATION: Table = Table {
    name: "[[station]]",
    keys: &[
        "name",
        "title",
        "custodian",
        "kind",
        "idle_s",
        "badge_idle_s",
        "double_read_ms",
        "printer",
        "source",
    ],
};

pub(super) const SOURCE: Table = Table {
    name: "[[station.source]]",
    keys: &[
        "name",
        "kind",
        "device",
        "usb",
        "layout",
        "key_bytes",
        "address",
        "allow",
        "file",
        "baud",
        "data_bits",
        "parity",
        "stop_bits",
        "flow",
        "framing",
        "terminators",
        "prefix",
        "frame_bytes_max",
        "gap_ms",
        "total_ms",
        "answer",
    ],
};

pub(super) const LABEL: Table =
    Table { name: "[[label]]", keys: &["kind", "pattern", "check", "keep_check", "aim", "gs1", "hibc"] };

pub(super) const PAPER: Table =
    Table { name: "[paper]", keys: &["digit_colours", "coloured_digits", "sheet", "symbology"] };

pub(super) const PRINTER: Table = Table {
    name: "[[printer]]",
    keys: &[
        "name",
        "title",
        "kind",
        "address",
        "answers",
        "queue",
        "directory",
        "dpi",
        "label_width_mm",
        "label_height_mm",
    ],
};

pub(super) const NOTICES: Table = Table {
    name: "[notices]",
    keys: &[
        "names",
        "link",
        "quiet",
        "answer_h",
        "needed_h",
        "apart_min",
        "per_day",
        "per_minute",
        "charts",
        "templates",
        "step",
    ],
};

pub(super) const STEP: Table =
    Table { name: "[[notices.step]]", keys: &["name", "when", "to", "by", "times", "every"] };

pub(super) const MAIL: Table = Table {
    name: "[mail]",
    keys: &[
        "transport",
        "server",
        "port",
        "tls",
        "ca_file",
        "user",
        "password_file",
        "from",
        "reply_to",
        "directory",
    ],
};

pub(super) const WEBHOOK: Table =
    Table { name: "[webhook]", keys: &["url", "secret_file", "takes", "timeout_s", "ca_file"] };

/// All tables, in the order of the sample.
pub(super) const TABLES: [&Table; 17] = [
    &TOP, &WEB, &LIMITS, &BACKUP, &READING, &CALENDAR, &TRACKING, &MISSING, &STATION, &SOURCE, &LABEL,
    &PAPER, &PRINTER, &NOTICES, &STEP, &MAIL, &WEBHOOK,
];
