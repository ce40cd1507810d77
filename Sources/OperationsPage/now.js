// What the gateway does this second.

import { get } from './api.js';
import { stackedArea } from './chart.js';
import { h, say, swap, whenChanged } from './dom.js';
import { bytes, clockSeconds, decimal, number, rate, span } from './format.js';
import { icon } from './icons.js';
import { language, t } from './words.js';

const OUTCOMES = ['stored', 'duplicate', 'quarantined', 'rejected'];
const LEVELS = ['alarm', 'warning', 'notice'];
const SECONDS = 60;
/** Milliseconds beyond which a latency is counted, and not measured. */
const LONGEST = 5000;

/** The state in one sentence: {kind, text, since, more}. */
function sentence(now) {
  const zh = language() === 'zh';
  const reasons = now.reasons ?? [];
  const said = reasons.map(reason => (zh && reason.text_zh) || reason.text);
  const since = Math.min(...reasons.map(reason => reason.since).filter(Boolean));
  const problem = (zh && now.intake.problem_zh) || now.intake.problem;
  const because = [problem, ...said.filter(text => text !== problem)].filter(Boolean);
  const bad = (text, kind) => ({ kind, text, because, since: Number.isFinite(since) ? since : null });
  if (now.intake.suspended) return bad(t('state_suspended'), 'bad');
  if (!now.intake.online) return bad(t('state_offline'), 'bad');
  if (now.ready === false || reasons.length) return bad(t('state_behind'), 'warn');
  return { kind: 'good', text: t(now.rates.received > 0 ? 'state_good' : 'state_idle'), because: [], since: null };
}

const table = (caption, heads, rows) =>
  h('table', { class: 'plain' }, h('caption', {}, caption),
    h('thead', {}, h('tr', {}, heads.map((head, at) => h('th', { scope: 'col', class: at && 'n' }, head)))),
    h('tbody', {}, rows));

/** What stands behind the log: cursors and outboxes. */
function behind(box, cursors, outbox) {
  swap(box,
    table(t('cursors'), [t('cursor'), t('lag_rows')], cursors.map(cursor =>
      h('tr', {}, h('th', { scope: 'row' }, t.or(`cursor_${cursor.name}`, cursor.name)),
        h('td', { class: 'n' }, cursor.lag ? number(cursor.lag) : t('up_to_date'))))),
    outbox.length > 0 && table(t('outbox'), [t('destination'), t('waiting'), t('oldest')], outbox.map(to =>
      h('tr', { class: to.problem && 'problem' },
        h('th', { scope: 'row' }, t.or(`destination_${to.destination}`, to.destination),
          to.problem && h('small', { class: 'bad' }, to.problem),
          to.put_aside > 0 && h('small', { class: 'bad' }, t('put_aside', { n: number(to.put_aside) }))),
        h('td', { class: 'n' }, number(to.waiting),
          to.finals > 0 && h('small', {}, t('finals', { n: number(to.finals) }))),
        h('td', { class: 'n' }, to.oldest_ms == null ? '–' : span(to.oldest_ms))))));
}

function tile(name, href) {
  const value = h('strong', { class: 'figure' }, '–');
  const note = h('span', { class: 'note' });
  const box = h(href ? 'a' : 'div', { class: 'tile', href, 'data-tile': name },
    h('span', { class: 'label' }, t(`tile_${name}`)), value, note);
  return {
    box,
    set(figure, text, kind = '') {
      say(value, figure);
      say(note, text ?? '');
      if (box.dataset.kind !== kind) box.dataset.kind = kind;
    },
  };
}

export async function open(main) {
  const tiles = {
    rate: tile('rate'), latency: tile('latency'), oldest: tile('oldest'), heard: tile('heard', '#/devices'),
    silent: tile('silent', '#/devices?state=silent'), missing: tile('missing', '#/devices?state=gaps'),
    held: tile('held', '#/quarantine'), warnings: tile('warnings', '#/warnings'),
  };
  const mark = h('span', { class: 'mark' });
  const text = h('span');
  const why = h('p', { class: 'why' });
  const hero = h('section', { class: 'hero', id: 'state', role: 'status', 'aria-live': 'polite' },
    h('p', { class: 'state' }, mark, text), why);
  const facts = h('p', { class: 'facts' });
  const chart = stackedArea(OUTCOMES, SECONDS);
  const legend = OUTCOMES.map(name => ({ name, value: h('b', {}, '0') }));
  const terms = ['received', ...OUTCOMES].map(name => ({ name, value: h('b', {}, '–') }));
  const verdict = h('p', { class: 'verdict', role: 'status', id: 'balanced' });
  const queues = h('div', { class: 'queues' });
  const machine = h('p', { class: 'facts' });
  main.append(
    hero, facts,
    h('section', { class: 'tiles', 'aria-label': t('figures') }, Object.values(tiles).map(one => one.box)),
    h('section', { class: 'card' },
      h('h2', {}, t('rates_title')), h('p', { class: 'hint' }, t('rates_hint')), chart.box,
      h('ul', { class: 'legend' }, legend.map(({ name, value }) =>
        h('li', {}, h('i', { class: `swatch fill-${name}` }), t(name), ' ', value, h('small', {}, t('per_second')))))),
    h('section', { class: 'card' },
      h('h2', {}, t('equation_title')), h('p', { class: 'hint' }, t('equation_hint')),
      h('ul', { class: 'equation' }, terms.map(({ name, value }, at) => h('li', {},
        h('span', { class: 'sign', 'aria-hidden': 'true' }, at === 0 ? '' : at === 1 ? '=' : '+'),
        h(name === 'quarantined' ? 'a' : 'span',
          { class: 'term', href: name === 'quarantined' ? '#/quarantine' : null },
          value, h('span', { class: 'label' }, at > 0 && h('i', { class: `swatch fill-${name}` }), t(name)))))),
      verdict),
    h('section', { class: 'card' },
      h('h2', {}, t('behind_title')), h('p', { class: 'hint' }, t('behind_hint')), queues, machine));

  let history = [];
  const showState = whenChanged(state => {
    hero.dataset.kind = state.kind;
    mark.replaceChildren(icon(state.kind === 'good' ? 'heard' : state.kind === 'bad' ? 'stopped' : 'warning'));
    say(text, state.text);
    why.replaceChildren();
    if (state.because.length) why.append(t('because', { text: state.because.join(t('semicolon')) }));
    if (state.since) why.append(' ', t('since', { time: clockSeconds(state.since) }));
    why.hidden = !state.because.length && !state.since;
  });
  const showQueues = whenChanged((cursors, outbox) => behind(queues, cursors, outbox));

  function show(now) {
    if (now.history) history = now.history;
    else if (now.sample) history = [...history, now.sample];
    history = history.slice(-SECONDS);
    showState(sentence(now));
    say(facts, t('now_facts', {
      commit: now.last_commit_ms_ago == null ? t('never') : t('ago', { span: span(now.last_commit_ms_ago) }),
      uptime: span(now.uptime_s * 1000), version: now.version,
    }));
    const open = now.warnings ?? {};
    const opened = LEVELS.reduce((sum, level) => sum + (open[level] ?? 0), 0);
    tiles.rate.set(rate(now.rates.received), t('readings_rate', { n: rate(now.rates.readings) }));
    const { p50_ms: median, p99_ms: slow } = now.latency;
    tiles.latency.set(median > LONGEST ? `> ${span(LONGEST)}` : span(median),
      t(slow > LONGEST ? 'p99_over' : 'p99', { span: span(slow == null ? null : Math.min(slow, LONGEST)) }),
      slow > LONGEST ? 'warn' : '');
    tiles.oldest.set(now.oldest_unacknowledged_ms == null ? t('none') : span(now.oldest_unacknowledged_ms),
      t('oldest_note'), now.oldest_unacknowledged_ms > 30_000 ? 'bad' : '');
    tiles.heard.set(number(now.devices.heard), t('of_known', { n: number(now.devices.known) }));
    tiles.silent.set(number(now.devices.silent), t('silent_note'), now.devices.silent ? 'warn' : 'good');
    tiles.missing.set(number(now.missing), t('missing_note'), now.missing ? 'warn' : 'good');
    tiles.held.set(number(now.quarantine_held), t('held_note'), now.quarantine_held ? 'warn' : 'good');
    tiles.warnings.set(number(opened), opened ? LEVELS.filter(level => open[level])
      .map(level => `${t(level)} ${number(open[level])}`).join(' · ') : t('none_open'),
    open.alarm ? 'bad' : opened ? 'warn' : 'good');
    chart.draw(history);
    for (const { name, value } of legend) say(value, rate(now.rates[name]));
    for (const { name, value } of terms) say(value, number(now.ledger[name]));
    verdict.dataset.kind = now.ledger.balanced ? 'good' : 'bad';
    say(verdict, t(now.ledger.balanced ? 'balanced' : 'unbalanced'));
    showQueues(now.cursors ?? [], now.outbox ?? []);
    say(machine, t('machine_facts', {
      memory: bytes(now.memory_bytes), store: bytes(now.store_bytes), free: bytes(now.disk_free_bytes),
      lanes: decimal(now.intake.lanes ?? 1, 0),
    }));
  }

  show(await get('/api/v1/now'));
  return { hear: (event, data) => { if (event === 'now') show(data); } };
}
