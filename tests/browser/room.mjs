// A file room of its own for a story: the real daemon on an empty directory, lists from files, scanners on
// pseudo-terminals, people with passwords. Nothing in it scans by itself.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium as playwright } from 'playwright-core';

const PATIENCE_MS = 60000;
// OUTGUIDE names another program than the one built last.
export const outguide = process.env.OUTGUIDE ?? new URL('../../target/debug/outguide', import.meta.url).pathname;
export const PASSWORD = 'four words nobody guesses';

// The check character by ISO/IEC 7064 mod 37,36, which Outguide's own labels end in.
export function own(text) {
  const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
  let product = 36;
  for (const character of text) {
    const sum = (product + alphabet.indexOf(character)) % 36;
    product = ((sum === 0 ? 36 : sum) * 2) % 37;
  }
  return text + alphabet[(37 - product) % 36];
}

export const COMMANDS = { chargeOut: own('K1'), checkIn: own('K2'), missing: own('K6'), done: own('K9') };

// A scanner on a pseudo-terminal: what is sent to it is scanned, and what it is answered is heard.
class Scanner {
  constructor(link) {
    // Python has pseudo-terminals; node has not.
    const relay = `
import os, sys, threading, tty
master, slave = os.openpty()
tty.setraw(slave)
os.symlink(os.ttyname(slave), sys.argv[1])
def back():
    while True:
        try: heard = os.read(master, 256)
        except OSError: return
        sys.stdout.write(heard.hex() + "\\n"); sys.stdout.flush()
threading.Thread(target=back, daemon=True).start()
for line in sys.stdin: os.write(master, line.rstrip("\\n").encode() + b"\\r")
`;
    this.child = spawn('python3', ['-u', '-c', relay, link], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.heard = '';
    this.child.stdout.on('data', (data) => { this.heard += String(data).replaceAll('\n', ''); });
  }

  // Scans a label and waits for the answer: true is ACK, which means that it is on disk and well.
  async scan(code) {
    const before = this.heard.length;
    this.child.stdin.write(`${code}\n`);
    await until(() => this.heard.length > before, `an answer to ${code}`);
    return this.heard.slice(before, before + 2) === '06';
  }
}

export async function until(happened, what) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const result = await happened();
    if (result) return result;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export class Room {
  constructor(stations, head = '') {
    this.dir = mkdtempSync(join(tmpdir(), 'outguide-story-'));
    mkdirSync(join(this.dir, 'dev'));
    this.config = join(this.dir, 'outguide.toml');
    const parts = stations.map(({ name, title, custodian, kind }) => `
[[station]]
name = "${name}"
title = "${title}"
custodian = "${custodian}"
kind = "${kind}"
[[station.source]]
name = "${name}-gun"
device = "${join(this.dir, 'dev', name)}"
answer = "ack-nak"
`);
    writeFileSync(this.config, `data_dir = "${join(this.dir, 'data')}"\nlisten = "127.0.0.1:0"\n${head}\n${parts.join('')}`);
    this.scanners = Object.fromEntries(stations.map(({ name }) => [name, new Scanner(join(this.dir, 'dev', name))]));
  }

  run(...words) {
    return execFileSync(outguide, [...words, '--config', this.config], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  take(kind, lines) {
    const file = join(this.dir, `${kind}.csv`);
    writeFileSync(file, lines.join('\n'));
    this.run('import', kind, file);
  }

  // Makes an account; the code with which its holder chooses a password.
  account(name, role, ...more) {
    const said = this.run('account', 'add', name, '--full-name', `The ${role}`, '--role', role, ...more);
    return /\b[0-9A-Z]{5}(?:-[0-9A-Z]{5})+\b/.exec(said)[0];
  }

  async serve(program = outguide) {
    this.log = join(this.dir, 'log');
    writeFileSync(this.log, '');
    this.daemon = spawn(program, ['serve', '--log', 'text', '--config', this.config], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.daemon.stderr.on('data', (data) => writeFileSync(this.log, data, { flag: 'a' }));
    const address = () => /pages are served.*?(127\.0\.0\.1:\d+)/.exec(readFileSync(this.log, 'utf8'));
    this.base = `http://${(await until(address, 'the daemon'))[1]}`;
    return this.base;
  }

  // The daemon goes without a word, as in a power cut; `start` has it, or another program, at the same address again.
  async kill() {
    const ended = new Promise((resolve) => this.daemon.on('exit', resolve));
    this.daemon.kill('SIGKILL');
    await ended;
    this.daemon = null;
  }

  async start(program = outguide) {
    const config = readFileSync(this.config, 'utf8');
    writeFileSync(this.config, config.replace('listen = "127.0.0.1:0"', `listen = "${new URL(this.base).host}"`));
    const before = this.base;
    await this.serve(program);
    if (this.base !== before) throw new Error(`it came back at ${this.base}`);
  }

  async end() {
    for (const scanner of Object.values(this.scanners)) scanner.child.kill();
    if (this.daemon) {
      const ended = new Promise((resolve) => this.daemon.on('exit', resolve));
      this.daemon.kill('SIGTERM');
      await ended;
    }
    rmSync(this.dir, { recursive: true, force: true });
  }
}

// Debian's Chromium, that asks nobody for anything.
export function chromium(...more) {
  return playwright.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', ...more],
  });
}

// Tries one thing and says what came of it: whether it is as it must be.
export async function isWell(name, tried, given) {
  const start = Date.now();
  try {
    await tried(given);
    console.log(`ok    ${name} (${Date.now() - start} ms)`);
    return true;
  } catch (error) {
    console.log(`FAIL  ${name}\n${error.stack ?? error}`);
    return false;
  }
}

// Plays the steps of a story, each going on from the one before: how many failed. What everybody saw when one did is under
// the path's beginning.
export async function play(steps, people, path) {
  for (const [name, step] of Object.entries(steps)) {
    if (!await isWell(name, step, people)) {
      for (const [who, page] of Object.entries(people)) await page.screenshot({ path: `${path}-failed-${who}.png` });
      return 1;
    }
  }
  return 0;
}
