// Warnings: what does not meet its standard, the gravest first.

import { get, query } from './api.js';
import { h, swap, whenChanged } from './dom.js';
import { ago, measure, moment, number } from './format.js';
import { icon } from './icons.js';
import { language, t } from './words.js';

const LEVELS = ['notice', 'warning', 'alarm'];
const PAGE = 200;

export const title = warning => (language() === 'zh' ? warning.name : warning.name_en) || warning.standard;
export const about = warning => warning.subject_name ?? warning.subject;
export const level = name => h('span', { class: `level level-${name}` }, icon(name), t(name));

/** 61 %, below 75 %: what was found, and what it had to be. */
export const found = warning => [
  h('b', {}, measure(warning.measure, warning.value)), ' ',
  h('span', { class: 'quiet' }, t(`limit_${warning.direction}`,
    { threshold: measure(warning.measure, warning.threshold) })),
];

const row = warning => h('tr', { 'data-warning': String(warning.id), 'data-level': warning.urgency },
  h('td', {}, level(warning.urgency)),
  h('th', { scope: 'row' }, h('a', { href: `#/warnings/${warning.id}`, 'data-key': `warning-${warning.id}` },
    title(warning)),
    h('small', {}, about(warning))),
  h('td', { class: 'found' }, found(warning)),
  h('td', { class: 'unit' }, warning.unit_name ?? warning.unit),
  h('td', { class: 'state' }, h('span', { class: `pill state-${warning.state}` }, t(`warning_${warning.state}`)),
    warning.due_at && ['raised', 'reopened'].includes(warning.state)
      && h('small', {}, t('escalates', { time: moment(warning.due_at) }))),
  h('td', { class: 'age nowrap', title: moment(warning.raised_at) }, ago(warning.raised_at)));

export async function open(main, parts, asked) {
  let state = asked.get('state') === 'all' ? 'all' : '';
  let least = LEVELS.includes(asked.get('level')) ? asked.get('level') : '';
  let unit = '';
  let items = [];
  let next;
  const units = new Map();
  const chips = h('div', { class: 'tools' });
  const list = h('div', {});
  const more = h('button', { type: 'button', class: 'more', onclick: () => load(true) }, t('more'));
  main.append(chips, list, more);

  const chip = (name, isOn, text, act) => h('button', {
    type: 'button', class: 'chip', 'aria-pressed': String(isOn), 'data-key': name,
    onclick() {
      act();
      history.replaceState(null, '', query('#/warnings', { state, level: least }));
      load();
    },
  }, text);

  function tools() {
    const choose = h('select', {
      id: 'unit', 'aria-label': t('column_unit'),
      onchange() {
        unit = choose.value;
        load();
      },
    }, h('option', { value: '' }, t('all_units')), [...units].sort((a, b) => a[1].localeCompare(b[1]))
      .map(([id, name]) => h('option', { value: id, selected: id === unit }, name)));
    swap(chips,
      h('div', { class: 'chips', role: 'group', 'aria-label': t('column_state') },
        chip('state-open', state === '', t('open_ones'), () => { state = ''; }),
        chip('state-all', state === 'all', t('all_ones'), () => { state = 'all'; })),
      h('div', { class: 'chips', role: 'group', 'aria-label': t('column_level') },
        chip('level-', least === '', t('every_level'), () => { least = ''; }),
        chip('level-warning', least === 'warning', [icon('warning'), t('from_warning')], () => { least = 'warning'; }),
        chip('level-alarm', least === 'alarm', [icon('alarm'), t('only_alarm')], () => { least = 'alarm'; })),
      choose);
  }

  const show = whenChanged(() => {
    tools();
    more.hidden = !next;
    // The gravest first, among those the newest.
    const sorted = [...items].sort((a, b) =>
      LEVELS.indexOf(b.urgency) - LEVELS.indexOf(a.urgency) || b.raised_at - a.raised_at);
    swap(list, sorted.length
      ? h('table', { class: 'warnings' },
        h('thead', {}, h('tr', {}, ['level', 'warning', 'found', 'unit', 'state', 'raised'].map(name =>
          h('th', { scope: 'col' }, t(`column_${name}`))))),
        h('tbody', {}, sorted.map(row)))
      : h('p', { class: 'empty good-line' }, icon('heard'), t(state || least || unit ? 'no_match' : 'no_warnings')));
  });

  async function load(isMore = false) {
    const answer = await get(query('/api/v1/warnings', {
      state, level: least, unit, cursor: isMore ? next : '',
      limit: isMore ? PAGE : Math.min(1000, Math.max(PAGE, items.length)),
    }));
    items = isMore ? [...items, ...answer.items] : answer.items;
    next = answer.next;
    for (const item of items) units.set(item.unit, item.unit_name ?? item.unit);
    show([items.map(item => ({ ...item, steps: 0 })), state, least, unit, number(items.length)],
      Math.floor(Date.now() / 60_000));
  }
  await load();
  return { refresh: () => load(), wants: ['warnings'] };
}
