//! Whole stories with the real binary: scanners on pseudo-terminals, signals, kill -9, full disks, bad input.

#[cfg(test)]
mod archive;
#[cfg(test)]
mod backups;
#[cfg(test)]
mod bad_lines;
#[cfg(test)]
#[path = "../captures/capture.rs"]
mod capture;
#[cfg(test)]
mod captures;
#[cfg(test)]
mod credentials;
#[cfg(test)]
#[path = "../bench/crowd.rs"]
mod crowd;
#[cfg(test)]
mod day;
#[cfg(test)]
mod desk;
#[cfg(test)]
mod faults_ends;
#[cfg(test)]
mod faults_flood;
#[cfg(test)]
mod faults_hang;
#[cfg(test)]
mod faults_log;
#[cfg(test)]
mod faults_room;
#[cfg(test)]
mod faults_soak;
#[cfg(test)]
mod faults_space;
#[cfg(test)]
mod import;
#[cfg(test)]
mod journal;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod links;
#[cfg(test)]
mod mail_tls;
#[cfg(test)]
mod many;
#[cfg(test)]
mod needs;
#[cfg(test)]
mod nobody;
#[cfg(test)]
mod notice_paper;
#[cfg(test)]
mod notices;
#[cfg(test)]
mod pull;
#[cfg(test)]
mod replies;
#[cfg(test)]
mod sink;
#[cfg(test)]
mod sink_http;
#[cfg(test)]
mod sink_tls;
#[cfg(test)]
mod streams;
#[cfg(test)]
#[path = "../support/mod.rs"]
mod support;
#[cfg(test)]
#[path = "../bench/tape.rs"]
mod tape;
#[cfg(test)]
mod tote;
#[cfg(test)]
mod trouble;
#[cfg(test)]
mod webhook;
