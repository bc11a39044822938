// Live updates and the `/` key. Every page works without this file.
'use strict';
(() => {
  const STALE_MS = 45000, EVERY_MS = 60000, PAUSE_MS = 250, PATIENCE_MS = 15000, SURE_MS = 2000;
  const topics = (document.body.dataset.live || '').split(' ').filter(Boolean);
  const box = document.getElementById('q');

  // Keys. A single-key shortcut can be turned off (WCAG 2.1.4); the choice stays on this computer.
  const keysOff = () => { try { return localStorage.getItem('keys') === 'off'; } catch { return false; } };
  document.addEventListener('keydown', (event) => {
    const typing = event.target.closest?.('input, textarea, select, [contenteditable]');
    if (event.key === '/' && !typing && !event.ctrlKey && !event.altKey && !event.metaKey && box && !keysOff()) {
      event.preventDefault();
      box.focus();
      box.select();
    } else if (event.key === 'Escape' && event.target === box) {
      box.value = '';
    }
  });

  // The list of charts found: arrows move from the box into it and through it, digits open a line.
  const hits = [...document.querySelectorAll('#hits tbody th a')];
  if (hits.length) document.addEventListener('keydown', (event) => {
    const at = hits.indexOf(document.activeElement);
    if (event.ctrlKey || event.metaKey || at < 0 && document.activeElement !== box) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && !event.altKey) {
      event.preventDefault();
      (at + step < 0 ? box : hits[Math.min(at + step, hits.length - 1)]).focus();
    } else if (/^[1-9]$/.test(event.key) && (event.altKey || at >= 0) && hits[event.key - 1]) {
      event.preventDefault();
      hits[event.key - 1].click();
    }
  });
  // What stands in the box is replaced by what is scanned. The focus may come before this script, or after it.
  if (box && box === document.activeElement) box.select();
  box?.addEventListener('focus', () => box.select(), { once: true });
  const button = document.getElementById('keys-off');
  if (button) {
    const label = () => { button.textContent = keysOff() ? 'Turn this key on' : 'Turn this key off'; };
    button.hidden = false;
    label();
    button.addEventListener('click', () => {
      try { localStorage.setItem('keys', keysOff() ? 'on' : 'off'); } catch { /* private window: nothing to keep */ }
      label();
    });
  }

  const paper = document.querySelector('[data-print]');
  if (paper) {
    paper.hidden = false;
    paper.addEventListener('click', () => window.print());
  }

  // A desk that many share: left alone, it locks. What was typed stays on the page, behind the lock; with nothing typed the
  // station's page is shown, where scanning goes on.
  const typed = () => [...document.querySelectorAll('main input, main textarea')].some((field) => field.value !== field.defaultValue);
  const locks = document.body.dataset.locks * 1000, lock = document.getElementById('unlock');
  if (locks && lock) {
    let used = Date.now(), told = used;
    const use = () => {
      used = Date.now();
      if (lock.hidden && used - told > 15000) { told = used; fetch('/livez').catch(() => { /* it is told again */ }); }
    };
    for (const kind of ['pointerdown', 'keydown', 'input', 'wheel']) addEventListener(kind, use, { passive: true });
    const show = (locked) => { lock.hidden = !locked; document.body.classList.toggle('locked', locked); };
    setInterval(() => {
      if (!lock.hidden || Date.now() - used < locks) return;
      if (!typed()) { location.replace(document.body.dataset.desk); return; }
      show(true);
      lock.querySelector('input').focus();
    }, 1000);
    lock.addEventListener('submit', async (event) => {
      event.preventDefault();
      const trouble = document.getElementById('unlock-trouble');
      try {
        const answer = await fetch('/unlock', { method: 'POST', body: new URLSearchParams({ pin: lock.elements.pin.value, to: '/account' }) });
        const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
        lock.reset();
        if (!answer.ok) { trouble.textContent = page.querySelector('.advice p')?.textContent ?? 'This did not work; try again.'; return; }
        // Somebody else's work is not shown.
        if (page.body.dataset.who !== document.body.dataset.who) { location.replace(document.body.dataset.desk); return; }
        trouble.textContent = '';
        used = told = Date.now();
        show(false);
      } catch { trouble.textContent = 'Outguide does not answer; try again in a moment.'; }
    });
  }
  // A desk without a keyboard: digits to touch.
  const pad = document.getElementById('pad'), pin = document.getElementById('pin');
  if (pad && pin && matchMedia('(pointer: coarse)').matches) {
    for (const digit of '1234567890') {
      const key = document.createElement('button');
      key.type = 'button';
      key.textContent = digit;
      key.addEventListener('click', () => { pin.value += digit; });
      pad.append(key);
    }
    const back = document.createElement('button');
    back.type = 'button';
    back.className = 'second';
    back.textContent = '←';
    back.setAttribute('aria-label', 'Take the last digit back');
    back.addEventListener('click', () => { pin.value = pin.value.slice(0, -1); });
    pad.append(back);
    pad.hidden = false;
  }

  // A page that could not be made is asked for until it can: nobody sits at a wall.
  if (document.getElementById('heals')) setInterval(async () => {
    try { if ((await fetch(location.href, { cache: 'no-store' })).ok) location.replace(location.href); } catch { /* not yet */ }
  }, 15000);

  if (!topics.length) return;
  const state = document.getElementById('state');
  const zone = document.body.dataset.zone;
  let source = null, connected = false, failed = false, tries = 0, retry = 0;
  let good = Date.now(); // when the page was last known to be right
  let said = document.querySelector('[data-say]')?.dataset.say;

  const clock = (at) => {
    const format = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
    try { return new Intl.DateTimeFormat('en-GB', { ...format, timeZone: zone }).format(at); }
    catch { return new Intl.DateTimeFormat('en-GB', format).format(at); }
  };
  const show = () => {
    const stale = failed || Date.now() - good > STALE_MS;
    const word = stale ? 'stale' : connected ? 'live' : 'reconnecting';
    const text = held ? 'waits for what you type' : stale ? `stale since ${clock(good)}` : word;
    if (state.textContent === text) return;
    state.hidden = false;
    state.className = `state ${word}`;
    state.textContent = text;
    if (stale) document.getElementById('cry').textContent = `This page is ${text}`;
  };

  // The page is asked for again and its parts are replaced: events carry no content.
  let busy = false, again = false;
  // What a page is made of, and for whom: if that is another, its parts do not fit into this one.
  const build = (page) => [...page.querySelectorAll('script[src], link[href^="/static/"]')]
    .map((file) => file.getAttribute('src') ?? file.getAttribute('href')).join() + page.body.dataset.who;
  const ask = (address, options = {}) =>
    fetch(address, { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE_MS), ...options });
  // Loaded anew only from a daemon that stands: one that is just stopping would leave the browser's own error page, which
  // nothing heals.
  const renew = () => setTimeout(async () => {
    try {
      if ((await ask('/livez')).ok) { location.reload(); return; }
    } catch { /* it comes back */ }
    busy = false;
    failed = true;
    setTimeout(refresh, 5000 * (1 + Math.random()));
  }, SURE_MS);
  // A list without a default begins with its first line.
  const first = (select) => Math.max([...select.options].findIndex((option) => option.defaultSelected), 0);
  const isChanged = (field) => field.matches('select') ? field.selectedIndex !== first(field)
    : ['checkbox', 'radio'].includes(field.type) ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
  // Somebody is filling in a form there: what they typed is not theirs to lose.
  const isInUse = (part) => [...part.querySelectorAll('input:not([type=hidden]), textarea, select')]
    .some((field) => field === document.activeElement || isChanged(field));
  const drawn = new WeakMap();
  let held = false;
  const replace = (old, fresh) => {
    if (!fresh) return;
    const html = fresh.innerHTML;
    if ((drawn.get(old) ?? old.innerHTML) === html) return;
    if (isInUse(old)) { held = true; return; }
    drawn.set(old, html);
    // What is open stays open, and an alarm that was told is not told again.
    const open = [...old.querySelectorAll('details')].map((details) => details.open);
    [...fresh.querySelectorAll('details')].forEach((details, at) => { details.open ||= open[at] ?? false; });
    const told = [...old.querySelectorAll('[role=alert], [data-told]')].map((alert) => alert.textContent);
    for (const alert of fresh.querySelectorAll('[role=alert]')) {
      if (told.includes(alert.textContent)) { alert.removeAttribute('role'); alert.dataset.told = ''; }
    }
    const active = old.contains(document.activeElement) && old !== document.activeElement ? document.activeElement : null;
    const href = active?.getAttribute('href');
    const same = active?.id ? `#${CSS.escape(active.id)}` : href ? `a[href="${CSS.escape(href)}"]` : null;
    old.replaceChildren(...fresh.childNodes);
    if (active) (same && old.querySelector(same) || old).focus({ preventScroll: true });
  };
  const say = () => {
    const last = document.querySelector('[data-say]');
    if (!last || last.dataset.say === said) return;
    said = last.dataset.say;
    document.getElementById('urgent' in last.dataset ? 'cry' : 'say').textContent = last.textContent;
  };
  const refresh = async () => {
    if (lock && !lock.hidden) return;
    if (busy) { again = true; return; }
    busy = true;
    const asked = Date.now();
    try {
      // Says that nobody pressed anything: a page that is left open does not keep its user signed in.
      const response = await ask(location.href, { headers: { 'x-outguide-refresh': '1' } });
      if ([401, 403].includes(response.status) && !typed()) { location.reload(); return; }
      if (!response.ok) throw new Error(String(response.status));
      const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
      if (fresh.body.dataset.who !== document.body.dataset.who) { location.reload(); return; }
      if (build(fresh) !== build(document)) { renew(); return; }
      held = false;
      for (const part of document.querySelectorAll('[data-part]')) replace(part, fresh.getElementById(part.id));
      failed = false;
      if (!held) good = asked;
      say();
    } catch {
      failed = true;
      setTimeout(refresh, 5000 * (1 + Math.random()));
    }
    busy = false;
    show();
    if (again) { again = false; setTimeout(refresh, PAUSE_MS); }
  };

  // What was held back comes when the form is left.
  document.addEventListener('focusout', () => { if (held) setTimeout(refresh, PAUSE_MS); });

  // A batch that ends by waiting counts down.
  setInterval(() => {
    for (const end of document.querySelectorAll('time[data-ends]')) {
      const left = Math.ceil((Date.parse(end.dateTime) - Date.now()) / 1000);
      end.textContent = left > 0 ? `in ${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}` : 'now';
      if (left === -1) refresh();
    }
  }, 1000);

  let heardAt = 0;
  const heard = (event) => {
    heardAt = Date.now();
    if (!failed && !held) good = Date.now();
    if (event?.type === 'change' && (event.data === 'all' || topics.includes('*') || topics.includes(event.data))) refresh();
    show();
  };
  // Reconnecting is done here, with a delay that differs from screen to screen.
  const connect = () => {
    if (source || document.hidden) return;
    heardAt = Date.now();
    source = new EventSource('/api/v1/changes');
    source.addEventListener('open', () => { connected = true; tries = 0; refresh(); });
    source.addEventListener('change', heard);
    source.addEventListener('tick', heard);
    source.addEventListener('message', heard);
    source.addEventListener('error', () => {
      close();
      tries += 1;
      retry = setTimeout(connect, Math.min(1000 * 2 ** tries, 15000) * (0.5 + Math.random() / 2));
      show();
    });
  };
  const close = () => {
    clearTimeout(retry);
    source?.close();
    source = null;
    connected = false;
  };
  // A hidden page gives its connection back: browsers allow six to one site, all tabs together.
  document.addEventListener('visibilitychange', () => { if (document.hidden) close(); else connect(); });
  addEventListener('pagehide', close);
  addEventListener('pageshow', connect);
  setInterval(show, 1000);
  // A network that went away without a word leaves a stream open on which nothing comes any more, not even the ticks.
  setInterval(() => { if (source && Date.now() - heardAt > STALE_MS) { close(); connect(); } }, 5000);
  setInterval(() => { if (!document.hidden && connected) refresh(); }, EVERY_MS);
  connect();
})();
