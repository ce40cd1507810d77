// One frame in quarantine: why, how far it could be read, its bytes, and what can be done.

import { get, post } from './api.js';
import { h, say, swap, whenChanged } from './dom.js';
import { bytes, moment, number } from './format.js';
import { icon } from './icons.js';
import { explanation, reasonName, source, where } from './quarantine.js';
import { facts } from './tables.js';
import { t } from './words.js';

/** Where decoding stopped: {offset, text}; nothing where all of it could be decoded. */
const broken = held => held.broke_at ?? {};

/** What stands at the places of a frame, and of a reading in it (specification, section Frame). */
const FRAME = ['version', 'epoch', 'seq', 'sent', 'clock', 'readings', 'oldest'];
const READING = ['kind', 'at'];

/** The last part of a path such as `payload[5][0][1]`, with its name where the specification gives one. */
function label(parts) {
  const last = parts.at(-1);
  const index = Number(last.slice(1, -1));
  if (parts[0] !== 'payload' || !last.startsWith('[')) return last;
  const name = parts.length === 2 ? FRAME[index] : parts.length === 4 && parts[1] === '[5]' ? READING[index] : null;
  return name ? `${last} ${name}` : last;
}

function leaf(parts, ...more) {
  const item = h('li', {}, h('span', { class: 'path' }, label(parts)), ' ', more);
  item.style.setProperty('--depth', parts.length - 1);
  return item;
}

/** The decoded values, indented by the depth of their path; the faulty reading and the break are marked. */
function tree(held) {
  const { offset, text } = broken(held);
  const stopped = text || offset != null;
  const values = held.decoded ?? [];
  if (!values.length && !stopped) return h('p', { class: 'empty' }, t('nothing_decoded'));
  const faulty = held.reading == null ? null : `[${held.reading}]`;
  const lines = [];
  let above = [];
  for (const { path, value } of values) {
    const parts = String(path).split(/[./]|(?=[[{])/).filter(Boolean);
    // Branches that begin here get a line of their own.
    for (let depth = 1; depth < parts.length; depth += 1) {
      const branch = parts.slice(0, depth);
      if (above.slice(0, depth).join() === branch.join()) continue;
      const isFaulty = depth === 3 && ['[5]', 'readings'].includes(branch[1]) && branch[2] === faulty;
      lines.push(leaf(branch,
        isFaulty && h('span', { class: 'pill state-silent' }, icon('warning'), t('faulty_reading'))));
    }
    above = parts;
    lines.push(leaf(parts, h('code', {}, typeof value === 'string' ? value : JSON.stringify(value))));
  }
  return h('ol', { class: 'tree' }, lines, h('li', { class: 'broken' }, icon('warning'), stopped
    ? h('span', {}, t('broke_here'), text && `${t('colon')}${text}`,
      offset != null && h('small', {}, t('at_byte', { n: number(offset) })))
    : h('span', {}, t('well_formed', { text: reasonName(held) }))));
}

function dump(hex, offset) {
  const width = matchMedia('(max-width: 640px)').matches ? 8 : 16;
  const values = hex.match(/../g) ?? [];
  const rows = [];
  for (let start = 0; start < values.length; start += width) {
    const line = values.slice(start, start + width);
    const isHere = offset >= start && offset < start + width;
    const cell = (text, at) => (isHere && start + at === offset ? h('mark', {}, text) : text);
    const print = value => {
      const code = parseInt(value, 16);
      return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '·';
    };
    rows.push(h('div', { class: isHere ? 'hex-row here' : 'hex-row' },
      h('span', { class: 'hex-offset' }, start.toString(16).padStart(4, '0')),
      h('span', { class: 'hex-bytes' }, line.map((value, at) => [at ? (at % 8 ? ' ' : '  ') : '', cell(value, at)])),
      h('span', { class: 'hex-text' }, line.map((value, at) => cell(print(value), at)))));
  }
  return h('div', { class: 'hex', 'data-scroll': 'hex', tabindex: '0', role: 'region', 'aria-label': t('hex_title') },
    rows);
}

function confirmDiscard(act) {
  const dialog = h('dialog', { class: 'card', 'aria-labelledby': 'discard-title' },
    h('h2', { id: 'discard-title' }, t('discard_title')), h('p', {}, t('discard_text')),
    h('div', { class: 'buttons' },
      h('button', { type: 'button', id: 'discard-cancel', onclick: () => dialog.close() }, t('cancel')),
      h('button', {
        type: 'button', id: 'discard-confirm', class: 'danger',
        onclick() {
          dialog.close();
          act();
        },
      }, t('discard_confirm'))));
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

export async function open(main, [id]) {
  const path = `/api/v1/quarantine/${encodeURIComponent(id)}`;
  const body = h('div');
  const result = h('p', { class: 'result', role: 'status', id: 'result' });
  const buttons = h('div', { class: 'buttons' });
  main.append(body);

  const show = whenChanged(held => {
    swap(buttons, held.state === 'held' && [
      h('button', { id: 'replay', type: 'button', class: 'primary', onclick: () => act('replay') }, t('replay')),
      h('button', { id: 'discard', type: 'button', class: 'danger',
        onclick: () => confirmDiscard(() => act('discard')) }, t('discard')),
    ]);
    swap(body, h('header', { class: 'detail-head' },
      h('p', { class: 'pills' }, h('span', { class: `pill state-${held.state}`, id: 'held-state' },
        t(`held_${held.state}`))),
      h('h1', {}, reasonName(held)), h('p', { class: 'lead' }, explanation(held))),
    h('section', { class: 'card' }, facts([
      ['fact_source', h('a', { href: `#/devices/${source(held).split('/').map(encodeURIComponent).join('/')}` },
        source(held))],
      ['fact_received', moment(held.received_time)], ['fact_where', where(held)],
      ['fact_frame', held.epoch == null ? t('unreadable') : `${held.epoch}/${held.seq ?? '–'}`],
      ['fact_size', bytes(held.bytes)], ['fact_topic', h('span', { class: 'mono' }, held.topic), null, true],
    ]), held.state === 'held' && h('p', { class: 'hint' }, t('act_held_hint')), buttons, result),
    h('div', { class: 'columns even' },
      h('section', { class: 'card' }, h('h2', {}, t('tree_title')), h('p', { class: 'hint' }, t('tree_hint')),
        tree(held)),
      h('section', { class: 'card' }, h('h2', {}, t('hex_title')), h('p', { class: 'hint' }, t(broken(held).offset == null ? 'hex_hint' : 'hex_hint_marked')),
        held.hex ? dump(held.hex, broken(held).offset) : h('p', { class: 'empty' }, t('not_kept')))));
  });

  async function act(name) {
    say(result, t('working'));
    try {
      const outcome = await post(`${path}/${name}`);
      say(result, t.or(`outcome_${name}_${outcome.outcome}`, outcome.outcome)
        + (outcome.reason ? `${t('colon')}${t.or(`reason_${outcome.reason}`, outcome.reason)}` : ''));
      result.dataset.kind = ['quarantined', 'unknown'].includes(outcome.outcome) ? 'bad' : 'good';
    } catch (error) {
      say(result, error.message);
      result.dataset.kind = 'bad';
    }
    await refresh();
  }
  const refresh = async () => show(await get(path));
  await refresh();
  return { refresh };
}
