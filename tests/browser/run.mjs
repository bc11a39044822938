// A clerk's day in a real browser, against a running demo:  BASE_URL=http://127.0.0.1:8470 npm test
//
// The demo must scan by itself, so that a live update can be awaited. CHROMIUM names another browser than Debian's.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const base = process.env.BASE_URL?.replace(/\/$/, '');
if (!base) throw new Error('set BASE_URL to the address that the demo prints');
const out = new URL('../out/browser/', import.meta.url).pathname;
mkdirSync(out, { recursive: true });
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const LIVE_MS = 60000;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});

// What a page must never do: log an error, or ask anybody else for anything.
async function open(options, work) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
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
  const found = { pages: ['/', '/stations', '/custodians', '/scanners', '/work', '/help', '/nowhere'] };
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
    found.pages.push(found.station, custodian, found.chart);
  });
  return found;
}

function noNumberIn(address, number) {
  const digits = number.replace(/[^0-9A-Za-z]/g, '');
  for (const text of [number, digits]) assert.ok(!address.includes(text), `the record number is in ${address}`);
}

const tests = {
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

  async 'everything works without JavaScript'({ number, chart, station, pages }) {
    await open({ javaScriptEnabled: false }, async (page) => {
      await page.goto(base);
      await page.fill('#q', number);
      await page.keyboard.press('Enter');
      await page.waitForURL(`**${chart}?**`);
      await page.goto(base);
      await page.fill('#q', 'no such chart');
      await page.keyboard.press('Enter');
      await page.waitForSelector('#readings li');
      for (const address of pages) {
        await page.goto(base + address);
        assert.ok(await page.locator('h1').isVisible(), address);
      }
      const first = await page.goto(base + station);
      assert.ok((await first.text()).includes('http-equiv="refresh"'));
      await page.waitForRequest(base + station, { timeout: 15000 });
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
        for (const address of pages) {
          await page.goto(base + address);
          await check(address);
        }
        await page.goto(base);
        await page.fill('#q', 'V4O4 no such chart');
        await page.keyboard.press('Enter');
        await page.waitForSelector('#readings');
        await check('/nothing-found');
      });
    }
  },

  async 'the last outcome is legible from three metres'({ station }) {
    await open({}, async (page) => {
      await page.goto(base + station);
      // In one step: a scan may replace the element at any moment.
      const size = await page.evaluate(() => parseFloat(getComputedStyle(document.querySelector('.outcome .word')).fontSize));
      assert.ok(size >= 48, `${size} px`);
    });
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
for (const [name, test] of Object.entries(tests)) {
  const start = Date.now();
  try {
    await test(found);
    console.log(`ok    ${name} (${Date.now() - start} ms)`);
  } catch (error) {
    failures += 1;
    console.log(`FAIL  ${name}\n${error.stack ?? error}`);
  }
}
await browser.close();
process.exit(failures ? 1 : 0);
