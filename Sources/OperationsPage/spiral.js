// The quality spiral of a warning, and how far its value is from the standard.

import { h, s } from './dom.js';
import { measure } from './format.js';
import { t } from './words.js';

/** One round of the spiral: goal missed, taken up, improved, verified, closed. */
const STATIONS = ['raised', 'acknowledged', 'improving', 'verified', 'closed'];
const SIZE = 240;

/** Where the steps stand: each goes on to its state's spoke, and a reopened warning begins a further round outside. */
function places(steps) {
  const found = [];
  let turn = 0;
  let last = -1;
  for (const one of steps) {
    const station = STATIONS.indexOf(one.state === 'reopened' ? 'raised' : one.state);
    if (station < 0 || station === last) continue;
    if (station < last) turn += 1;
    last = station;
    found.push({ at: turn + station / STATIONS.length, state: one.state });
  }
  return found;
}

export function spiral(warning) {
  const stops = places(warning.steps?.length ? warning.steps : [{ state: warning.state }]);
  const end = stops.at(-1).at;
  const inner = 30;
  const grow = Math.min(36, (SIZE / 2 - inner) / Math.max(1, end));
  const point = at => {
    const angle = at * 2 * Math.PI - Math.PI / 2;
    const radius = inner + at * grow;
    return `${(SIZE / 2 + radius * Math.cos(angle)).toFixed(1)} ${(SIZE / 2 + radius * Math.sin(angle)).toFixed(1)}`;
  };
  const path = to => {
    const count = Math.max(1, Math.round(to * 40));
    return `M${Array.from({ length: count + 1 }, (_, index) => point(to * index / count)).join('L')}`;
  };
  const edge = inner + Math.max(1, end) * grow + 10;
  const spokes = STATIONS.map((name, index) => {
    const angle = index / STATIONS.length * 2 * Math.PI - Math.PI / 2;
    const [x, y] = [Math.cos(angle), Math.sin(angle)];
    const isHere = index === STATIONS.indexOf(warning.state === 'reopened' ? 'raised' : warning.state);
    const label = edge + 9;
    return [
      s('path', { class: 'spoke', d: `M${SIZE / 2} ${SIZE / 2}l${(edge * x).toFixed(1)} ${(edge * y).toFixed(1)}` }),
      s('text', {
        class: isHere ? 'here' : '', x: SIZE / 2 + label * x, y: SIZE / 2 + label * y + 4,
        'text-anchor': Math.abs(x) < 0.2 ? 'middle' : x > 0 ? 'start' : 'end',
      }, t(`warning_${name}`)),
    ];
  });
  const box = [SIZE / 2 - edge - 96, SIZE / 2 - edge - 24, 2 * edge + 192, 1.83 * edge + 44];
  return s('svg', {
    class: 'spiral', viewBox: box.map(Math.round).join(' '), role: 'img',
    'aria-label': t('spiral_label', { said: stops.map(stop => t(`warning_${stop.state}`)).join(t('comma')) }),
  }, spokes, s('path', { class: 'way', d: path(Math.max(1, Math.ceil(end))) }),
  end > 0 && s('path', { class: 'gone', d: path(end) }),
  stops.map((stop, index) => {
    const [x, y] = point(stop.at).split(' ');
    return s('circle', { class: `stop stop-${stop.state}`, cx: x, cy: y, r: index === stops.length - 1 ? 7 : 4.5 });
  }));
}

/** The value beside its threshold; the bad side is hatched. */
export function gauge(warning) {
  const { value, threshold, direction } = warning;
  const isShare = ['rate', 'low_share', 'lower_bound', 'pass_rate'].includes(warning.measure);
  const most = isShare ? 1 : Math.max(value, threshold, 1) * 1.25;
  const x = number => Math.max(0, Math.min(100, number * 100 / most));
  const bad = direction === 'below' ? [0, x(threshold)] : [x(threshold), 100];
  const mark = (name, at, text) => {
    const box = h('span', { class: `gauge-${name} ${at > 70 ? 'left' : at < 30 ? 'right' : ''}` }, text);
    box.style.setProperty('--at', `${at}%`);
    return box;
  };
  return h('div', { class: 'gauge' },
    mark('value', x(value), [t.or(`measure_${warning.measure}`, warning.measure), ' ',
      h('b', {}, measure(warning.measure, value))]),
    s('svg', { viewBox: '0 0 100 10', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
      s('rect', { class: 'track', x: 0, y: 2, width: 100, height: 6 }),
      s('rect', { class: 'bad-side', x: bad[0], y: 2, width: bad[1] - bad[0], height: 6 }),
      s('rect', { class: 'tick', x: x(threshold) - 0.2, y: 0, width: 0.4, height: 10 }),
      s('rect', { class: 'needle', x: Math.min(99, Math.max(0, x(value) - 0.5)), y: 0, width: 1, height: 10 })),
    mark('threshold', x(threshold), t(`standard_${direction}`, { threshold: measure(warning.measure, threshold) })));
}
