// Screens that nobody sits at: the wall and a station's page come back by themselves after the daemon was killed and started
// again, and are loaded anew after an update; and a desk without a keyboard is unlocked by touch.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PASSWORD, Room, chromium, outguide, own, play, until } from './room.mjs';

const out = new URL('../out/browser/', import.meta.url).pathname;
mkdirSync(out, { recursive: true });
const LIVE_MS = Number(process.env.LIVE_MS ?? 90000);
const PIN = '8273';
const room = new Room([{ name: 'desk', title: 'File room desk', custodian: 'SORT', kind: 'desk' }]);
const { desk } = room.scanners;
const browser = await chromium();

async function enter(code, context) {
  const page = await context.newPage();
  page.setDefaultTimeout(LIVE_MS);
  await page.goto(`${room.base}/code`);
  await page.fill('#code', code);
  await page.click('main button');
  return page;
}

async function person(code) {
  const page = await enter(code, await browser.newContext({ viewport: { width: 1280, height: 900 } }));
  await page.fill('#password', PASSWORD);
  await page.fill('#password_again', PASSWORD);
  await page.click('main button');
  await page.waitForURL((url) => url.pathname !== '/code');
  return page;
}

const go = (page, address) => page.goto(room.base + address);
const shows = (page, words) => page.waitForFunction((words) => document.body.innerText.includes(words), words)
  .catch(async () => assert.fail(`no “${words}” on ${page.url()}:\n${await page.innerText('body')}`));
const state = (page, wanted) => page.waitForFunction((wanted) => new RegExp(wanted).test(document.getElementById('state')?.className ?? ''), wanted)
  .catch(async () => assert.fail(`never ${wanted}: ${await page.innerText('body')}`));
const mark = (page) => page.evaluate(() => { window.sameDocument = true; });
const isSame = (page) => page.evaluate(() => window.sameDocument === true);
const style = (page) => page.getAttribute('link[rel=stylesheet]', 'href');

// The same program with another style, as an update brings one: its files have other addresses.
function updated() {
  const bytes = readFileSync(outguide);
  const style = readFileSync(new URL('../../src/web/static/app.css', import.meta.url));
  const at = bytes.indexOf(style);
  assert.ok(at > 0, 'the style is in the program');
  // A comment of the style, or a blank at its end, may change without changing a page.
  const end = at + style.length - 1;
  assert.equal(bytes[end], 10, 'the style ends with a line end');
  bytes[end] = 32;
  const program = join(room.dir, 'outguide-updated');
  writeFileSync(program, bytes);
  chmodSync(program, 0o755);
  return program;
}

const steps = {
  async 'wall and station come back by themselves after the daemon was killed and started again'({ wall, station, screen }) {
    await go(wall, '/wall');
    await go(station, '/stations/desk');
    for (const page of [wall, station, screen]) { await state(page, 'live'); await mark(page); }
    await room.kill();
    for (const page of [wall, station, screen]) await state(page, 'reconnecting|stale');
    await station.screenshot({ path: `${out}heal-station-cut-off.png` });
    await wall.screenshot({ path: `${out}heal-wall-cut-off.png` });
    await room.start();
    for (const page of [wall, station, screen]) await state(page, 'live');
    await desk.scan(own('V1'));
    await shows(station, own('V1'));
    for (const page of [wall, station, screen]) assert.ok(await isSame(page), 'nobody loaded it anew, nor had to');
  },

  async 'after an update they are loaded anew by themselves, once, and go on'({ wall, station, screen }) {
    const pages = [wall, station, screen];
    const before = await style(wall);
    await room.kill();
    for (const page of pages) await state(page, 'reconnecting|stale');
    await room.start(updated());
    for (const page of pages) {
      await page.waitForFunction((before) => document.querySelector('link[rel=stylesheet]')?.getAttribute('href') !== before, before)
        .catch(() => assert.fail(`${page.url()} still has the old style`));
      assert.ok(!await isSame(page), 'the old page cannot have the new parts');
      await mark(page);
    }
    for (const page of pages) await state(page, 'live');
    await desk.scan(own('V2'));
    await shows(station, own('V2'));
    for (const page of pages) assert.ok(await isSame(page), 'loaded anew again and again');
    await wall.screenshot({ path: `${out}heal-wall-updated.png` });
  },

  async 'a desk without a keyboard is unlocked by badge and touch'({ clerk, touched }) {
    // The clerk's own page: the badge and its PIN.
    await go(clerk, '/account');
    await clerk.fill('#badge', own('P1'));
    await clerk.fill('#new_pin', PIN);
    await clerk.fill('#pin_again', PIN);
    await clerk.fill('form[action="/account/pin"] [name=password_now]', PASSWORD);
    await clerk.click('form[action="/account/pin"] button');
    await shows(clerk, 'The PIN is chosen');
    await desk.scan(own('V3'));
    assert.ok(!(await touched.innerText('main')).includes('000003'), 'a locked desk shows no number');
    await desk.scan(own('P1'));
    const keys = touched.locator('#pad button');
    await keys.first().waitFor();
    for (const key of await keys.all()) {
      const { width, height } = await key.boundingBox();
      assert.ok(width >= 44 && height >= 44, `a key of ${width} × ${height} is hard to touch`);
    }
    await touched.screenshot({ path: `${out}heal-keypad.png`, fullPage: true });
    // Missed a key: it is taken back.
    await keys.filter({ hasText: '5' }).tap();
    await keys.filter({ hasText: '←' }).tap();
    for (const digit of PIN) await keys.filter({ hasText: digit }).tap();
    await touched.locator('form:has(#pin) button:has-text("Show")').tap();
    await shows(touched, '000003');
  },
};

let failures = 0;
try {
  room.take('custodians', ['code,name,kind', 'FILE,File room,file-area', 'SORT,Sorting shelf,sorting']);
  room.take('people', ['code,name,label', `CLEO,Cleo Clerk,${own('P1')}`]);
  room.take('charts', ['mrn,label,home', ...[1, 2, 3].map((number) => `00000${number},${own(`V${number}`)},FILE`)]);
  await room.serve();
  const clerk = await person(room.account('cleo', 'clerk'));
  const context = () => browser.newContext({ viewport: { width: 1280, height: 900 } });
  const touch = await browser.newContext({ viewport: { width: 800, height: 1000 }, hasTouch: true, isMobile: true });
  const people = {
    clerk,
    wall: await clerk.context().newPage(),
    station: await clerk.context().newPage(),
    screen: await enter(room.account('screen', 'display', '--station', 'desk'), await context()),
    touched: await enter(room.account('touch', 'display', '--station', 'desk'), touch),
  };
  for (const page of Object.values(people)) page.setDefaultTimeout(LIVE_MS);
  await until(async () => (await fetch(`${room.base}/readyz`)).ok, 'the daemon to be ready');
  failures = await play(steps, people, `${out}heal`);
} finally {
  await browser.close();
  await room.end();
}
process.exit(failures ? 1 : 0);
