//! Asking over HTTP on kept connections.

use crate::measure::Latencies;
use crate::scale::table::Figures;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

const RUN: Duration = Duration::from_millis(1500);
/// How long a client waits that was told to come again.
const BUSY: Duration = Duration::from_millis(20);
/// Largest answer that is read.
const ANSWER_MAX: usize = 1 << 21;

/// Where is asked, and what with.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    pub(crate) address: SocketAddr,
    pub(crate) token: String,
}

impl Site {
    pub(crate) fn get(&self, path: &str) -> String {
        format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\r\n", self.token)
    }

    pub(crate) fn post(&self, path: &str, kind: &str, body: &str) -> String {
        format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nContent-Type: {kind}\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.token,
            body.len()
        )
    }

    /// A search by the API.
    pub(crate) fn search(&self, query: &str) -> String {
        self.post("/api/v1/charts/search", "application/json", &format!("{{\"query\":\"{query}\"}}"))
    }

    /// One question; the body of its answer.
    pub(crate) fn ask(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut buffer = vec![0; ANSWER_MAX];
        let (header, length, _) = read_answer(&mut stream, &mut buffer);
        String::from_utf8_lossy(&buffer[header..header + length]).into_owned()
    }

    /// Asks by so many clients at once, each waiting for its answer before it asks again.
    pub(crate) fn load(&self, clients: usize, request: &(dyn Fn(usize) -> String + Sync)) -> Figures {
        let start = Instant::now();
        let asked: Vec<(Vec<Duration>, usize)> = std::thread::scope(|scope| {
            let work: Vec<_> = (0..clients)
                .map(|client| scope.spawn(move || self.keep_asking(client * 7919, request, start)))
                .collect();
            work.into_iter().map(|client| client.join().unwrap()).collect()
        });
        let bytes = asked.iter().map(|(_, bytes)| *bytes).max().unwrap_or_default();
        let latencies: Vec<Duration> = asked.into_iter().flat_map(|(latencies, _)| latencies).collect();
        let rate = latencies.len() as f64 / start.elapsed().as_secs_f64();
        Figures::new(rate, &Latencies::new(latencies), bytes)
    }

    fn keep_asking(
        &self,
        first: usize,
        request: &dyn Fn(usize) -> String,
        start: Instant,
    ) -> (Vec<Duration>, usize) {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_nodelay(true).unwrap();
        let (mut latencies, mut largest) = (Vec::new(), 0);
        let mut buffer = vec![0; ANSWER_MAX];
        for number in first.. {
            if start.elapsed() > RUN {
                break;
            }
            let request = request(number);
            let asked = Instant::now();
            stream.write_all(request.as_bytes()).unwrap();
            let (_, length, is_busy) = read_answer(&mut stream, &mut buffer);
            // No answer: it counts for nothing, and the time is lost.
            if is_busy {
                std::thread::sleep(BUSY);
                continue;
            }
            latencies.push(asked.elapsed());
            largest = largest.max(length);
        }
        (latencies, largest)
    }
}

/// Reads one answer that is good, leads on, or says that the audit log cannot keep up; returns where its body begins, how
/// long that is, and whether it was the last of these.
fn read_answer(stream: &mut TcpStream, buffer: &mut [u8]) -> (usize, usize, bool) {
    let mut filled = 0;
    loop {
        let count = stream.read(&mut buffer[filled..]).unwrap();
        assert!(count > 0, "the server hung up");
        filled += count;
        let Some(end) = buffer[..filled].windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&buffer[..end]).to_lowercase();
        let is_busy = head.starts_with("http/1.1 503");
        assert!(
            is_busy || ["200", "303"].iter().any(|good| head.starts_with(&format!("http/1.1 {good}"))),
            "{head}"
        );
        let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
        let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
        if filled >= end + 4 + length {
            return (end + 4, length, is_busy);
        }
    }
}
