//! Keyboard events: any keys in any order, in every layout, with what a configuration maps.

use crate::input::Input;
use outguide::scanner::frame::{FrameEvent, FrameSettings, Framer, Framing, Terminators};
use outguide::scanner::keys::{KeyByte, Keys, Layout};
use std::time::Duration;

/// Shift, Ctrl and Alt, left and right.
const MODIFIERS: [u16; 6] = [42, 54, 29, 97, 56, 100];
const RELEASED: i32 = 0;
const PRESSED: i32 = 1;
const REPEATED: i32 = 2;

pub(crate) fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let layout = input.one_of([Layout::Us, Layout::Uk, Layout::De, Layout::Fr]);
    let key_bytes: Vec<KeyByte> =
        (0..input.below(4)).map(|_| KeyByte { key: u16::from(input.byte()), byte: input.byte() }).collect();
    let events = events(&mut input);
    let is_text = key_bytes.iter().all(|mapped| mapped.byte.is_ascii());
    let typed = play(&mut Keys::new(layout, key_bytes.clone()), &events);
    if is_text {
        let text = std::str::from_utf8(&typed).expect("keys type text");
        // Whatever is typed is of a keyboard, or was asked for: CR, TAB, ESC, BS, SUB, Ctrl with a key, Alt with digits.
        assert!(!text.contains('\u{fffd}'));
    }
    // Repeats and releases of keys that only type are nothing, wherever they come.
    let mut noisy = Vec::new();
    for (code, value) in &events {
        noisy.push((30, REPEATED));
        noisy.push((*code, REPEATED));
        noisy.push((*code, *value));
        noisy.push((28, RELEASED));
    }
    assert_eq!(play(&mut Keys::new(layout, key_bytes.clone()), &noisy), typed, "{events:?}");
    // Whatever came before: after lost events the keyboard is as new.
    let mut keys = Keys::new(layout, key_bytes.clone());
    play(&mut keys, &events);
    keys.overrun();
    assert_eq!(play(&mut keys, &events), typed, "{events:?}");
    framed(&typed);
}

fn events(input: &mut Input<'_>) -> Vec<(u16, i32)> {
    let mut events = Vec::new();
    while !input.is_empty() {
        let choice = input.byte();
        match choice {
            0..=29 => events.push((MODIFIERS[usize::from(choice) % 6], PRESSED)),
            30..=59 => events.push((MODIFIERS[usize::from(choice) % 6], RELEASED)),
            60 => events
                .push((u16::from(input.byte()) << 8 | u16::from(input.byte()), i32::from(input.byte()) - 1)),
            _ => events.push((u16::from(input.byte()) % 190, i32::from(!choice.is_multiple_of(4)))),
        }
    }
    events
}

fn play(keys: &mut Keys, events: &[(u16, i32)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (code, value) in events {
        let before = out.len();
        keys.push(*code, *value, &mut out);
        // An accent that waited, and the character.
        assert!(out.len() - before <= 6, "{code} {value} typed {:?}", out.get(before..));
        let is_release_of_alt = *value == RELEASED && MODIFIERS.contains(code);
        assert!(*value == PRESSED || is_release_of_alt || out.len() == before, "{code} {value} typed");
    }
    out
}

/// What is typed is cut into frames without control characters other than the separators of bar codes.
fn framed(typed: &[u8]) {
    let mut framer = Framer::new(FrameSettings {
        framing: Framing::Line(Terminators { cr: true, lf: true, tab: true }),
        prefix: Vec::new(),
        frame_bytes_max: 512,
        gap: Duration::from_millis(100),
        total: Duration::from_secs(3),
    });
    let mut events = Vec::new();
    framer.feed(typed, Duration::ZERO, &mut events);
    framer.hang_up(&mut events);
    for event in events {
        if let FrameEvent::Frame { bytes, .. } = event
            && bytes.first() != Some(&b']')
        {
            let is_misplaced = |byte: &u8| byte.is_ascii_control() && !matches!(byte, 0x04 | 0x1c..=0x1f);
            assert!(!bytes.iter().any(is_misplaced), "{bytes:?}");
        }
    }
}
