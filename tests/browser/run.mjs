// A clerk's day in a real browser, against a running demo:  BASE_URL=http://127.0.0.1:8470 npm test
//
// The demo must scan by itself, so that a live update can be awaited. CHROMIUM names another browser than Debian's.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, isWell } from './room.mjs';

const base = process.env.BASE_URL?.replace(/\/$/, '');
if (!base) throw new Error('set BASE_URL to the address that the demo prints');
const out = new URL('../out/browser/', import.meta.url).pathname;
mkdirSync(out, { recursive: true });
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const LIVE_MS = 60000;
// What the demo prints: all its accounts have this password.
const password = process.env.PASSWORD;
if (!password) throw new Error('set PASSWORD to the password that the demo prints');

const browser = await chromium();

// Signs in by the form, as people do.
async function signIn(page, name, typed = password) {
  await page.fill('#name', name);
  await page.fill('#password', typed);
  await page.click('main button');
}

// Each account signs in once; the tests go on from there.
const signedIn = {};
for (const name of ['supervisor', 'administrator']) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${base}/sign-in`);
  await signIn(page, name);
  await page.waitForURL((url) => url.pathname !== '/sign-in');
  signedIn[name] = await context.storageState();
  await context.close();
}
const cookie = signedIn.supervisor.cookies.map(({ name, value }) => `${name}=${value}`).join('; ');

// What a page must never do: log an error, or ask anybody else for anything.
async function open(options, work) {
  const { as = 'supervisor', ...rest } = options;
  const storageState = signedIn[as];
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, storageState, ...rest });
  const troubles = [];
  context.on('weberror', (error) => troubles.push(String(error.error())));
  context.on('request', (request) => {
    if (!request.url().startsWith(`${base}/`)) troubles.push(`asked elsewhere: ${request.url()}`);
  });
  context.on('console', (message) => {
    if (/Content Security Policy/i.test(message.text())) troubles.push(message.text());
  });
  const page = await context.newPage();
  try {
    await work(page);
    assert.deepEqual(troubles, []);
  } finally {
    await context.close();
  }
}

// The chart, label and addresses that the tests use, found as a clerk would find them.
async function survey() {
  const found = { pages: ['/', '/stations', '/custodians', '/scanners', '/work', '/help', '/setup', '/setup/opticon', '/setup/zebra', '/labels', '/volumes/1/label', '/nowhere', '/wall', '/missing', '/notices', '/arrivals', '/backups', '/charts/new', '/labels/initial', '/pulls', '/requests', '/schedule', '/conflicts', '/record-types'] };
  await open({}, async (page) => {
    await page.goto(`${base}/stations`);
    found.station = await page.locator('.cards h2 a').first().getAttribute('href');
    await page.goto(`${base}/custodians?sort=home`);
    const custodian = await page.locator('tbody th a').first().getAttribute('href');
    await page.goto(base + custodian);
    const row = page.locator('table.shelf tbody tr').first();
    found.number = await row.locator('th a').innerText();
    found.label = await row.locator('td.code').innerText();
    found.chart = await row.locator('th a').getAttribute('href');
    await page.goto(base + found.chart);
    const [, name, born] = /^(.*), born (\d+ \w+ \d{4})/.exec(await page.innerText('.patient'));
    Object.assign(found, { name, born });
    await page.goto(`${base}/missing`);
    const inCase = await page.locator('tbody th a[href^="/missing/"]').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
    assert.ok(inCase.length > 2, 'the demo has cases');
    found.pages.push(found.station, custodian, found.chart, ...inCase, `${inCase[0]}/sheet`, '/notices/1', '/notices/slips', '/notices/figures');
  });
  return found;
}

// The notes of `sound.js`, in hertz.
const TONES = { ok: [1047], attention: [784, 523], error: [196], lost: [880, 220, 880, 220, 880, 220] };

// Put in place of the sound device before the page's scripts run: takes down what is asked for.
function listen() {
  window.tones = [];
  window.AudioContext = class extends EventTarget {
    state = 'suspended';
    destination = {};
    get currentTime() { return performance.now() / 1000; }
    async resume() { this.state = 'running'; this.dispatchEvent(new Event('statechange')); }
    createGain() {
      const gain = { levels: [], setValueAtTime: (level) => gain.levels.push(level), linearRampToValueAtTime: (level) => gain.levels.push(level) };
      return { gain, connect: (to) => to };
    }
    createOscillator() {
      const frequency = { value: 0 };
      let level;
      return {
        frequency,
        connect(to) { level = to.gain; return to; },
        start(at) { window.tones.push({ hertz: frequency.value, at, level: Math.max(...level.levels) }); },
        stop() {},
      };
    }
  };
}

const newest = (page) => page.evaluate(() => Number(document.querySelector('[data-no]')?.dataset.no ?? 0));

async function scan(station, code) {
  const body = JSON.stringify({ id: crypto.randomUUID(), station: station.split('/').pop(), code });
  const response = await fetch(`${base}/api/v1/scans`, { method: 'POST', body, headers: { 'content-type': 'application/json', cookie } });
  assert.equal(response.status, 201, await response.clone().text());
  return (await response.json()).scan_no;
}

// The box has the focus a moment after the page is there, as every browser does it.
const boxReady = (page) => page.waitForFunction(() => {
  const box = document.activeElement;
  return box?.id === 'q' && box.selectionStart === 0 && box.selectionEnd === box.value.length;
});

function noNumberIn(address, number) {
  const digits = number.replace(/[^0-9A-Za-z]/g, '');
  for (const text of [number, digits]) assert.ok(!address.includes(text), `the record number is in ${address}`);
}

const tests = {
  async 'nobody sees anything before signing in, and goes on where they wanted to'({ chart, number }) {
    await open({ as: 'nobody' }, async (page) => {
      await page.goto(base + chart);
      assert.equal(await page.innerText('h1'), 'Sign in');
      assert.ok(!(await page.content()).includes(number));
      await signIn(page, 'clerk', 'wrong wrong wrong');
      assert.ok((await page.innerText('main [role=alert]')).includes('name or password is wrong'));
      assert.equal(await page.inputValue('#name'), 'clerk');
      await signIn(page, 'clerk');
      await page.waitForURL(base + chart);
      assert.ok((await page.innerText('h1')).includes(number));
      assert.ok((await page.innerText('.person')).includes('Demo clerk'));
      assert.equal(await page.locator('nav a', { hasText: 'Accounts' }).count(), 0);
      await page.click('.person button');
      await page.waitForURL(`${base}/sign-in`);
      await page.goto(base + chart);
      assert.equal(await page.innerText('h1'), 'Sign in');
    });
  },

  async 'what is sent after the sign-in has ended is shown again, and nothing typed is lost'({ station }) {
    // No chart of the demo has this label.
    await scan(station, 'V88888888B');
    await open({ javaScriptEnabled: false }, async (page) => {
      await page.goto(`${base}/work`);
      const typed = 'behind the "shelf", <re-labelled> & put back';
      await page.locator('main tbody th a.code').first().click();
      const form = page.locator('main form').filter({ has: page.locator('input[name=why]') });
      await form.locator('input[name=why]').fill(typed);
      await page.context().clearCookies();
      await form.locator('button').click();
      assert.equal(await page.innerText('h1'), 'Sign in');
      await signIn(page, 'supervisor');
      assert.ok((await page.innerText('main')).includes(typed));
      await page.click('main button');
      await page.waitForURL(`${base}/work`);
    });
  },

  async 'an administrator makes an account; its holder chooses a password; a screen is put up'({}) {
    let code;
    await open({ as: 'administrator' }, async (page) => {
      await page.goto(base);
      await page.waitForURL(`${base}/accounts`);
      await page.fill('#name', `new.${Date.now()}`);
      await page.fill('#full_name', 'New Clerk');
      await page.selectOption('#role', 'clerk');
      await page.click('main form button');
      code = await page.innerText('p.what.code');
      await page.screenshot({ path: `${out}accounts.png`, fullPage: true });
    });
    await open({ as: 'nobody' }, async (page) => {
      await page.goto(`${base}/code`);
      await page.fill('#code', code.toLowerCase().replaceAll('-', ' '));
      await page.click('main button');
      assert.ok((await page.innerText('h1')).includes('New Clerk'));
      await page.fill('#password', 'kettle orbit lantern snow');
      await page.fill('#password_again', 'kettle orbit lantern snow');
      await page.click('main button');
      await page.waitForURL(`${base}/`);
    });
    await open({ as: 'administrator' }, async (page) => {
      await page.goto(`${base}/accounts`);
      await page.fill('#name', `screen.${Date.now()}`);
      await page.fill('#full_name', 'Screen');
      await page.selectOption('#role', 'display');
      // The first is the screen on the wall.
      await page.selectOption('#station', { index: 2 });
      await page.click('main form button');
      code = await page.innerText('p.what.code');
    });
    await open({ as: 'nobody' }, async (page) => {
      await page.goto(`${base}/code`);
      await page.fill('#code', code);
      await page.click('main button');
      await page.waitForURL(`${base}/stations/*`);
      await page.waitForSelector('.state.live');
      const [cookie] = await page.context().cookies();
      assert.ok(cookie.expires > Date.now() / 1000 + 390 * 24 * 3600, 'a screen stays for months');
      assert.equal(await page.locator('main a').count(), 0);
      await page.screenshot({ path: `${out}screen.png`, fullPage: true });
    });
  },

  async 'a chart is located by its label and by its number'({ number, label, chart }) {
    await open({}, async (page) => {
      for (const [text, read] of [[label, 'Read as a label'], [number, 'Read as a record number']]) {
        await page.goto(base);
        await page.fill('#q', text);
        await page.click('main button');
        await page.waitForURL(`**${chart}?**`);
        assert.ok((await page.innerText('main')).includes(read), read);
        assert.ok((await page.innerText('h1')).includes(number));
        noNumberIn(page.url(), number);
        noNumberIn(await page.title(), number);
      }
    });
  },

  async 'a chart is located with the keyboard alone'({ number, chart }) {
    await open({}, async (page) => {
      await page.goto(`${base}/help`);
      await page.keyboard.press('/');
      assert.equal(await page.evaluate(() => document.activeElement.id), 'q');
      await page.keyboard.type('wrong');
      await page.keyboard.press('Escape');
      assert.equal(await page.inputValue('#q'), '');
      await page.keyboard.type(number);
      await page.keyboard.press('Enter');
      await page.waitForURL(`**${chart}?**`);
      await page.goto(base);
      assert.equal(await page.evaluate(() => document.activeElement.id), 'q', 'the box has the focus at once');
      await page.keyboard.press('Shift+Tab');
      assert.notEqual(await page.evaluate(() => document.activeElement.id), 'q', 'the focus is not trapped');
    });
  },

  async 'a chart is located by name and date of birth in any order, also by a scanner that types into the box'({ name, born, label, chart }) {
    await open({}, async (page) => {
      const [surname, given] = name.split(', ');
      const day = new Date(`${born} UTC`).toISOString().slice(0, 10);
      for (const text of [`${name} ${born}`, `${day} ${given} ${surname}`, `${given.toUpperCase()} ${day.split('-').reverse().join('.')} ${surname}`]) {
        await page.goto(`${base}/help`);
        await page.keyboard.press('/');
        await page.keyboard.type(text);
        await page.keyboard.press('Enter');
        await page.waitForURL(`**${chart}?by=name`);
        assert.ok((await page.innerText('.patient')).includes(name), text);
        for (const part of [surname, given, day]) assert.ok(!decodeURI(page.url()).includes(part), `${part} is in the address`);
        assert.ok(!(await page.title()).includes(surname));
      }
      // One letter left out.
      await page.goto(base);
      await page.fill('#q', `${surname.slice(0, 1)}${surname.slice(2)} ${day}`);
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/charts\/|\/locate/);
      assert.ok((await page.innerText('main')).includes(name));
      // After a list, what is scanned replaces what was typed.
      await page.goto(base);
      await boxReady(page);
      await page.keyboard.type(surname);
      await page.keyboard.press('Enter');
      await page.waitForSelector('#hits');
      await boxReady(page);
      await page.keyboard.type(label);
      await page.keyboard.press('Enter');
      await page.waitForURL(`**${chart}?by=label**`);
    });
  },

  async 'a list of charts is gone through with the keyboard alone'() {
    await open({}, async (page) => {
      const list = async () => {
        await page.goto(base);
        await boxReady(page);
        await page.keyboard.type('garcia');
        await page.keyboard.press('Enter');
        await page.waitForSelector('#hits');
        return page.locator('#hits tbody th a').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
      };
      const links = await list();
      assert.equal(links.length, 20);
      const focused = () => page.evaluate(() => document.activeElement.getAttribute('href') ?? document.activeElement.id);
      assert.equal(await focused(), 'q');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowDown');
      assert.equal(await focused(), links[1]);
      await page.keyboard.press('ArrowUp');
      await page.keyboard.press('ArrowUp');
      assert.equal(await focused(), 'q');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await page.waitForURL(base + links[0]);
      await list();
      await page.keyboard.press('Alt+3');
      await page.waitForURL(base + links[2]);
      await list();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('5');
      await page.waitForURL(base + links[4]);
    });
  },

  async 'the key of the box can be turned off'() {
    await open({}, async (page) => {
      await page.goto(`${base}/help`);
      await page.click('#keys-off');
      await page.evaluate(() => document.activeElement.blur());
      await page.keyboard.press('/');
      assert.notEqual(await page.evaluate(() => document.activeElement.id), 'q');
    });
  },

  async 'a scan appears on its station without a reload, and the focus stays'({ station }) {
    await open({}, async (page) => {
      await page.goto(base + station);
      await page.waitForSelector('.state.live');
      await page.evaluate(() => { window.sameDocument = true; });
      await page.locator('main a').first().focus();
      const focused = () => page.evaluate(() => document.activeElement.getAttribute('href'));
      const before = await focused();
      const said = await page.evaluate(() => document.querySelector('[data-say]')?.dataset.say);
      await page.waitForFunction((said) => {
        const now = document.querySelector('[data-say]')?.dataset.say;
        return now && now !== said;
      }, said, { timeout: LIVE_MS });
      assert.equal(await page.evaluate(() => window.sameDocument), true);
      assert.equal(await focused(), before);
      const spoken = await page.evaluate(() => document.getElementById('say').textContent + document.getElementById('cry').textContent);
      assert.notEqual(spoken, '', 'a screen reader hears nothing');
    });
  },

  async 'each new scan sounds its own tone once, a reload sounds nothing, and mute and volume stay'({ station }) {
    await open({}, async (page) => {
      await page.addInitScript(listen);
      // A scan that is not on disk, put into the page when the test says so.
      let lost = '';
      await page.route(base + station, async (route) => {
        const response = await route.fetch();
        const body = (await response.text()).replace('<div class="board">', `${lost}<div class="board">`);
        await route.fulfill({ response, body });
      });
      await page.goto(base + station);
      await page.waitForSelector('.state.live');
      const state = () => page.innerText('#sound-state');
      assert.equal(await state(), 'Sound off until started');
      const quiet = await newest(page);
      await page.waitForFunction((no) => Number(document.querySelector('[data-no]')?.dataset.no) > no, quiet, { timeout: LIVE_MS });
      assert.deepEqual(await page.evaluate(() => window.tones), [], 'a tone before the clerk started sound');

      // By the keyboard alone.
      await page.locator('#sound-start').focus();
      await page.keyboard.press('Enter');
      await page.waitForFunction(() => document.getElementById('sound-state').textContent === 'Sound on');
      assert.equal(await page.innerText('#sound-start'), 'Test sound');
      assert.deepEqual(await page.evaluate(() => window.tones.map(({ hertz }) => hertz)), TONES.ok, 'the test tone');

      // What was scanned from now on, and what was heard, taken down in one step.
      await page.evaluate(() => {
        window.tones.length = 0;
        window.scanned = [];
        let last = Math.max(0, ...[...document.querySelectorAll('[data-no]')].map((scan) => Number(scan.dataset.no)));
        new MutationObserver(() => {
          const fresh = [...document.querySelectorAll('[data-no]')].map(({ dataset }) => ({ no: Number(dataset.no), tone: dataset.tone }))
            .filter(({ no }) => no > last).sort((a, b) => a.no - b.no);
          window.scanned.push(...fresh);
          last = Math.max(last, ...fresh.map(({ no }) => no));
        }).observe(document.getElementById('main'), { childList: true, subtree: true });
      });
      const sent = [];
      for (const [code, tone] of [['V999999', 'error'], ['no chart label', 'attention'], [']E05901234123457', 'attention']]) {
        sent.push([await scan(station, code), tone]);
      }
      await page.waitForFunction((no) => window.scanned.some((scan) => scan.no >= no), sent.at(-1)[0], { timeout: LIVE_MS });
      const { scanned, tones } = await page.evaluate(() => ({ scanned: window.scanned, tones: window.tones }));
      for (const [no, tone] of sent) assert.equal(scanned.find((scan) => scan.no === no)?.tone, tone, `scan ${no}`);
      assert.deepEqual(tones.map(({ hertz }) => hertz), scanned.flatMap(({ tone }) => TONES[tone]));
      for (const [index, tone] of tones.entries()) assert.ok(!index || tone.at >= tones[index - 1].at, 'tones overlap');
      const loudest = Math.max(...tones.map(({ level }) => level));

      // Not recorded: once for each, longer and louder than all else.
      lost = '<section class="outcome not-recorded" data-lost="1-1"><h2 class="word">NOT RECORDED</h2></section>';
      await page.waitForFunction((tone) => window.tones.some(({ hertz, level }) => hertz === tone && level === 0.7), TONES.lost[0], { timeout: LIVE_MS });
      await page.waitForFunction((count) => window.scanned.length > count + 3, scanned.length, { timeout: LIVE_MS });
      const mourning = (await page.evaluate(() => window.tones)).filter(({ level }) => level > loudest);
      assert.deepEqual(mourning.map(({ hertz }) => hertz), TONES.lost);

      // The volume counts; muted means silent; both stay over a reload, which repeats nothing.
      await page.locator('#sound-volume').focus();
      await page.keyboard.press('Home');
      await page.waitForFunction(() => window.tones.at(-1).level < 0.11);
      await page.click('#sound-mute');
      assert.equal(await state(), 'Sound muted');
      assert.equal(await page.getAttribute('#sound-mute', 'aria-pressed'), 'true');
      await page.reload();
      await page.waitForSelector('.state.live');
      assert.equal(await state(), 'Sound muted');
      assert.equal(await page.inputValue('#sound-volume'), '10');
      const before = await newest(page);
      await page.waitForFunction((no) => Number(document.querySelector('[data-no]').dataset.no) > no, before, { timeout: LIVE_MS });
      assert.deepEqual(await page.evaluate(() => window.tones), [], 'a muted page sounds, or a reload does');
    });
  },

  async 'a page that lost its server says so and comes back by itself'({ station }) {
    await open({}, async (page) => {
      await page.goto(base + station);
      await page.waitForSelector('.state.live');
      await page.context().setOffline(true);
      // Offline does not cut a stream that is open; a page asked for again is.
      await page.evaluate(() => { dispatchEvent(new Event('pagehide')); dispatchEvent(new Event('pageshow')); });
      await page.waitForSelector('.state.reconnecting, .state.stale');
      await page.context().setOffline(false);
      await page.waitForSelector('.state.live', { timeout: 40000 });
    });
  },

  async 'everything works without JavaScript'({ number, name, born, chart, station, pages }) {
    await open({ javaScriptEnabled: false }, async (page) => {
      await page.goto(base);
      await page.fill('#q', number);
      await page.keyboard.press('Enter');
      await page.waitForURL(`**${chart}?**`);
      await page.goto(base);
      await page.fill('#q', 'no such chart');
      await page.keyboard.press('Enter');
      await page.waitForSelector('#readings li');
      await page.goto(base);
      await page.fill('#q', `${born} ${name}`);
      await page.keyboard.press('Enter');
      await page.waitForURL(`**${chart}?by=name`);
      await page.goto(base);
      await page.fill('#q', 'garcia');
      await page.keyboard.press('Enter');
      await page.locator('#hits tbody th a').first().click();
      await page.waitForURL('**/charts/*');
      for (const address of pages) {
        await page.goto(base + address);
        assert.ok(await page.locator('h1').isVisible(), address);
      }
      const first = await page.goto(base + station);
      assert.ok((await first.text()).includes('http-equiv="refresh"'));
      await page.waitForRequest(`${base}${station}?live`, { timeout: 15000 });
    });
  },

  async 'no page has a barrier that axe knows of, light or dark, wide or narrow'({ pages }) {
    const looks = {
      light: { colorScheme: 'light' },
      dark: { colorScheme: 'dark' },
      narrow: { colorScheme: 'light', viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true },
    };
    for (const [look, options] of Object.entries(looks)) {
      await open(options, async (page) => {
        const check = async (name) => {
          await page.evaluate(axe);
          const { violations, passes } = await page.evaluate(() => axe.run(document, {
            runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
          }));
          const told = violations.map((found) => `${found.id}: ${found.nodes.map((node) => node.html).join(' | ')}`);
          assert.deepEqual(told, [], `${look} ${name}`);
          assert.ok(passes.length > 10, `axe looked at ${passes.length} rules only`);
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(overflow <= 0, `${look} ${name} is ${overflow} px too wide`);
          const file = name.replace(/\?.*/, '').replaceAll('/', '-').replace(/^-$/, '-locate');
          await page.screenshot({ path: `${out}${look}${file}.png`, fullPage: look === 'narrow' });
        };
        for (const address of [...pages, '/account']) {
          await page.goto(base + address);
          await check(address);
        }
        await page.goto(base);
        await page.fill('#q', 'V4O4 no such chart');
        await page.keyboard.press('Enter');
        await page.waitForSelector('#readings');
        await check('/nothing-found');
        for (const [text, name] of [['garcia', '/many-found'], ['gracia m', '/nearly-found']]) {
          await page.goto(base);
          await page.fill('#q', text);
          await page.keyboard.press('Enter');
          await page.waitForSelector('#hits');
          await check(name);
        }
      });
      for (const [as, addresses] of [['nobody', ['/sign-in', '/code', '/charts/1']], ['administrator', ['/accounts', '/tokens']]]) {
        await open({ ...options, as }, async (page) => {
          for (const address of addresses) {
            await page.goto(base + address);
            await page.evaluate(axe);
            const { violations } = await page.evaluate(() => axe.run(document, {
              runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
            }));
            const told = violations.map((found) => `${found.id}: ${found.nodes.map((node) => node.html).join(' | ')}`);
            assert.deepEqual(told, [], `${look} ${address}`);
            const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
            assert.ok(overflow <= 0, `${look} ${address} is ${overflow} px too wide`);
            await page.screenshot({ path: `${out}${look}-${as}${address.replaceAll('/', '-')}.png`, fullPage: true });
          }
        });
      }
    }
  },

  async 'a locked desk and a restricted chart have no barrier, and show no name'({ station, chart, name }) {
    const looks = { light: {}, dark: { colorScheme: 'dark' }, narrow: { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true } };
    const check = async (page, what) => {
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => axe.run(document, {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      }));
      const told = violations.map((found) => `${found.id}: ${found.nodes.map((node) => node.html).join(' | ')}`);
      assert.deepEqual(told, [], what);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overflow <= 0, `${what} is ${overflow} px too wide`);
      await page.screenshot({ path: `${out}${what.replaceAll(' ', '-')}.png`, fullPage: true });
    };
    // The administrator makes an account for the screen; its code is typed at the desk.
    let code;
    await open({ as: 'administrator' }, async (page) => {
      await page.goto(`${base}/accounts`);
      await page.fill('#name', 'axe.screen');
      await page.fill('#full_name', 'Screen of the desk');
      await page.selectOption('#role', 'display');
      await page.selectOption('#station', station.split('/').pop());
      await page.locator('form[action="/accounts"] button').click();
      [code] = /[0-9A-Z]{5}(-[0-9A-Z]{5}){3}/.exec(await page.innerText('main'));
    });
    await open({ as: 'nobody' }, async (page) => {
      await page.goto(`${base}/code`);
      await page.fill('#code', code);
      await page.click('main button');
      await page.waitForURL(base + station);
      for (const [look, options] of Object.entries(looks)) {
        if (options.viewport) await page.setViewportSize(options.viewport);
        await page.emulateMedia({ colorScheme: options.colorScheme ?? 'light' });
        assert.ok(await page.locator('#pin').isVisible(), 'the desk is locked');
        await check(page, `${look} locked desk`);
      }
    });
    await open({}, async (page) => {
      await page.goto(`${base}${chart}/restriction`);
      await page.fill('#why', 'a test of the form');
      await page.click('button[name="restricted"]');
    });
    for (const [look, options] of Object.entries(looks)) {
      await open(options, async (page) => {
        await page.goto(base + chart);
        assert.ok(await page.locator(`form[action="${chart}/open"]`).isVisible());
        assert.ok(!(await page.content()).includes(name));
        await check(page, `${look} break the glass`);
      });
    }
    await open({}, async (page) => {
      await page.goto(`${base}${chart}/restriction`);
      if (await page.locator(`form[action="${chart}/open"]`).count()) {
        await page.fill('#why', 'the test is over');
        await page.click('main form button');
      }
      await page.goto(`${base}${chart}/restriction`);
      await page.fill('#why', 'the test is over');
      await page.click('button[name="restricted"]');
    });
  },

  async 'the last outcome is legible from three metres'({ station }) {
    await open({}, async (page) => {
      await page.goto(base + station);
      // In one step: a scan may replace the element at any moment.
      const size = await page.evaluate(() => parseFloat(getComputedStyle(document.querySelector('.outcome .word')).fontSize));
      assert.ok(size >= 48, `${size} px`);
    });
  },

  async 'set-up codes are black on white, far apart, and in millimetres on paper'({}) {
    for (const colorScheme of ['light', 'dark']) {
      await open({ colorScheme }, async (page) => {
        await page.goto(`${base}/setup/datalogic-8300`);
        const look = async () => page.evaluate(() => [...document.querySelectorAll('svg.symbol')].map((svg) => {
          const { top, bottom, width } = svg.getBoundingClientRect();
          const [rect, path] = svg.children;
          return { top, bottom, width, paper: getComputedStyle(rect).fill, ink: getComputedStyle(path).fill };
        }));
        await page.emulateMedia({ media: 'print', colorScheme });
        const codes = await look();
        assert.equal(codes.length, 3);
        for (const [index, code] of codes.entries()) {
          assert.deepEqual([code.paper, code.ink], ['rgb(255, 255, 255)', 'rgb(0, 0, 0)'], colorScheme);
          // 96 CSS pixels are an inch.
          if (index) assert.ok(code.top - codes[index - 1].bottom >= 25 / 25.4 * 96, 'two codes in one view');
        }
        // "$+": five characters and the longer stop, ten modules white on either side, 0.529 mm each.
        assert.ok(Math.abs(codes[0].width - (4 * 11 + 13 + 20) * 0.529 / 25.4 * 96) < 1, `${codes[0].width} px`);
        await page.screenshot({ path: `${out}print-setup-${colorScheme}.png`, fullPage: true });
      });
    }
  },

  async 'on paper there is no navigation'({ chart }) {
    await open({ colorScheme: 'dark' }, async (page) => {
      await page.goto(base + chart);
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
      assert.equal(await page.locator('nav').isVisible(), false);
      assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), 'rgb(255, 255, 255)');
      await page.screenshot({ path: `${out}print-chart.png` });
    });
  },
};

let failures = 0;
const found = await survey();
for (const [name, test] of Object.entries(tests)) failures += !await isWell(name, test, found);
await browser.close();
process.exit(failures ? 1 : 0);
