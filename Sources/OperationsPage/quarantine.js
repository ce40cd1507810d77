// Frames that could not be understood: kept whole, with the reason.

import { get, query } from './api.js';
import { h, swap, whenChanged } from './dom.js';
import { ago, bytes, moment, number } from './format.js';
import { icon } from './icons.js';
import { language, t } from './words.js';

const PAGE = 200;

export function explanation(held) {
  const text = (language() === 'zh' && held.explanation_zh) || held.explanation || '';
  return text.charAt(0).toUpperCase() + text.slice(1);
}
export const reasonName = held => t.or(`reason_${held.reason}`, held.reason);
/** The device's part of the topic `campus/v1/{site}/{device}/up`. */
export const source = held => held.topic.split('/').slice(2, 4).join('/');
const hasReading = held => held.reading !== null && held.reading !== undefined && held.reading >= 0;
/** Readings are counted from 1 for people. */
export const where = held => (hasReading(held) ? t('in_reading', { n: held.reading + 1 }) : t('in_frame'));

const row = held => h('tr', { 'data-held': String(held.id), 'data-state': held.state },
  h('td', { class: 'n mono' }, held.id),
  h('th', { scope: 'row' }, h('a', { href: `#/quarantine/${held.id}`, 'data-key': `held-${held.id}` },
    reasonName(held)),
    h('small', {}, explanation(held))),
  h('td', { class: 'nowrap source' }, source(held), h('small', {}, where(held))),
  h('td', { class: 'n nowrap size' }, bytes(held.bytes)),
  h('td', { class: 'state' }, h('span', { class: `pill state-${held.state}` }, t(`held_${held.state}`))),
  h('td', { class: 'nowrap age', title: moment(held.received_time) }, ago(held.received_time)));

export async function open(main, parts, asked) {
  let state = asked.get('state') === 'all' ? 'all' : 'held';
  let reason = '';
  let items = [];
  let next;
  const reasons = new Map();
  const tools = h('div', { class: 'tools' });
  const list = h('div');
  const more = h('button', { type: 'button', class: 'more', onclick: () => load(true) }, t('more'));
  main.append(tools, list, more);

  const chip = (name, text) => h('button', {
    type: 'button', class: 'chip', 'aria-pressed': String(state === name), 'data-key': `chip-${name}`,
    onclick() {
      state = name;
      history.replaceState(null, '', name === 'all' ? '#/quarantine?state=all' : '#/quarantine');
      load();
    },
  }, text);

  const show = whenChanged(() => {
    const choose = h('select', {
      id: 'reason', 'aria-label': t('column_reason'),
      onchange() {
        reason = choose.value;
        load();
      },
    }, h('option', { value: '' }, t('all_reasons')), [...reasons].map(([id, name]) =>
      h('option', { value: id, selected: id === reason }, name)));
    swap(tools, h('div', { class: 'chips', role: 'group', 'aria-label': t('column_state') },
      chip('held', t('held_held')), chip('all', t('all'))), reasons.size > 1 && choose);
    more.hidden = !next;
    swap(list, items.length
      ? h('table', { class: 'quarantine' },
        h('thead', {}, h('tr', {}, ['id', 'reason', 'source', 'size', 'state', 'received'].map(name =>
          h('th', { scope: 'col', class: ['id', 'size'].includes(name) ? 'n' : null }, t(`column_${name}`))))),
        h('tbody', {}, items.map(row)))
      : h('p', { class: 'empty good-line' }, icon('heard'), t(reason ? 'no_match' : 'nothing_held')));
  });

  async function load(isMore = false) {
    const answer = await get(query('/api/v1/quarantine', {
      state: state === 'all' ? '' : state, reason, cursor: isMore ? next : '',
      limit: isMore ? PAGE : Math.min(1000, Math.max(PAGE, items.length)),
    }));
    items = isMore ? [...items, ...answer.items] : answer.items;
    next = answer.next;
    for (const item of items) reasons.set(item.reason, reasonName(item));
    show([items, state, reason, number(items.length)], Math.floor(Date.now() / 60_000));
  }
  await load();
  return { refresh: () => load() };
}
