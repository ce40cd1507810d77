// Facts and readings, as several views show them.

import { h } from './dom.js';
import { clockSeconds, day, decimal, number } from './format.js';
import { t } from './words.js';

/** Pairs of name and value, with an optional note; `wide` takes the room of two. */
export const facts = pairs =>
  h('dl', { class: 'facts-grid' }, pairs.filter(Boolean).map(([name, value, note, wide]) =>
    h('div', { class: wide && 'wide' }, h('dt', {}, t(name)), h('dd', {}, value, note && h('small', {}, note)))));

/** What a status reading says. */
function status(values) {
  const parts = [];
  if (values.battery_mv !== undefined) parts.push(`${t('status_battery')} ${decimal(values.battery_mv / 1000, 2)} V`);
  if (values.rssi_dbm !== undefined) parts.push(`${t('status_signal')} ${values.rssi_dbm} dBm`);
  if (values.backlog !== undefined) parts.push(`${t('status_backlog')} ${number(values.backlog)}`);
  if (values.temperature_dc !== undefined) parts.push(`${decimal(values.temperature_dc / 10, 1)} °C`);
  if (values.firmware !== undefined) parts.push(`${t('status_firmware')} ${values.firmware}`);
  if (values.dropped) parts.push(`${t('status_dropped')} ${number(values.dropped)}`);
  return parts.join(' · ');
}

/** A person's token is shown shortened: enough to tell two apart, too little to look one up. */
const who = reading => reading.subject && h('span', { class: 'mono', title: t('token_of_card') },
  reading.subject.slice(0, 6), '…');

function said(reading) {
  switch (reading.kind) {
    case 'checkin': return [who(reading), reading.method && ` ${t.or(`method_${reading.method}`, reading.method)}`];
    case 'passage': return [who(reading), ' ', t.or(`direction_${reading.direction}`, reading.direction),
      reading.granted === false && ` · ${t('refused_entry')}`];
    case 'response': return t('said_response', { item: reading.item, score: reading.score });
    case 'status': return status(reading.status ?? {});
    case 'incident': return [t('said_incident', { n: reading.category }),
      reading.text && `${t('colon')}${reading.text}`];
    default: return '';
  }
}

/** Readings as a table, as the API gives them. */
export function readings(items, { withDevice = true } = {}) {
  if (!items.length) return h('p', { class: 'empty' }, t('no_readings'));
  const columns = ['time', withDevice && 'device', 'kind', 'content', 'frame'].filter(Boolean);
  return h('div', { class: 'scroll', 'data-scroll': 'readings', tabindex: '0', role: 'region',
    'aria-label': t('readings') },
    h('table', { class: 'readings' },
      h('thead', {}, h('tr', {}, columns.map(name => h('th', { scope: 'col' }, t(`column_${name}`))))),
      h('tbody', {}, items.map(reading => h('tr', {},
        h('td', { class: 'nowrap time' }, day(reading.event_time), ' ', clockSeconds(reading.event_time),
          reading.time_quality !== 'device' && h('small', { class: 'quality' },
            t.or(`quality_${reading.time_quality}`, ''))),
        withDevice && h('td', { class: 'nowrap' }, h('a', {
          href: `#/devices/${encodeURIComponent(reading.site)}/${encodeURIComponent(reading.device)}`,
        }, reading.device)),
        h('td', { class: 'nowrap' }, t.or(`reading_${reading.kind}`, reading.kind)),
        h('td', { class: 'said' }, said(reading)),
        h('td', { class: 'mono nowrap seq' }, `${reading.epoch}/${reading.seq}`))))));
}
