// The class meetings of a day, and who came.

import { all } from './api.js';
import { stackedBar } from './chart.js';
import { h, swap, whenChanged } from './dom.js';
import { clock, number, percent, setZone, weekday } from './format.js';
import { icon } from './icons.js';
import { t } from './words.js';

const DAY = 86_400_000;
const COUNTS = ['present', 'late', 'absent'];

/** Whether its absences mean nothing: a reader was not heard, so that who is not counted may have been there. */
const isBlind = meeting => meeting.complete === false && isCounted(meeting);
const isCounted = meeting => meeting.expected != null && meeting.state !== 'planned';

function attendance(meeting) {
  if (!isCounted(meeting)) {
    return h('td', { class: 'counts quiet' }, meeting.expected == null
      ? t(meeting.state === 'planned' ? 'not_yet' : 'no_checkin')
      : t('n_expected', { n: number(meeting.expected) }));
  }
  const came = meeting.present + meeting.late;
  const parts = isBlind(meeting)
    ? [{ name: 'present', value: meeting.present }, { name: 'late', value: meeting.late },
      { name: 'uncounted', value: meeting.absent }]
    : COUNTS.map(name => ({ name, value: meeting[name] }));
  const numbers = [
    h('span', { class: 'count-present' }, t('present'), ' ', h('b', {}, number(meeting.present))),
    h('span', { class: 'count-late' }, t('late'), ' ', h('b', {}, number(meeting.late))),
    isBlind(meeting)
      ? h('span', { class: 'count-uncounted' }, icon('silent'), t('not_counted', { n: number(meeting.absent) }))
      : h('span', { class: 'count-absent' }, t(meeting.state === 'running' ? 'not_yet_here' : 'absent'), ' ',
        h('b', {}, number(meeting.absent))),
    meeting.unknown > 0 && h('span', { class: 'quiet' }, t('unknown_cards', { n: number(meeting.unknown) })),
  ];
  return h('td', { class: 'counts' }, stackedBar(parts, isBlind(meeting) ? 'blind' : ''),
    h('div', { class: 'numbers' }, h('span', { class: 'of' },
      t('came_of', { n: number(came), m: number(meeting.expected) })), numbers));
}

const row = meeting => h('tr', {
  'data-meeting': meeting.session_id, 'data-state': meeting.state, class: isBlind(meeting) ? 'blind' : '',
},
h('td', { class: 'course' }, h('b', {}, meeting.course_name ?? meeting.course_id),
  h('small', {}, [meeting.group_id, meeting.teacher_name].filter(Boolean).join(' · '))),
h('td', { class: 'place' }, meeting.place_name ?? meeting.place_id),
attendance(meeting),
h('td', { class: 'rate n' }, isBlind(meeting) ? h('span', { class: 'quiet', title: t('not_counted_long') }, '—')
  : isCounted(meeting) ? h('b', {}, percent(meeting.rate)) : ''));

/** Meetings that begin and end together make one block. */
function slots(items) {
  const found = new Map();
  for (const meeting of items) {
    const key = `${meeting.start}/${meeting.end}`;
    if (!found.has(key)) found.set(key, []);
    found.get(key).push(meeting);
  }
  return [...found.values()];
}

function sums(items) {
  const counted = items.filter(meeting => isCounted(meeting) && !isBlind(meeting) && meeting.state === 'over');
  const add = name => counted.reduce((sum, meeting) => sum + meeting[name], 0);
  const expected = add('expected');
  const rate = expected ? (add('present') + add('late')) / expected : null;
  return { expected, late: add('late'), absent: add('absent'), rate };
}

function block(items) {
  const [first] = items;
  const blind = items.filter(isBlind).length;
  const { rate } = sums(items);
  return h('section', { class: 'slot', 'data-state': first.state },
    h('h2', {}, h('span', { class: 'time' }, `${clock(first.start)}–${clock(first.end)}`),
      h('span', { class: `pill state-${first.state}` }, t(`meeting_${first.state}`)),
      h('small', {}, t('n_meetings', { n: number(items.length) }),
        rate !== null && ` · ${t('rate_of_slot', { rate: percent(rate, 1) })}`,
        blind > 0 && h('span', { class: 'blind-count' }, ' · ', t('n_blind', { n: number(blind) })))),
    h('table', { class: 'meetings' },
      h('thead', { class: 'hidden' }, h('tr', {}, ['course', 'place', 'attendance', 'rate'].map(name =>
        h('th', { scope: 'col' }, t(`column_${name}`))))),
      h('tbody', {}, items.map(row))));
}

export async function open(main, parts, query) {
  let data = { items: [] };
  let date = query.get('date') ?? '';
  let wanted = '';
  let text = '';
  const picker = h('input', { id: 'date', type: 'date', 'aria-label': t('date'), onchange: () => go(picker.value) });
  const step = (days, name, sign) => h('button', {
    type: 'button', class: 'chip', 'aria-label': t(name),
    onclick: () => picker.value && go(new Date(Date.parse(picker.value) + days * DAY).toISOString().slice(0, 10)),
  }, sign);
  const search = h('input', {
    id: 'search', type: 'search', placeholder: t('search_meetings'), 'aria-label': t('search_meetings'),
    oninput() {
      text = search.value.trim().toLowerCase();
      show();
    },
  });
  const chips = h('div', { class: 'chips', role: 'group', 'aria-label': t('filter') });
  const summary = h('div', { class: 'summary', role: 'status' });
  const list = h('div', { class: 'slots' });
  main.append(h('div', { class: 'tools' },
    h('div', { class: 'dates' }, step(-1, 'day_before', '‹'), picker, step(1, 'day_after', '›')), search, chips),
  summary, list);

  const choices = [['', () => true], ['running', meeting => meeting.state === 'running'],
    ['over', meeting => meeting.state === 'over'], ['planned', meeting => meeting.state === 'planned'],
    ['blind', isBlind]];

  function show() {
    const { items } = data;
    swap(chips, choices.map(([name, test]) => h('button', {
      type: 'button', class: 'chip', 'aria-pressed': String(wanted === name), 'data-key': `chip-${name}`,
      onclick() {
        wanted = name;
        show();
      },
    }, t(name === '' ? 'all' : name === 'blind' ? 'reader_silent' : `meeting_${name}`),
      h('b', {}, number(items.filter(test).length)))));
    const whole = sums(items);
    swap(summary, h('b', {}, data.date ? weekday(data.date) : '', t('colon')),
      whole.rate === null ? t(items.length ? 'none_over' : 'no_meetings')
        : t('day_summary', { rate: percent(whole.rate, 1), late: number(whole.late), absent: number(whole.absent) }));
    const test = choices.find(([name]) => name === wanted)[1];
    const shown = items.filter(meeting => test(meeting) && (!text || [meeting.course_name, meeting.group_id,
      meeting.teacher_name, meeting.place_name].some(part => part?.toLowerCase().includes(text))));
    list.classList.toggle('long', shown.length > 300);
    swap(list, shown.length ? slots(shown).map(block) : items.length > 0 && h('p', { class: 'empty' }, t('no_match')));
  }

  const showChanged = whenChanged(show);
  async function refresh() {
    data = await all(date ? `/api/v1/meetings?date=${encodeURIComponent(date)}` : '/api/v1/meetings');
    if (data.time_zone) setZone(data.time_zone);
    if (data.date && picker.value !== data.date) picker.value = data.date;
    showChanged(data.items);
  }
  async function go(day) {
    date = day;
    history.replaceState(null, '', day ? `#/classes?date=${day}` : '#/classes');
    await refresh();
  }
  await refresh();
  return { refresh, wants: ['meetings'] };
}
