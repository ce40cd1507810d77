// Our own small charts. Shapes stretch with their box; words stand beside them as text, so that they never do.

import { h, s } from './dom.js';
import { number } from './format.js';
import { t } from './words.js';

/** The least round number not below `value`, for the top of an axis. */
export function roundUp(value) {
  if (value <= 4) return Math.max(1, Math.ceil(value));
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].map(step => step * power).find(step => step >= value);
}

/** Areas stacked over the last `count` samples; `draw(samples)` moves the same paths. */
export function stackedArea(names, count) {
  const paths = names.map(name => s('path', { class: `fill-${name}` }));
  const svg = s('svg', { class: 'plot', viewBox: `0 0 ${count - 1} 100`, preserveAspectRatio: 'none', role: 'img' },
    s('path', { class: 'grid', d: `M0 50H${count - 1}M0 0H${count - 1}` }), paths);
  const top = h('span');
  const half = h('span');
  const box = h('div', { class: 'chart' },
    h('div', { class: 'axis-y', 'aria-hidden': 'true' }, top, half, h('span', {}, '0')), svg,
    h('div', { class: 'axis-x', 'aria-hidden': 'true' }, h('span', {}, t('seconds_ago', { n: count })),
      h('span', {}, t('just_now'))));
  const draw = samples => {
    const sums = samples.map(sample => names.reduce((sum, name) => sum + (sample[name] ?? 0), 0));
    const most = roundUp(Math.max(1, ...sums));
    top.textContent = number(most);
    half.textContent = most % 2 ? '' : number(most / 2);
    const first = count - samples.length;
    const base = samples.map(() => 0);
    names.forEach((name, index) => {
      const up = [];
      const down = [];
      samples.forEach((sample, at) => {
        const x = first + at;
        down.push(`${x} ${(100 - base[at] * 100 / most).toFixed(2)}`);
        base[at] += sample[name] ?? 0;
        up.push(`${x} ${(100 - base[at] * 100 / most).toFixed(2)}`);
      });
      paths[index].setAttribute('d', samples.length > 1 ? `M${up.join('L')}L${down.reverse().join('L')}Z` : '');
    });
    const last = samples.at(-1) ?? {};
    const said = names.map(name => `${t(name)} ${number(last[name] ?? 0)}`).join(t('comma'));
    svg.setAttribute('aria-label', t('chart_rates',
      { seconds: samples.length, most: number(Math.max(0, ...sums)), said }));
  };
  return { box, draw };
}

/** Bars over time. `slots`: {value, title}; a value of null leaves its place empty. */
export function bars(slots, label, [left, right]) {
  const most = roundUp(Math.max(1, ...slots.map(slot => slot.value ?? 0)));
  const svg = s('svg', {
    class: 'plot', viewBox: `0 0 ${slots.length * 10} 100`, preserveAspectRatio: 'none', role: 'img',
      'aria-label': label,
  }, s('path', { class: 'grid', d: `M0 0H${slots.length * 10}M0 50H${slots.length * 10}` }),
  slots.map((slot, at) => slot.value === null
    ? s('rect', { class: 'bar-none', x: at * 10 + 1, y: 97, width: 8, height: 3 }, s('title', {}, slot.title))
    : s('rect', {
      class: 'bar', x: at * 10 + 1, width: 8, y: 100 - slot.value * 100 / most, height: slot.value * 100 / most,
    }, s('title', {}, slot.title))));
  return h('div', { class: 'chart' },
    h('div', { class: 'axis-y', 'aria-hidden': 'true' }, h('span', {}, number(most)), h('span', {}, '0')), svg,
    h('div', { class: 'axis-x', 'aria-hidden': 'true' }, h('span', {}, left), h('span', {}, right)));
}

/** A line over time between `least` and `most`; it breaks where a value is null. */
export function line(values, { least, most, text = number, label, limit }) {
  const x = at => at * 10 + 5;
  const y = value => 100 - (value - least) * 100 / (most - least || 1);
  let pen = false;
  const d = values.map((value, at) => {
    if (value === null) { pen = false; return ''; }
    const step = `${pen ? 'L' : 'M'}${x(at)} ${y(value).toFixed(1)}${pen || values[at + 1] != null ? '' : `h.1`}`;
    pen = true;
    return step;
  }).join('');
  return h('div', { class: 'chart low' },
    h('div', { class: 'axis-y', 'aria-hidden': 'true' }, h('span', {}, text(most)), h('span', {}, text(least))),
    s('svg', {
      class: 'plot', viewBox: `0 0 ${values.length * 10} 100`, preserveAspectRatio: 'none', role: 'img',
        'aria-label': label,
    }, limit > least && limit < most && s('path', { class: 'limit', d: `M0 ${y(limit)}H${values.length * 10}` }),
    s('path', { class: 'line', d })));
}

/** A word-sized line: `points` {value, weight} or null a day; few votes make faint dots. */
export function sparkline(points, { least, most, label }) {
  const width = 168;
  const height = 40;
  const x = at => 6 + at * (width - 12) / Math.max(1, points.length - 1);
  const y = value => height - 5 - (value - least) * (height - 10) / (most - least || 1);
  const known = points.map((point, at) => point && { ...point, x: x(at), y: y(point.value) }).filter(Boolean);
  return s('svg', { class: 'spark', viewBox: `0 0 ${width} ${height}`, width, height, role: 'img',
    'aria-label': label },
    s('path', { class: 'grid', d: `M6 ${y(least)}H${width - 6}M6 ${y(most)}H${width - 6}` }),
    s('path', { class: 'line',
      d: known.map((point, at) => `${at ? 'L' : 'M'}${point.x.toFixed(1)} ${point.y.toFixed(1)}`).join('') }),
    known.map(point => s('circle', {
      class: point.few ? 'dot few' : 'dot', cx: point.x, cy: point.y, r: point.few ? 2 : 2.6,
    }, s('title', {}, point.title))));
}

/** Bars of a distribution, lowest score first; `isLow(score)` marks dissatisfied ones. */
export function histogram(counts, isLow, label) {
  const bar = Math.min(20, 110 / counts.length);
  const most = Math.max(1, ...counts.map(([, count]) => count));
  const width = counts.length * bar;
  return s('svg', { class: 'histogram', viewBox: `0 0 ${width} 52`, width, height: 52, role: 'img',
    'aria-label': label },
    counts.map(([score, count], at) => [
      s('rect', {
        class: isLow(score) ? 'bar bad' : 'bar', x: at * bar + 1.5, width: bar - 3,
        y: 38 - Math.max(count ? 1.5 : 0.5, count * 36 / most), height: Math.max(count ? 1.5 : 0.5, count * 36 / most),
      }, s('title', {}, `${score}: ${number(count)}`)),
      counts.length <= 10 && s('text', { x: at * bar + bar / 2, y: 50 }, score),
    ]));
}

/** A share that is believed to be at least `lower`: what is sure is solid, what only the sample says is pale. */
export function shareBar(share, lower, label) {
  return s('svg', { class: 'share', viewBox: '0 0 100 12', width: 100, height: 12, role: 'img', 'aria-label': label },
    s('rect', { class: 'track', x: 0, y: 3, width: 100, height: 6, rx: 3 }),
    s('rect', { class: 'perhaps', x: 0, y: 3, width: Math.max(0.5, share * 100), height: 6, rx: 3 }),
    s('rect', { class: 'sure', x: 0, y: 3, width: Math.max(0, lower * 100), height: 6, rx: 3 }));
}

/** Parts of a whole as one bar; `parts`: {name, value}. Decoration: the numbers stand beside it. */
export function stackedBar(parts, more = '') {
  const bar = h('div', { class: `stack ${more}`, 'aria-hidden': 'true' });
  for (const part of parts) {
    if (!part.value) continue;
    const piece = h('span', { class: `part-${part.name}` });
    piece.style.setProperty('flex-grow', part.value);
    bar.append(piece);
  }
  return bar;
}
