// The frame around the views: navigation, language, token, connection. One view is open at a time.

import { get, hasToken, setToken, whenRefused } from './api.js';
import { h, say, swap } from './dom.js';
import { clockSeconds, setZone } from './format.js';
import { icon } from './icons.js';
import { Live } from './live.js';
import { language, setLanguage, t } from './words.js';
import * as classes from './classes.js';
import * as device from './device.js';
import * as devices from './devices.js';
import * as held from './held.js';
import * as now from './now.js';
import * as quarantine from './quarantine.js';
import * as satisfaction from './satisfaction.js';
import * as warning from './warning.js';
import * as warnings from './warnings.js';

const VIEWS = { now, devices, classes, satisfaction, warnings, quarantine };
/** Views of one thing: `#/devices/{site}/{device}`, `#/warnings/{id}`, `#/quarantine/{id}`. */
const DETAILS = { devices: device, warnings: warning, quarantine: held };
const REFRESH_MS = 15_000;
/** A gateway that has only just started has its first figures a second later. */
const SOON_MS = 2000;

const main = document.getElementById('main');
const banner = document.getElementById('banner');
const badges = {};
let view = null;
let opened = 0;
let lastNow = null;
let timer = 0;

/** The hash as {name, parts, query}. */
/** As it stands where it is not well encoded: an address typed by hand must lead somewhere. */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function route() {
  const [path, query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  const [name, ...parts] = path.split('/').map(decoded);
  return { name: VIEWS[name] ? name : 'now', parts: parts.filter(Boolean), query: new URLSearchParams(query) };
}

function frame() {
  document.documentElement.lang = language() === 'zh' ? 'zh-CN' : 'en';
  say(document.getElementById('skip'), t('skip'));
  const links = Object.keys(VIEWS).map(name => {
    badges[name] = h('span', { class: 'badge', hidden: true });
    return h('a', { href: `#/${name}`, 'data-nav': name }, icon(name), h('span', {}, t(`nav_${name}`)), badges[name]);
  });
  swap(document.getElementById('top'),
    h('a', { class: 'brand', href: '#/now' }, h('b', {}, t('product')), h('small', {}, t('product_of'))),
    h('nav', { 'aria-label': t('navigation') }, links),
    h('button', { id: 'language', type: 'button', lang: language() === 'zh' ? 'en' : 'zh-CN', onclick: switchLanguage },
      t('other_language')));
  if (lastNow) showBadges(lastNow);
}

function switchLanguage() {
  setLanguage(language() === 'zh' ? 'en' : 'zh');
  frame();
  open();
}

function showBadges(now) {
  lastNow = now;
  const counts = {
    warnings: Object.values(now.warnings ?? {}).reduce((sum, count) => sum + count, 0), quarantine: now.quarantine_held,
  };
  for (const [name, count] of Object.entries(counts)) {
    badges[name].hidden = !count;
    say(badges[name], count > 999 ? '999+' : count || '');
    badges[name].dataset.kind = name === 'warnings' && now.warnings.alarm ? 'bad' : '';
  }
}

/** Opens the view of the hash. What an earlier opening still loads is thrown away. */
async function open() {
  const { name, parts, query } = route();
  const mine = opened += 1;
  clearTimeout(timer);
  view = null;
  for (const link of document.querySelectorAll('[data-nav]')) {
    if (link.dataset.nav === name) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  const module = parts.length && DETAILS[name] ? DETAILS[name] : VIEWS[name];
  const isDetail = module !== VIEWS[name];
  document.title = `${t(`nav_${name}`)} · ${t('product')}`;
  main.dataset.view = isDetail ? `${name}-detail` : name;
  main.dataset.ready = 'false';
  const content = h('div', { class: 'content' });
  const head = isDetail
    ? [h('a', { class: 'back', href: `#/${name}` }, icon('back'), t(`nav_${name}`))]
    : [h('h1', {}, t(`title_${name}`)), h('p', { class: 'lead' }, t(`lead_${name}`))];
  const waiting = h('p', { class: 'loading' }, t('loading'));
  main.replaceChildren(...head, waiting);
  try {
    const made = await module.open(content, parts, query);
    if (mine !== opened) return;
    view = made;
    waiting.replaceWith(content);
    main.dataset.ready = 'true';
    plan();
  } catch (error) {
    if (mine !== opened) return;
    waiting.replaceWith(h('p', { class: 'failed', role: 'alert' }, error.message));
    main.dataset.ready = 'failed';
    // What failed may work in a while: the gateway may just be starting.
    const wait = error.status === 503 ? SOON_MS : REFRESH_MS;
    if (error.status !== 401 && error.status !== 404) timer = setTimeout(open, wait);
  }
}

/** The next refresh: only while somebody looks. */
function plan() {
  clearTimeout(timer);
  if (view?.refresh && !document.hidden) timer = setTimeout(refresh, REFRESH_MS);
}

async function refresh() {
  const current = view;
  if (!current?.refresh || document.hidden) return;
  try {
    await current.refresh();
  } catch {
    // The banner tells when the connection is lost; the next refresh tries again.
  }
  if (view === current) plan();
}

const live = new Live({
  hear(event, data) {
    if (event === 'now') showBadges(data);
    if (view?.hear) view.hear(event, data);
    if (view?.wants?.includes(event)) refresh();
  },
  lost(since) {
    say(banner, t('lost', { time: clockSeconds(since) }));
    banner.hidden = false;
    document.body.classList.add('stale');
  },
  back() {
    banner.hidden = true;
    document.body.classList.remove('stale');
    open();
  },
  refused: () => askForToken(),
});

/** The gateway wants a token: a small form in the place of the view. */
function askForToken() {
  opened += 1;
  view = null;
  live.stop();
  clearTimeout(timer);
  const input = h('input', { id: 'token', type: 'password', autocomplete: 'off', required: true });
  main.dataset.view = 'token';
  main.dataset.ready = 'true';
  main.replaceChildren(h('form', {
    class: 'card token',
    onsubmit(event) {
      event.preventDefault();
      setToken(input.value.trim());
      start();
    },
  }, h('h1', {}, t('token_title')), h('p', {}, t(hasToken() ? 'token_wrong' : 'token_why')),
  h('label', { for: 'token' }, t('token')), input, h('button', { class: 'primary', type: 'submit' }, t('token_use'))));
  input.focus();
}

async function start() {
  try {
    setZone((await get('/api/v1/meetings?limit=1')).time_zone);
  } catch (error) {
    if (error.status === 401) return;
    // Without it the browser's zone serves, and the views say what does not answer.
  }
  if (!document.hidden) live.start();
  await open();
}

whenRefused(askForToken);
addEventListener('hashchange', () => {
  scrollTo(0, 0);
  open();
  main.focus({ preventScroll: true });
});
document.addEventListener('visibilitychange', () => {
  if (document.hidden) {
    live.stop();
    clearTimeout(timer);
  } else if (main.dataset.view !== 'token') {
    live.start();
    refresh();
  }
});
document.getElementById('skip').addEventListener('click', event => {
  event.preventDefault();
  main.focus();
});
frame();
start();
