//! Runs targets over their corpus and over mutations of it.

use crate::targets::ALL;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// Inputs made for each target.
const GENERATED: usize = 4000;
/// Fewer for those that take milliseconds each.
const GENERATED_FOR: [(&str, usize); 3] = [("body", 1000), ("list", 1000), ("template", 300)];
/// Longest input that is made, in bytes.
const BYTES_MAX: usize = 600;

fn corpus(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(target)
}

/// The corpus in the order of its names, so that every run makes the same inputs.
fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let files =
        std::fs::read_dir(corpus(target)).unwrap_or_else(|error| panic!("no corpus of {target}: {error}"));
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
        .collect()
}

/// Says which input it was when a target panics.
fn run(name: &str, what: &str, target: fn(&[u8]), input: &[u8]) {
    let outcome = catch_unwind(AssertUnwindSafe(|| target(input)));
    assert!(outcome.is_ok(), "{name} does not hold for {what}: {input:?}");
}

/// Changes a seed a little, or joins two, or makes something up.
fn mutated(random: &mut fastrand::Rng, seeds: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut input = random.choice(seeds).map(|(_, seed)| seed.clone()).unwrap_or_default();
    for _ in 0..random.usize(0..6) {
        let at = random.usize(0..=input.len());
        match random.u8(0..7) {
            0 => input.truncate(at),
            1 => input.insert(at, random.u8(..)),
            2 if at < input.len() => input[at] = random.u8(..),
            3 if at < input.len() => input[at] ^= 1 << random.u8(0..8),
            4 if at < input.len() => drop(input.remove(at)),
            5 => {
                let other = random.choice(seeds).map(|(_, seed)| seed.clone()).unwrap_or_default();
                let from = random.usize(0..=other.len());
                input.splice(at.., other[from..].iter().copied());
            }
            _ => {
                let made: Vec<u8> = (0..random.usize(0..40)).map(|_| random.u8(..)).collect();
                input.splice(at..at, made);
            }
        }
    }
    input.truncate(BYTES_MAX);
    input
}

fn check(name: &str) {
    let (_, target) = ALL.into_iter().find(|(one, _)| *one == name).expect("a target");
    let seeds = seeds(name);
    assert!(seeds.len() >= 4, "{name} has a corpus of {}", seeds.len());
    for (file, seed) in &seeds {
        assert!(seed.len() <= 2048, "{name}/{file} is large: {} bytes", seed.len());
        run(name, file, target, seed);
    }
    let mut random = fastrand::Rng::with_seed(4711);
    let count = GENERATED_FOR.iter().find(|(slow, _)| *slow == name).map_or(GENERATED, |(_, count)| *count);
    for number in 0..count {
        let input = mutated(&mut random, &seeds);
        run(name, &format!("input {number}"), target, &input);
    }
}

#[test]
fn framer() {
    check("framer");
}

#[test]
fn conversation() {
    check("conversation");
}

#[test]
fn ssi() {
    check("ssi");
}

#[test]
fn label() {
    check("label");
}

#[test]
fn gs1() {
    check("gs1");
}

#[test]
fn hid() {
    check("hid");
}

#[test]
fn keys() {
    check("keys");
}

#[test]
fn recording() {
    check("recording");
}

#[test]
fn schedule() {
    check("schedule");
}

#[test]
fn list() {
    check("list");
}

#[test]
fn configuration() {
    check("configuration");
}

#[test]
fn template() {
    check("template");
}

#[test]
fn body() {
    check("body");
}

#[test]
fn every_target_is_run_and_every_corpus_has_a_target() {
    let mut names: Vec<_> = ALL.iter().map(|(name, _)| (*name).to_owned()).collect();
    names.sort();
    let files = std::fs::read_dir(corpus("")).unwrap();
    let mut dirs: Vec<_> =
        files.map(|file| file.unwrap().file_name().to_string_lossy().into_owned()).collect();
    dirs.sort();
    assert_eq!(dirs, names);
    let text = include_str!("seeds.rs");
    assert!(names.iter().all(|name| text.contains(&format!("check(\"{name}\")"))), "{names:?}");
}
