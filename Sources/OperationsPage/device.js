// One device: what it is, how it did in the last two days, what it said last.

import { get } from './api.js';
import { bars, line } from './chart.js';
import { nameOf } from './devices.js';
import { h, swap, whenChanged } from './dom.js';
import { ago, clock, decimal, moment, number, span } from './format.js';
import { icon } from './icons.js';
import { facts, readings } from './tables.js';
import { t } from './words.js';

const HOUR = 3_600_000;
const HOURS = 48;
/** Below this a lithium cell is nearly empty. */
const LOW_BATTERY_MV = 3500;

/** The last 48 hours as slots, so that an hour without a sound is a gap and not a shorter axis. */
function slots(hours) {
  const known = new Map(hours.map(hour => [hour.start, hour.measures]));
  const newest = Math.max(Date.now(), ...hours.map(hour => hour.start));
  const latest = hours.length && newest - Math.max(...hours.map(hour => hour.start)) > HOURS * HOUR
    ? Math.max(...hours.map(hour => hour.start)) : newest;
  const end = (Math.floor(latest / HOUR) + 1) * HOUR;
  return Array.from({ length: HOURS }, (_, at) => {
    const start = end - (HOURS - at) * HOUR;
    return { start, measures: known.get(start) ?? null };
  });
}

function life(hours) {
  const all = slots(hours);
  const ends = [moment(all[0].start), clock(all.at(-1).start + HOUR)];
  const counted = all.map(({ start, measures }) => ({
    value: measures ? measures.readings ?? 0 : null,
    title: `${moment(start)}  ${measures ? t('n_readings', { n: number(measures.readings ?? 0) }) : t('not_heard')}`,
  }));
  const sum = counted.reduce((total, slot) => total + (slot.value ?? 0), 0);
  const quiet = counted.filter(slot => slot.value === null).length;
  const battery = all.map(({ measures }) => measures?.battery_mv_min ?? null);
  const known = battery.filter(value => value !== null);
  const least = Math.floor(Math.min(3000, ...known) / 100) * 100;
  const most = Math.ceil(Math.max(4200, ...known) / 100) * 100;
  return h('section', { class: 'card' },
    h('h2', {}, t('hours_title')), h('p', { class: 'hint' }, t('hours_hint', { n: number(sum), quiet: number(quiet) })),
    bars(counted, t('hours_hint', { n: number(sum), quiet: number(quiet) }), ends),
    known.length > 0 && [
      h('h3', {}, t('battery_title'), ' ', h('small', {}, `${decimal(known.at(-1) / 1000, 2)} V`)),
      line(battery, {
        least, most, limit: LOW_BATTERY_MV, text: mv => `${decimal(mv / 1000, 1)} V`,
        label: t('battery_label', { last: decimal(known.at(-1) / 1000, 2),
          least: decimal(Math.min(...known) / 1000, 2) }),
      }),
    ]);
}

function gaps(items) {
  if (!items.length) return h('p', { class: 'good-line' }, icon('heard'), t('no_gaps'));
  return h('div', { class: 'scroll', 'data-scroll': 'gaps', tabindex: '0', role: 'region',
    'aria-label': t('gaps_title') },
    h('table', {}, h('thead', {}, h('tr', {}, ['epoch', 'frames', 'noticed', 'outcome'].map(name =>
      h('th', { scope: 'col' }, t(`column_${name}`))))),
    h('tbody', {}, items.map(gap => h('tr', {},
      h('td', {}, gap.epoch), h('td', {}, gap.first === gap.last ? gap.first : `${gap.first}–${gap.last}`),
      h('td', {}, moment(gap.noticed_time)),
      h('td', {}, gap.abandoned_time ? t('gap_abandoned', { time: moment(gap.abandoned_time) }) : t('gap_open')))))));
}

export async function open(main, [site, device]) {
  const path = `/api/v1/devices/${encodeURIComponent(site)}/${encodeURIComponent(device ?? '')}`;
  const show = whenChanged(found => {
    const problems = found.problems ?? [];
    swap(main,
      h('header', { class: 'detail-head' },
        h('h1', { 'data-device': nameOf(found) }, found.device), h('p', { class: 'lead' },
          [found.building_name, found.place_name, found.unit_name].filter(Boolean)
            .filter((name, at, names) => names.indexOf(name) === at).join(' · ')),
        h('p', { class: 'pills' },
          h('span', { class: `pill state-${found.state}` }, icon(found.state), t(`state_${found.state}`),
            found.last_heard && ` · ${ago(found.last_heard)}`),
          problems.map(problem => h('span', { class: 'pill warn' }, icon(problem), t(`problem_${problem}`))))),
      problems.length > 0 && h('ul', { class: 'remedies' },
        problems.map(problem => h('li', {}, t(`remedy_${problem}`)))),
      facts([
        ['fact_site', found.site], ['fact_model', found.model], ['fact_auth', t.or(`auth_${found.auth}`, found.auth)],
        ['fact_keys', number(found.keys)],
        ['fact_presence', found.online == null ? t('unknown') : t(found.online ? 'online' : 'offline'),
          found.presence_time && moment(found.presence_time)],
        ['fact_last_heard', found.last_heard ? moment(found.last_heard) : t('never')],
        ['fact_battery', found.battery_percent == null ? t('unknown') : `${found.battery_percent}%`],
        ['fact_clock', found.clock_offset_ms == null || !found.last_heard ? t('unknown')
          : Math.abs(found.clock_offset_ms) < 1000 ? t('clock_right')
            : t(found.clock_offset_ms > 0 ? 'clock_behind' : 'clock_ahead',
              { span: span(Math.abs(found.clock_offset_ms)) })],
        ['fact_backlog', found.backlog == null ? t('unknown') : t('n_frames', { n: number(found.backlog) })],
        ['fact_missing', t('n_frames', { n: number(found.missing ?? 0) })], ['fact_boots', number(found.boots)],
      ]),
      life(found.hours ?? []),
      h('section', { class: 'card' }, h('h2', {}, t('gaps_title')), h('p', { class: 'hint' }, t('gaps_hint')),
        gaps(found.gaps ?? [])),
      h('section', { class: 'card' }, h('h2', {}, t('recent_title')),
        readings(found.recent ?? [], { withDevice: false })));
  });
  const refresh = async () => show(await get(path), Math.floor(Date.now() / 60_000));
  await refresh();
  return { refresh };
}
