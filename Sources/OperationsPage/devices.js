// Every device on a map of buildings and rooms.

import { all } from './api.js';
import { h, swap, whenChanged } from './dom.js';
import { ago, number } from './format.js';
import { icon } from './icons.js';
import { t } from './words.js';

const STATES = ['heard', 'silent', 'never'];
const PROBLEMS = ['gaps', 'battery', 'backlog', 'clock', 'no_key'];

export const nameOf = device => `${device.site}/${device.device}`;
export const address = device => `#/devices/${encodeURIComponent(device.site)}/${encodeURIComponent(device.device)}`;

function tile(device) {
  const problems = (device.problems ?? []).map(problem => t(`problem_${problem}`));
  const heard = device.state === 'never' ? t('state_never')
    : `${t(`state_${device.state}`)}${t('comma')}${ago(device.last_heard)}`;
  return h('a', {
    class: 'device', href: address(device), 'data-device': nameOf(device), 'data-state': device.state,
    'data-key': nameOf(device), title: [heard, ...problems].join('\n'),
  },
  h('span', { class: 'state-mark' }, icon(device.state)),
  h('span', { class: 'device-name' }, device.device,
    h('small', {}, t(`state_${device.state}`), device.state === 'silent' && ` · ${ago(device.last_heard)}`)),
  h('span', { class: 'marks' }, (device.problems ?? []).map(problem =>
    h('span', { class: 'problem-mark', title: t(`problem_${problem}`) }, icon(problem),
      h('span', { class: 'hidden' }, t(`problem_${problem}`))))));
}

/** Buildings with their rooms; what stands in none is grouped by what it is. */
function grouped(devices) {
  const buildings = new Map();
  const order = ['room', 'building', 'canteen', 'counter', 'dormitory', 'gate'];
  for (const device of devices) {
    const key = device.building_id ?? `kind:${device.kind ?? 'unknown'}`;
    const name = device.building_id ? device.building_name ?? device.building_id
      : t.or(`kind_${device.kind}`, t('kind_unknown'));
    if (!buildings.has(key)) {
      buildings.set(key, { key, name, kind: order.indexOf(device.kind), rooms: new Map(), devices: [] });
    }
    const building = buildings.get(key);
    building.devices.push(device);
    const room = device.place_id ?? '';
    if (!building.rooms.has(room)) building.rooms.set(room, { name: device.place_name ?? room, devices: [] });
    building.rooms.get(room).devices.push(device);
  }
  const compare = new Intl.Collator(document.documentElement.lang, { numeric: true }).compare;
  // By id: 第一食堂 before 第二食堂, whatever their sound.
  const result = [...buildings.values()].sort((a, b) => a.kind - b.kind || compare(a.key, b.key));
  for (const building of result) building.rooms = [...building.rooms.values()].sort((a, b) => compare(a.name, b.name));
  return result;
}

function section(building) {
  const count = state => building.devices.filter(device => device.state === state).length;
  return h('section', { class: building.rooms.length === 1 ? 'building small' : 'building' },
    h('h2', {}, building.name, h('small', {}, t('n_devices', { n: number(building.devices.length) }),
      count('silent') > 0 && h('span', { class: 'warn' }, ' · ', t('n_silent', { n: number(count('silent')) })),
      count('never') > 0 && ` · ${t('n_never', { n: number(count('never')) })}`)),
    h('div', { class: 'rooms' }, building.rooms.map(room =>
      h('div', { class: 'room' }, room.name !== building.name && h('h3', {}, room.name), room.devices.map(tile)))));
}

export async function open(main, parts, query) {
  let items = [];
  let wanted = query.get('state') ?? '';
  let text = query.get('q') ?? '';
  const chips = h('div', { class: 'chips', role: 'group', 'aria-label': t('filter') });
  const map = h('div', { class: 'map' });
  const found = h('p', { class: 'hint', role: 'status' });
  const search = h('input', {
    id: 'search', type: 'search', placeholder: t('search_devices'), 'aria-label': t('search_devices'), value: text,
    oninput() {
      text = search.value;
      show();
    },
  });
  main.append(h('div', { class: 'tools' }, search, chips), found, map);

  const choices = [['', () => true],
    ...STATES.map(state => [state, device => device.state === state]),
    ...PROBLEMS.map(problem => [problem, device => device.problems?.includes(problem)])];

  function show() {
    swap(chips, choices.map(([name, test]) => {
      const count = items.filter(test).length;
      if (!count && name && name !== wanted && !STATES.includes(name)) return null;
      return h('button', {
        type: 'button', class: 'chip', 'aria-pressed': String(wanted === name), 'data-key': `chip-${name}`,
        'data-filter': name || 'all',
        onclick() {
          wanted = name;
          history.replaceState(null, '', name ? `#/devices?state=${name}` : '#/devices');
          show();
        },
      }, name && icon(name), t(name === '' ? 'all' : STATES.includes(name) ? `state_${name}` : `problem_${name}`),
      h('b', {}, number(count)));
    }));
    const words = text.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const test = choices.find(([name]) => name === wanted)?.[1] ?? (() => true);
    const shown = items.filter(device => test(device) && words.every(word =>
      [device.site, device.device, device.place_name, device.building_name, device.unit_name, device.model]
        .some(part => part?.toLowerCase().includes(word))));
    map.classList.toggle('long', shown.length > 600);
    found.textContent = shown.length === items.length ? ''
      : t('n_of_m', { n: number(shown.length), m: number(items.length) });
    swap(map, shown.length ? grouped(shown).map(section)
      : h('p', { class: 'empty' }, t(items.length ? 'no_match' : 'no_devices')));
  }

  const showChanged = whenChanged(show);
  async function refresh() {
    ({ items } = await all('/api/v1/devices'));
    // Ages are told in whole minutes: the map is drawn anew once a minute at the most while nothing happens.
    showChanged(items.map(item => [nameOf(item), item.state, item.problems]), Math.floor(Date.now() / 60_000));
  }
  await refresh();
  return { refresh };
}
