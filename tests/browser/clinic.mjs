// A clinic's morning in browsers and at scanners: from the schedule to the last delivered chart, with a chart that two
// clinics want, one that is asked back, one that is not found, and two people at one request.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { COMMANDS, PASSWORD, Room, chromium, own, play, until } from './room.mjs';

const out = new URL('../out/browser/', import.meta.url).pathname;
mkdirSync(out, { recursive: true });
const LIVE_MS = 30000;
const CHARTS = 40;
const chart = (number) => own(`V${number}`);
const mrn = (number) => String(number).padStart(6, '0');
// Nothing of the morning may fall into the next day.
const soon = new Date(Date.now() + 30 * 60000);
const base = soon.getUTCHours() < 22 && soon.getUTCDate() === new Date().getUTCDate() ? soon : new Date(Date.now() + 3 * 3600000);
const at = (minutes) => new Date(base.getTime() + minutes * 60000).toISOString().slice(0, 16);

const room = new Room([
  { name: 'desk', title: 'File room desk', custodian: 'SORT', kind: 'desk' },
  { name: 'heart', title: 'Door of the heart clinic', custodian: 'HEART', kind: 'checkpoint' },
]);
const { desk, heart } = room.scanners;
const browser = await chromium();

// Somebody's browser; the password is chosen with the code that the administrator handed over.
async function person(name, role) {
  const code = room.account(name, role);
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(LIVE_MS);
  await page.goto(`${room.base}/code`);
  await page.fill('#code', code);
  await page.click('main button');
  await page.fill('#password', PASSWORD);
  await page.fill('#password_again', PASSWORD);
  await page.click('main button');
  await page.waitForURL((url) => url.pathname !== '/code');
  return page;
}

const go = (page, address) => page.goto(room.base + address);
// Ends a request by its form, whose reason is filled in.
const step = async (page, name) => {
  await page.selectOption('main select[name=step]', name);
  await page.click('main form:has(select[name=step]) button');
};
const shows = (page, words) => page.waitForFunction((words) => document.body.innerText.includes(words), words, { timeout: LIVE_MS })
  .catch(async () => assert.fail(`no “${words}” on ${page.url()}:\n${await page.innerText('main')}`));

const steps = {
  async 'the schedule of the day becomes pull lists, and once more changes nothing'({ clerk }) {
    const lines = ['id,mrn,clinic,start,provider'];
    for (let number = 1; number <= 10; number += 1) lines.push(`a${number},${mrn(number)},HEART,${at(number)},Dr Lee`);
    lines.push(`b1,${mrn(1)},EYES,${at(40)},Dr Ng`, `b2,999999,EYES,${at(40)},Dr Ng`, `b3,${mrn(3)},ATTIC,${at(40)},Dr Ng`);
    for (const expect of ['13 new', '13 as before']) {
      await go(clerk, '/schedule');
      await clerk.fill('#text', lines.join('\n'));
      await clerk.click('text=Take it');
      await shows(clerk, expect);
    }
    await shows(clerk, 'ATTIC');
    await shows(clerk, 'no chart has this number');
    await go(clerk, '/pulls');
    await shows(clerk, '0 of 10');
    await clerk.locator('tr', { hasText: 'Heart clinic' }).locator('a').first().click();
    await clerk.waitForURL('**/pulls/*');
  },

  async 'the printed list has its charts in terminal-digit order, each with a bar code'({ clerk }) {
    const list = clerk.url();
    await clerk.click('main >> text=Print');
    await clerk.waitForURL('**/print*');
    const text = await clerk.innerText('main');
    const order = [...text.matchAll(/\b0000(\d\d)\b/g)].map(([number]) => number);
    const walked = [...new Set(order)].filter((number) => Number(number) <= 10);
    assert.equal(walked.length, 10, text);
    const terminal = (number) => number.slice(4) + number.slice(2, 4) + number.slice(0, 2);
    assert.deepEqual(walked, walked.toSorted((a, b) => terminal(a).localeCompare(terminal(b))));
    assert.ok(await clerk.locator('svg.symbol').count() >= 11, 'a bar code for the list and each row');
    await clerk.emulateMedia({ media: 'print' });
    await clerk.screenshot({ path: `${out}clinic-pull-list-on-paper.png`, fullPage: true });
    await clerk.emulateMedia({ media: 'screen' });
    await clerk.goto(list);
  },

  async 'a list that is pulled by scanning ticks its rows before the eyes of whoever looks'({ clerk, supervisor, board }) {
    const list = new URL(clerk.url()).pathname;
    await go(supervisor, list);
    await go(board, '/stations/desk');
    await supervisor.evaluate(() => { window.sameDocument = true; });
    assert.equal(await desk.scan(own(`RL${list.split('/').pop()}`)), true);
    for (let number = 2; number <= 8; number += 1) assert.equal(await desk.scan(chart(number)), true, `chart ${number}`);
    await shows(supervisor, '7 of 10 pulled');
    await shows(clerk, '7 of 10 pulled');
    assert.equal(await supervisor.evaluate(() => window.sameDocument), true, 'the page was loaded anew');
    assert.equal(await desk.scan(chart(30)), false, 'a chart that nobody wants');
    await shows(board, 'Wrong chart');
    await board.screenshot({ path: `${out}clinic-wrong-chart.png` });
    await desk.scan(chart(1));
    await desk.scan(chart(9));
    await shows(clerk, '9 of 10 pulled');
  },

  async 'what is not on its shelf needs a reason'({ clerk }) {
    const row = clerk.locator('table.pull tr', { hasText: mrn(10) });
    await row.locator('button', { hasText: 'Not found' }).click();
    assert.ok(clerk.url().includes('/pulls/'), 'a form without its reason went off');
    await row.locator('input[name=why]').fill('slot empty, neighbours looked at <b>twice</b>');
    await row.locator('button', { hasText: 'Not found' }).click();
    await shows(clerk, '1 not found');
    await shows(clerk, 'neighbours looked at <b>twice</b>');
    await clerk.screenshot({ path: `${out}clinic-pull-list.png`, fullPage: true });
  },

  async 'a chart that two clinics want is on the board of conflicts'({ clerk }) {
    await go(clerk, '/conflicts');
    await shows(clerk, mrn(1));
    const told = await clerk.innerText('main');
    assert.ok(told.indexOf('Heart clinic') < told.indexOf('Eye clinic'), told);
    await clerk.screenshot({ path: `${out}clinic-conflicts.png` });
  },

  async 'the cart goes off, and the door of the clinic makes it delivered'({ clerk, requester }) {
    await go(clerk, '/pulls');
    const list = await clerk.locator('tr', { hasText: 'Heart clinic' }).locator('a').first().getAttribute('href');
    await desk.scan(COMMANDS.chargeOut);
    await desk.scan(own(`RL${list.split('/').pop()}`));
    for (let number = 1; number <= 9; number += 1) await desk.scan(chart(number));
    await desk.scan(COMMANDS.done);
    for (let number = 1; number <= 9; number += 1) await heart.scan(chart(number));
    await go(requester, '/');
    await requester.fill('#q', mrn(2));
    await requester.keyboard.press('Enter');
    await shows(requester, 'Heart clinic');
    await go(clerk, list);
    assert.equal((await clerk.innerText('table.pull')).match(/\bDelivered\b/gi)?.length, 9);
  },

  async 'clinic staff asks for a chart by the keyboard alone, and it is asked back from its holder'({ requester, clerk }) {
    await go(requester, '/help');
    await requester.keyboard.press('/');
    await requester.keyboard.type(mrn(2));
    await requester.keyboard.press('Enter');
    await requester.waitForURL('**/charts/*');
    const press = async (wanted) => {
      for (let tabs = 0; tabs < 60; tabs += 1) {
        const found = await requester.evaluate((wanted) => document.activeElement?.matches(wanted), wanted);
        if (found) return;
        await requester.keyboard.press('Tab');
      }
      assert.fail(`the keyboard never came to ${wanted}`);
    };
    await requester.evaluate(() => document.activeElement?.blur());
    await press('a[href^="/requests/new"]');
    await requester.keyboard.press('Enter');
    await requester.waitForURL('**/requests/new*');
    await press('#to');
    await requester.keyboard.type('Eye');
    await press('#needed');
    await requester.fill('#needed', at(60));
    // Clinic staff asks for itself, and may say for whom instead.
    await press('#requester');
    assert.equal(await requester.inputValue('#requester'), 'The requester');
    await requester.keyboard.press('Control+A');
    await requester.keyboard.type('Dr Ng');
    await press('#purpose');
    await requester.keyboard.type('<script>alert(1)</script> before surgery');
    await press('main form.labels button');
    await requester.keyboard.press('Enter');
    await requester.waitForURL(/\/requests\/\d+/);
    await shows(requester, '<script>alert(1)</script> before surgery');
    await shows(requester, 'Heart clinic');
    await clerk.goto(requester.url());
    await clerk.click('text=Ask Heart clinic to give it back');
    await shows(clerk, 'asked back from its holder');
    await shows(requester, 'asked back from its holder');
  },

  async 'the chart that came back is held for whoever waits'({ board, requester }) {
    await desk.scan(COMMANDS.checkIn);
    assert.equal(await desk.scan(chart(2)), false, 'a chart that somebody waits for is not put away');
    await shows(board, 'Eye clinic');
    await board.screenshot({ path: `${out}clinic-hold.png` });
    const slip = own(`R${requester.url().match(/\/requests\/(\d+)/)[1]}`);
    await desk.scan(COMMANDS.done);
    await desk.scan(slip);
    await desk.scan(chart(2));
    // Nobody scans at the eye clinic: sent is delivered.
    await shows(requester, 'delivered');
  },

  async 'of two people at one request the second is told, and nothing is done twice'({ requester, clerk, supervisor }) {
    await go(requester, '/');
    await requester.fill('#q', mrn(20));
    await requester.keyboard.press('Enter');
    await requester.click('text=Request this chart');
    await requester.selectOption('#to', { label: 'Eye clinic (EYES)' });
    await requester.fill('#needed', at(90));
    await requester.fill('#requester', 'Dr Ng');
    // Clicked twice, as people do: still one request.
    await requester.dblclick('main form.labels button');
    await requester.waitForURL(/\/requests\/\d+/);
    const request = new URL(requester.url()).pathname;
    await go(clerk, '/requests');
    assert.equal((await clerk.innerText('main')).split(mrn(20)).length, 2, 'asked for twice');
    // No live page brings the second one up to date.
    for (const page of [clerk, supervisor]) {
      await page.context().route('**/api/v1/changes', (route) => route.abort());
      await go(page, request);
      await page.fill('#why', `over, says ${page === clerk ? 'the clerk' : 'the supervisor'}`);
    }
    await step(clerk, 'cancelled');
    await shows(clerk, 'cancelled');
    await step(supervisor, 'not-fillable');
    await supervisor.waitForLoadState();
    const told = await supervisor.innerText('body');
    assert.match(told, /changed|meanwhile|already|not open/i, told);
    await go(supervisor, request);
    assert.doesNotMatch(await supervisor.innerText('main'), /says the supervisor/);
  },
};

let failures = 0;
try {
  room.take('custodians', ['code,name,kind,phone', 'FILE,File room,file-area,', 'SORT,Sorting shelf,sorting,', 'HEART,Heart clinic,clinic,555 0101', 'EYES,Eye clinic,clinic,']);
  room.take('charts', ['mrn,label,home', ...Array.from({ length: CHARTS }, (_, index) => `${mrn(index + 1)},${chart(index + 1)},FILE`)]);
  await room.serve();
  const people = { clerk: await person('cleo', 'clerk'), supervisor: await person('sam', 'supervisor'), requester: await person('rita', 'requester') };
  people.board = await people.supervisor.context().newPage();
  await until(async () => (await fetch(`${room.base}/readyz`)).ok, 'the daemon to be ready');
  failures = await play(steps, people, `${out}clinic`);
} finally {
  await browser.close();
  await room.end();
}
process.exit(failures ? 1 : 0);
