// Numbers and times as people here write them. Times are shown in the campus's zone.

import { language, t } from './words.js';

let zone;
const made = new Map();

export const setZone = name => {
  zone = name || undefined;
  made.clear();
};
export const zoneName = () => zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;

const locale = () => (language() === 'zh' ? 'zh-CN' : 'en-GB');

function formatter(kind, make) {
  const key = `${kind}/${locale()}`;
  if (!made.has(key)) made.set(key, make(locale()));
  return made.get(key);
}

const times = (kind, options) =>
  formatter(kind, name => new Intl.DateTimeFormat(name, { timeZone: zone, hourCycle: 'h23', ...options }));

export const number = value =>
  value === undefined || value === null ? '–' : formatter('number', name => new Intl.NumberFormat(name)).format(value);

/** With at most `digits` after the point. */
export const decimal = (value, digits = 1) =>
  value === undefined || value === null ? '–'
    : formatter(`decimal${digits}`, name => new Intl.NumberFormat(name, {
      maximumFractionDigits: digits, minimumFractionDigits: digits,
    })).format(value);

/** A rate: small ones keep a digit after the point. */
export const rate = value => (value > 0 && value < 10 ? decimal(value, 1) : number(Math.round(value ?? 0)));

export const percent = (share, digits = 0) =>
  share === undefined || share === null ? '–'
    : formatter(`percent${digits}`, name => new Intl.NumberFormat(name, {
      style: 'percent', maximumFractionDigits: digits,
    })).format(share);

export const clock = ms => times('clock', { hour: '2-digit', minute: '2-digit' }).format(ms);
export const clockSeconds = ms =>
  times('seconds', { hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(ms);
export const day = ms => times('day', { month: 'short', day: 'numeric' }).format(ms);
/** Of a calendar day such as `2026-09-07`. */
export const weekday = iso =>
  formatter('weekday', name => new Intl.DateTimeFormat(name, {
    timeZone: 'UTC', month: 'long', day: 'numeric', weekday: 'long',
  })).format(Date.parse(iso));
export const moment = ms => (ms === undefined || ms === null ? '–' : `${day(ms)} ${clock(ms)}`);

/** `2026-09-07` in the campus's zone. */
export const isoDay = ms =>
  new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(ms);

/** A span such as 3 ms, 4.2 s, 5 min, 6 h, 7 d: one unit, the largest that fits. */
export function span(ms) {
  if (ms === undefined || ms === null) return '–';
  if (ms < 1000) return t('unit_ms', { n: Math.round(ms) });
  const seconds = ms / 1000;
  if (seconds < 60) return t('unit_s', { n: seconds < 10 ? decimal(seconds, 1) : Math.floor(seconds) });
  if (seconds < 3600) return t('unit_min', { n: Math.floor(seconds / 60) });
  if (seconds < 86_400 * 2) return t('unit_h', { n: Math.floor(seconds / 3600) });
  return t('unit_d', { n: Math.floor(seconds / 86_400) });
}

export const ago = ms => (ms === undefined || ms === null ? t('never') : t('ago', { span: span(Date.now() - ms) }));

export function bytes(count) {
  if (count === undefined || count === null) return '–';
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = count;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? number(Math.round(value)) : decimal(value, 1)} ${units[unit]}`;
}

/** Measures that are shares of a whole are shown in per cent. */
const SHARES = new Set(['rate', 'low_share', 'lower_bound', 'pass_rate']);
export function measure(name, value) {
  if (value === undefined || value === null) return '–';
  if (SHARES.has(name)) return percent(value, 1);
  if (name === 'battery_mv_min') return `${decimal(value / 1000, 2)} V`;
  if (name === 'oldest_age_s') return span(value * 1000);
  return Number.isInteger(value) ? number(value) : decimal(value, 2);
}
