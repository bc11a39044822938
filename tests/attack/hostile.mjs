// A browser whose user is signed in opens pages of other sites that attack Outguide. Settings as JSON on standard input, what
// came of it as JSON on standard output.
import { readFileSync } from 'node:fs';
import { chromium } from '../browser/room.mjs';

const { base, port, elsewhere, cookie, writing } = JSON.parse(readFileSync(0, 'utf8'));
// The attacker's name server says that its site is on this machine.
const browser = await chromium('--host-resolver-rules=MAP rebound.example 127.0.0.1, MAP evil.example 127.0.0.1');
const context = await browser.newContext();
await context.addCookies([{ name: '__Host-outguide', value: cookie, domain: '127.0.0.1', path: '/', secure: true, httpOnly: true, sameSite: 'Lax' }]);
const result = {};

// Opens a page of another site; the statuses of what it asked us.
async function attack(origin, html, wait = 300) {
  const page = await context.newPage();
  const statuses = [];
  page.on('response', (response) => {
    if (response.url().startsWith(base)) statuses.push(response.status());
  });
  await page.goto(origin);
  await page.setContent(html);
  await page.waitForTimeout(wait);
  return { page, statuses };
}

// The same site by the browser's reckoning, but another origin: SameSite does not help. And quite another site.
const origins = [`http://127.0.0.1:${elsewhere}/`, `http://evil.example:${elsewhere}/`];
const quoted = (text) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');

// Whoever is signed in is, so that what follows means something.
{
  const page = await context.newPage();
  await page.goto(`${base}/people`);
  const troubles = (await page.innerText('h1')).includes('People') ? [] : ['the browser is not signed in'];
  result['the control: signed in'] = { tried: 1, troubles };
  await page.close();
}

// Every writing route, by forms that send themselves.
{
  let tried = 0, letIn = 0, errors = 0;
  const troubles = [];
  for (const origin of origins) {
    for (const kind of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data']) {
      const frames = writing.map((route, n) =>
        `<iframe name="f${n}"></iframe><form target="f${n}" method="post" enctype="${kind}" action="${base}${quoted(route)}"><input name="code" value="EVIL"><input name="name" value="Evil"><input name='{"code":"EVIL","name":"' value='Evil"}'></form>`).join('');
      const { page, statuses } = await attack(origin, frames);
      await page.evaluate(() => { for (const form of document.forms) form.submit(); });
      for (let turn = 0; turn < 100 && statuses.length < writing.length; turn += 1) await page.waitForTimeout(100);
      tried += writing.length;
      letIn += statuses.filter((status) => status < 400).length;
      errors += statuses.filter((status) => status >= 500).length;
      if (statuses.length < writing.length) troubles.push(`${origin} ${kind}: ${statuses.length} of ${writing.length} were answered`);
      const other = statuses.filter((status) => status !== 403);
      if (other.length) troubles.push(`${origin} ${kind}: ${other.length} are not refused as from another site: ${[...new Set(other)]}`);
      await page.close();
    }
  }
  result['forms that send themselves, every writing route'] = { tried, letIn, errors, troubles, limit: 'web/guard.rs' };
}

// What a script of another site can read, and what it can have done.
{
  let tried = 0, letIn = 0;
  const troubles = [];
  for (const origin of origins) {
    const { page } = await attack(origin, '<h1>evil</h1>');
    const read = await page.evaluate(async (base) => {
      const read = [];
      for (const path of ['/', '/people', '/api/v1/custodians', '/metrics', '/api/v1/openapi.json', '/static/0/app.css']) {
        for (const mode of ['cors', 'no-cors']) {
          for (const credentials of ['include', 'omit']) {
            try {
              const text = await (await fetch(base + path, { mode, credentials })).text();
              if (text) read.push(`${path} ${mode} ${credentials}`);
            } catch { /* refused */ }
          }
        }
      }
      for (const path of ['/people', '/api/v1/people', '/sign-out', '/sign-in', '/api/v1/scans']) {
        for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json']) {
          try {
            const answer = await fetch(base + path, { method: 'POST', credentials: 'include', mode: type === 'application/json' ? 'cors' : 'no-cors', headers: { 'content-type': type }, body: '{"code":"EVIL","name":"Evil"}' });
            if (answer.type !== 'opaque') read.push(`POST ${path} ${type} ${answer.status}`);
          } catch { /* refused */ }
        }
      }
      return read;
    }, base);
    tried += 24 + 15;
    letIn += read.length;
    if (read.length) troubles.push(`${origin} reads ${read.join(', ')}`);
    await page.close();
  }
  result['fetch by another site'] = { tried, letIn, troubles, limit: 'no CORS' };
}

// Images, scripts, styles, live events, frames and windows.
{
  let tried = 0, letIn = 0;
  const troubles = [];
  for (const origin of origins) {
    const { page } = await attack(origin, '<h1>evil</h1>');
    const loaded = await page.evaluate(async (base) => {
      const loads = (make) => new Promise((resolve) => {
        const element = make();
        element.onload = () => resolve(true);
        element.onerror = () => resolve(false);
        document.body.append(element);
        setTimeout(() => resolve(false), 1500);
      });
      const made = [];
      const image = await loads(() => Object.assign(new Image(), { src: `${base}/volumes/1/label.svg` }));
      const script = await loads(() => Object.assign(document.createElement('script'), { src: `${base}/static/0/app.js` }));
      const style = await loads(() => Object.assign(document.createElement('link'), { rel: 'stylesheet', href: `${base}/` }));
      if (image) made.push('image');
      if (script) made.push('script');
      if (style) made.push('style');
      const events = await new Promise((resolve) => {
        const source = new EventSource(`${base}/api/v1/changes`, { withCredentials: true });
        source.addEventListener('change', () => resolve(true));
        source.onerror = () => resolve(false);
        setTimeout(() => resolve(false), 2500);
      });
      if (events) made.push('live events');
      return made;
    }, base);
    tried += 4;
    letIn += loaded.length;
    if (loaded.length) troubles.push(`${origin} loads ${loaded}`);
    for (const path of ['/', '/people', '/sign-in', '/nowhere', '/api/v1/openapi.json', '/volumes/1/label.svg']) {
      await page.setContent(`<iframe src="${base}${path}"></iframe>`);
      await page.waitForTimeout(400);
      const frame = page.frames().find((each) => each !== page.mainFrame());
      const shown = frame?.url().startsWith(base) && (await frame.content().catch(() => '')).includes('Under attack');
      tried += 1;
      letIn += shown ? 1 : 0;
      if (shown) troubles.push(`${origin} frames ${path}`);
    }
    await page.setContent('<h1>evil</h1>');
    const opener = await page.evaluate(async (base) => {
      const opened = window.open(`${base}/`);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      return opened === null || opened.closed;
    }, base);
    tried += 1;
    if (!opener) {
      letIn += 1;
      troubles.push(`${origin} keeps hold of a window that it opened`);
    }
    await page.close();
  }
  result['images, scripts, live events, frames, windows'] = { tried, letIn, troubles, limit: 'web/headers.rs' };
}

// The attacker's own name leads to our port.
{
  const page = await context.newPage();
  const troubles = [];
  let letIn = 0, tried = 0;
  for (const path of ['/', '/people', '/sign-in', '/metrics', '/api/v1/openapi.json']) {
    const answer = await page.goto(`http://rebound.example:${port}${path}`);
    tried += 1;
    if (answer.status() !== 421) { letIn += 1; troubles.push(`${path}: ${answer.status()}`); }
  }
  await page.close();
  result['DNS rebinding'] = { tried, letIn, troubles, limit: 'web.hosts' };
}

// On our own pages nothing inline runs and nothing leads elsewhere, were it to get there.
{
  const page = await context.newPage();
  const troubles = [];
  let tried = 0, letIn = 0;
  for (const path of ['/', '/people', '/stations/desk', '/work', '/nowhere']) {
    await page.goto(base + path);
    const ran = await page.evaluate(async (elsewhere) => {
      window.ran = [];
      const add = (html) => { const holder = document.createElement('div'); holder.innerHTML = html; document.body.append(holder); };
      add('<img src="/favicon.ico?x" onload="ran.push(\'onload\')" onerror="ran.push(\'onerror\')">');
      const script = document.createElement('script');
      script.textContent = 'ran.push("inline")';
      document.body.append(script);
      // Later: what the tests' own protocol runs may evaluate anything.
      setTimeout(() => { try { new Function('ran.push("eval")')(); } catch { /* refused */ } });
      const style = document.createElement('style');
      style.textContent = 'body{--ran:1}';
      document.head.append(style);
      if (getComputedStyle(document.body).getPropertyValue('--ran')) ran.push('style');
      try { await fetch(`http://127.0.0.1:${elsewhere}/`, { mode: 'no-cors' }); ran.push('fetch elsewhere'); } catch { /* refused */ }
      const form = document.createElement('form');
      form.action = `http://127.0.0.1:${elsewhere}/`;
      document.body.append(form);
      form.submit();
      await new Promise((resolve) => setTimeout(resolve, 400));
      return ran;
    }, elsewhere).catch((error) => [`a form led elsewhere: ${error}`]);
    tried += 6;
    letIn += ran.length;
    if (ran.length) troubles.push(`${path}: ${ran}`);
  }
  result['what is inline on our own pages'] = { tried, letIn, troubles, limit: 'CSP' };
}

await browser.close();
console.log(JSON.stringify(result));
