// Tones of a station's page. Each new scan sounds once; what stands on the page when it is loaded does not.
'use strict';
(() => {
  // Notes: hertz, seconds, waveform, share of the volume. Pitch, number and roughness differ, for ears that miss one.
  const OK = [[1047, 0.12, 'sine', 0.5]];
  const ATTENTION = [[784, 0.12, 'triangle', 0.7], [523, 0.16, 'triangle', 0.7]];
  const ERROR = [[196, 0.4, 'square', 0.6]];
  // The loudest and the longest.
  const LOUD = [[880, 0.18, 'square', 1], [220, 0.28, 'square', 1]];
  const TONES = { ok: OK, attention: ATTENTION, error: ERROR, lost: [...LOUD, ...LOUD, ...LOUD] };
  const GAP_S = 0.05, BETWEEN_S = 0.12, AHEAD_S = 4;

  const Context = window.AudioContext ?? window.webkitAudioContext;
  const box = document.getElementById('sound');
  const main = document.getElementById('main');
  if (!Context || !box || !main) return;
  const [start, mute, volume, state] = ['start', 'mute', 'volume', 'state'].map((id) => document.getElementById(`sound-${id}`));

  // Kept on this computer; a private window keeps nothing and asks again.
  const recall = (key) => { try { return localStorage.getItem(`sound-${key}`); } catch { return null; } };
  const keep = (key, value) => { try { localStorage.setItem(`sound-${key}`, value); } catch { /* nothing to keep */ } };
  let muted = recall('muted') === 'yes';
  volume.value = recall('volume') ?? '70';

  let context = null, free = 0;
  const isOn = () => context?.state === 'running';
  const show = () => {
    start.textContent = isOn() ? 'Test sound' : 'Start sound';
    mute.setAttribute('aria-pressed', String(muted));
    const text = muted ? 'muted' : isOn() ? 'on' : 'off until started';
    if (state.textContent !== `Sound ${text}`) state.textContent = `Sound ${text}`;
    box.className = `sound ${muted || !isOn() ? 'silent' : ''}`;
  };
  // Browsers start sound only at a key or a click.
  const wake = async () => {
    try {
      if (!context) {
        context = new Context();
        context.addEventListener('statechange', show);
      }
      if (!isOn()) await context.resume();
    } catch { /* no sound device: the state says that it is off */ }
    show();
  };

  const note = ([hertz, seconds, type, share], at) => {
    const level = share * volume.value / 100;
    const oscillator = context.createOscillator(), gain = context.createGain();
    oscillator.type = type;
    oscillator.frequency.value = hertz;
    // Eased in and out: a hard edge clicks.
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(level, at + 0.01);
    gain.gain.setValueAtTime(level, at + seconds - 0.02);
    gain.gain.linearRampToValueAtTime(0, at + seconds);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(at);
    oscillator.stop(at + seconds);
    return at + seconds + GAP_S;
  };
  // One after another. What would come too late to be understood is left out, but never that a scan is lost.
  const play = (tone) => {
    if (muted || !isOn() || !TONES[tone]) return;
    let at = Math.max(context.currentTime + 0.02, free);
    if (at - context.currentTime > AHEAD_S && tone !== 'lost') return;
    for (const each of TONES[tone]) at = note(each, at);
    free = at + BETWEEN_S;
  };

  const scans = () => [...document.querySelectorAll('[data-tone]')]
    .map(({ dataset }) => ({ no: Number(dataset.no), tone: dataset.tone })).reverse();
  const lost = () => document.querySelector('[data-lost]')?.dataset.lost;
  let heard = Math.max(0, ...scans().map(({ no }) => no)), mourned = lost();
  const look = () => {
    const all = scans();
    for (const { no, tone } of all) if (no > heard) play(tone);
    // A restored database may count from lower on.
    heard = Math.max(0, ...all.map(({ no }) => no));
    const now = lost();
    if (now && now !== mourned) play('lost');
    mourned = now;
  };

  start.addEventListener('click', async () => { await wake(); play('ok'); keep('started', 'yes'); });
  mute.addEventListener('click', () => { muted = !muted; keep('muted', muted ? 'yes' : 'no'); show(); if (!muted) wake(); });
  volume.addEventListener('input', () => keep('volume', volume.value));
  volume.addEventListener('change', () => play('ok'));
  // Where sound was started before, any key or click will do after a reload; a kiosk may need none.
  if (recall('started') === 'yes') {
    wake();
    for (const kind of ['keydown', 'pointerdown']) addEventListener(kind, () => { if (!isOn()) wake(); });
  }
  new MutationObserver(look).observe(main, { childList: true, subtree: true });
  box.hidden = false;
  show();
})();
