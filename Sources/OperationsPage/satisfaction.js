// What people think of canteens and dormitories, by dimension, over two weeks.

import { all, query } from './api.js';
import { histogram, shareBar, sparkline } from './chart.js';
import { h, swap, whenChanged } from './dom.js';
import { day, decimal, isoDay, number, percent } from './format.js';
import { t } from './words.js';

const DAY = 86_400_000;
const DAYS = 14;
/** Fewer votes than this say little, whatever they say. */
const FEW = 10;
/** The 95th percentile of the normal distribution (Wilson 1927, one-sided), as the gateway computes lower_bound. */
const Z = 1.6448536269514722;

function lowerBound(part, whole) {
  const share = part / whole;
  const spread = Z * Math.sqrt(share * (1 - share) / whole + Z * Z / (4 * whole * whole));
  return Math.max(0, (share + Z * Z / (2 * whole) - spread) / (1 + Z * Z / whole));
}

/** Day aggregates of one place and dimension as one entry. */
function entry(id, items, days) {
  const at = id.lastIndexOf('/');
  const byDay = new Map(items.map(item => [isoDay(item.window.start), item.measures]));
  const counts = new Map();
  let count = 0;
  let total = 0;
  let low = 0;
  for (const { measures } of items) {
    count += measures.count;
    total += (measures.mean ?? 0) * measures.count;
    low += Math.round((measures.low_share ?? 0) * measures.count);
    for (const [score, votes] of Object.entries(measures.histogram ?? {})) {
      counts.set(Number(score), (counts.get(Number(score)) ?? 0) + votes);
    }
  }
  const least = Math.min(1, ...counts.keys());
  const most = Math.max(5, ...counts.keys());
  const scores = most - least <= 10 ? Array.from({ length: most - least + 1 }, (_, index) => least + index)
    : [...counts.keys()].sort((a, b) => a - b);
  return {
    id, place: id.slice(0, at), dimension: id.slice(at + 1), name: items.at(-1).name, count, least, most,
    mean: count ? total / count : null, share: count ? low / count : 0, lower: count ? lowerBound(low, count) : 0,
    counts: scores.map(score => [score, counts.get(score) ?? 0]),
    points: days.map(name => {
      const measures = byDay.get(name);
      return measures?.count ? { value: measures.mean, count: measures.count } : null;
    }),
  };
}

function row(one, days) {
  const few = one.count < FEW;
  const isLow = score => score <= one.least + (one.most - one.least) * 0.4;
  const name = t.or(`dimension_${one.dimension}`, one.dimension);
  const known = one.points.filter(Boolean);
  const trend = known.length
    ? t('trend_label', { name, first: decimal(known[0].value, 1), last: decimal(known.at(-1).value, 1),
      days: known.length })
    : t('no_votes');
  return h('tr', { class: few ? 'few' : '', 'data-place': one.id },
    h('th', { scope: 'row' }, name),
    h('td', { class: 'n mean' }, h('b', {}, decimal(one.mean, 1)), h('small', {}, ` / ${one.most}`)),
    h('td', { class: 'trend' }, sparkline(one.points.map((point, at) => point && {
      value: point.value, few: point.count < FEW,
      title: `${days[at].slice(5)}  ${decimal(point.value, 1)} (${t('n_votes', { n: number(point.count) })})`,
    }), { least: one.least, most: one.most, label: trend })),
    h('td', { class: 'spread' }, histogram(one.counts, isLow, t('histogram_label', {
      name, said: one.counts.map(([score, count]) => `${score}: ${number(count)}`).join(t('comma')),
    }))),
    h('td', { class: 'low' }, shareBar(one.share, one.lower,
      t('low_label', { share: percent(one.share), lower: percent(one.lower) })),
      h('small', {}, few ? t('low_few', { share: percent(one.share) })
        : t('low_said', { share: percent(one.share), lower: percent(one.lower) }))),
    h('td', { class: 'n votes' }, h('b', {}, number(one.count)), h('small', {}, few ? t('few_votes') : t('votes'))));
}

const COLUMNS = ['dimension', 'mean', 'trend', 'spread', 'low', 'votes'];

function place(name, kind, entries, days) {
  const collator = new Intl.Collator(document.documentElement.lang);
  return h('section', { class: 'card place-card' },
    h('h2', {}, name, kind && h('small', {}, t.or(`kind_${kind}`, ''))),
    h('table', { class: 'opinions' },
      h('thead', {}, h('tr', {},
        COLUMNS.map(column => h('th', { scope: 'col', class: `head-${column}` }, t(`column_${column}`))))),
      h('tbody', {}, entries.sort((a, b) => collator.compare(a.dimension, b.dimension)).map(one => row(one, days)))));
}

export async function open(main) {
  let text = '';
  let entries = [];
  let days = [];
  let places = new Map();
  const search = h('input', {
    id: 'search', type: 'search', placeholder: t('search_places'), 'aria-label': t('search_places'),
    oninput() {
      text = search.value.trim().toLowerCase();
      show();
    },
  });
  const span = h('p', { class: 'hint' });
  const list = h('div', { class: 'places' });
  main.append(h('div', { class: 'tools' }, search), span,
    h('ul', { class: 'legend' }, h('li', {}, h('i', { class: 'swatch sure' }), t('legend_sure')),
      h('li', {}, h('i', { class: 'swatch perhaps' }), t('legend_perhaps'))), list);

  function show() {
    const byPlace = new Map();
    for (const one of entries) {
      if (!byPlace.has(one.place)) byPlace.set(one.place, []);
      byPlace.get(one.place).push(one);
    }
    list.classList.toggle('long', byPlace.size > 60);
    const shown = [...byPlace].map(([id, found]) => {
      const known = places.get(id);
      return { id, found, name: known?.name ?? found[0].name ?? id, kind: known?.kind };
    }).filter(({ name, id }) => !text || name.toLowerCase().includes(text) || id.toLowerCase().includes(text));
    const order = ['canteen', 'counter', 'dormitory'];
    const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
    shown.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || collator.compare(a.id, b.id));
    swap(list, shown.length ? shown.map(({ name, kind, found }) => place(name, kind, found, days))
      : h('p', { class: 'empty' }, t(entries.length ? 'no_match' : 'no_votes')));
  }

  const showChanged = whenChanged(show);
  async function refresh() {
    const now = Date.now();
    days = Array.from({ length: DAYS }, (_, at) => isoDay(now - (DAYS - 1 - at) * DAY));
    const { items } = await all(query('/api/v1/aggregates', {
      kind: 'satisfaction', scope: 'place', grain: 'day', from: now - DAYS * DAY, to: now + DAY,
    }));
    span.textContent = t('two_weeks', { from: day(now - (DAYS - 1) * DAY), to: day(now) });
    const byID = new Map();
    for (const item of items.sort((a, b) => a.window.start - b.window.start)) {
      if (!byID.has(item.id)) byID.set(item.id, []);
      byID.get(item.id).push(item);
    }
    entries = [...byID].map(([id, found]) => entry(id, found, days));
    showChanged(entries, days);
  }
  places = new Map((await all('/api/v1/places')).items.map(one => [one.place_id, one]));
  await refresh();
  return { refresh };
}
