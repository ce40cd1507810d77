// One warning: what was found, what was done about it, and the rows it rests on.

import { get, post, query } from './api.js';
import { h, say, swap, whenChanged } from './dom.js';
import { clock, day, measure, moment, number } from './format.js';
import { icon } from './icons.js';
import { gauge, spiral } from './spiral.js';
import { facts, readings } from './tables.js';
import { about, level, title } from './warnings.js';
import { language, t } from './words.js';

const NAME = 'campus-gateway-by';

/** The window in words: a day, a meeting's hours, or from one day to another. */
function windowText({ start, end }) {
  return end - start <= 86_400_000 && day(start) === day(end - 1) ? `${day(start)} ${clock(start)}–${clock(end)}`
    : `${day(start)} – ${day(end - 1)}`;
}

function step(one, warning) {
  const by = one.by === 'diagnosis' ? t('by_data') : one.by;
  const levels = ['notice', 'warning', 'alarm'];
  const note = one.kind === 'escalated' ? t('escalated_to', { unit: one.note ?? '' })
    : levels.includes(one.note) ? t(one.note) : one.kind === 'raised' ? '' : one.note;
  return h('li', { 'data-step': one.kind, class: `step-${one.state}` },
    h('div', { class: 'step-head' }, h('b', {}, t(`step_${one.kind}`)),
      h('span', { class: 'quiet' }, `${moment(one.at)} · ${by}`)),
    one.value != null && h('div', {}, t.or(`measure_${warning.measure}`, warning.measure), ' ',
      h('b', {}, measure(warning.measure, one.value)),
      one.window && h('span', { class: 'quiet' }, ` · ${windowText(one.window)}`)),
    note && h('p', { class: 'said' }, note));
}

/** The forms for whoever looks after it. Made anew only when the state changes, so that nobody's typing is lost. */
function actions(warning, done) {
  const waiting = ['raised', 'reopened'].includes(warning.state);
  const result = h('p', { class: 'result', role: 'status', id: 'result' });
  const field = (id, label, hint, value = '', isLong = false) => {
    const input = h(isLong ? 'textarea' : 'input', { id, value, placeholder: hint, rows: isLong ? 2 : null,
      autocomplete: 'off' });
    return [h('label', { for: id }, label), input];
  };
  const value = id => document.getElementById(id).value.trim();
  const need = (id, text) => {
    if (value(id)) return true;
    say(result, t(text));
    document.getElementById(id).focus();
    return false;
  };
  const act = async (name, body) => {
    localStorage.setItem(NAME, body.by);
    say(result, t('working'));
    try {
      done(await post(`/api/v1/warnings/${warning.id}/${name}`, body));
    } catch (error) {
      say(result, error.message);
      result.dataset.kind = 'bad';
    }
  };
  const note = () => (value('note') ? { note: value('note') } : {});
  return h('form', { class: 'card act', onsubmit: event => event.preventDefault() },
    h('h2', {}, t('act_title')), h('p', { class: 'hint' }, t(`next_${warning.state}`)),
    h('div', { class: 'fields' },
      h('div', {}, field('by', t('by'), t('by_hint'), localStorage.getItem(NAME) ?? '')),
      h('div', {}, field('note', t('note'), t('note_hint')))),
    warning.state !== 'verified' && h('div', { class: 'fields' },
      h('div', { class: 'wide' }, field('measure', t('measure_taken'), t('measure_hint'), '', true))),
    h('div', { class: 'buttons' },
      waiting && h('button', {
        id: 'acknowledge', type: 'button', class: 'primary',
        onclick: () => need('by', 'by_needed') && act('acknowledge', { by: value('by'), ...note() }),
      }, t('acknowledge')),
      warning.state !== 'verified' && h('button', {
        id: 'improve', type: 'button', class: waiting ? '' : 'primary',
        onclick: () => need('by', 'by_needed') && need('measure', 'measure_needed')
          && act('improve', { by: value('by'), measure: value('measure') }),
      }, t('improve')),
      h('button', {
        id: 'close-warning', type: 'button',
        onclick: () => need('by', 'by_needed') && (warning.state === 'verified' || need('note', 'note_needed'))
          && act('close', { by: value('by'), ...note() }),
      }, t('close'))), result);
}

function aggregate(item) {
  if (!item) return h('p', { class: 'empty' }, t('no_aggregate'));
  const heard = item.completeness;
  return facts([
    ...Object.entries(item.measures).filter(([name]) => name !== 'histogram')
      .map(([name, value]) => [t.has(`measure_${name}`) ? `measure_${name}` : name, measure(name, value)]),
    ['fact_window', windowText(item.window)],
    ['fact_revision', number(item.revision), t(item.final ? 'is_final' : 'not_final')],
    heard && ['fact_completeness', t('n_of_m', { n: number(heard.devices_heard), m: number(heard.devices_expected) })],
  ]);
}

export async function open(main, [id]) {
  const path = `/api/v1/warnings/${encodeURIComponent(id)}`;
  const head = h('div');
  const form = h('div');
  const life = h('div', { class: 'card life' });
  const trail = h('div');
  main.append(h('div', { class: 'columns' }, h('div', {}, head, form), life), trail);

  const showForm = whenChanged((warningID, state) => {
    swap(form, state === 'closed' ? h('p', { class: 'card good-line' }, icon('heard'), t('is_closed'))
      : actions(current, done));
  });
  const show = whenChanged(warning => {
    swap(head, h('header', { class: 'detail-head' },
      h('p', { class: 'pills' }, level(warning.urgency),
        h('span', { class: `pill state-${warning.state}`, id: 'warning-state' }, t(`warning_${warning.state}`)),
        warning.escalations > 0 && h('span', { class: 'pill warn' }, t('n_escalated', { n: warning.escalations }))),
      h('h1', {}, title(warning)), h('p', { class: 'lead' }, about(warning))),
    h('section', { class: 'card' }, gauge(warning),
      facts([['fact_window', windowText(warning.window)],
        warning.sample != null && ['fact_sample', number(warning.sample)],
        ['fact_unit', warning.unit_name ?? warning.unit], ['fact_layer', t.or(`layer_${warning.layer}`, warning.layer)],
        ['fact_raised', moment(warning.raised_at)],
        warning.due_at && [['raised', 'reopened'].includes(warning.state) ? 'fact_escalates' : 'fact_closes',
          moment(warning.due_at)]])));
    swap(life, h('h2', {}, t('life_title')), h('p', { class: 'hint' }, t('life_hint')), spiral(warning),
      h('ol', { class: 'steps' }, [...(warning.steps ?? [])].reverse().map(one => step(one, warning))));
  });

  let current;
  const showTrail = whenChanged(found => {
    const box = h('div', { id: 'rows' });
    const button = found.readings && h('button', {
      id: 'load-readings', type: 'button',
      async onclick() {
        button.disabled = true;
        try {
          const answer = await get(query(found.readings, { limit: 200 }));
          swap(box, readings(answer.items), answer.next && h('p', { class: 'hint' },
            t('first_rows', { n: number(answer.items.length) })));
          button.hidden = true;
        } catch (error) {
          button.disabled = false;
          swap(box, h('p', { class: 'failed', role: 'alert' }, error.message));
        }
      },
    }, t('load_readings'));
    swap(trail, h('section', { class: 'card' }, h('h2', {}, t('trail_title')),
      h('p', { class: 'hint' }, t('trail_hint')),
      aggregate(found.aggregate), button ?? h('p', { class: 'hint' }, t('no_trail')), box));
  });

  function done(warning) {
    current = { ...current, ...warning };
    show(current);
    showForm(current.id, current.state, language());
    const result = document.getElementById('result');
    if (result) say(result, t('done'));
    // The button just pressed is gone: the next step takes the focus.
    (document.getElementById('improve') ?? document.getElementById('main')).focus({ preventScroll: true });
    refresh();
  }
  async function refresh() {
    current = await get(path);
    show(current);
    showForm(current.id, current.state, language());
    showTrail(current.trail ?? { aggregate: null, readings: null });
  }
  await refresh();
  return {
    refresh,
    hear(event, data) {
      if (event === 'warnings' && data.changed?.includes(Number(id))) refresh();
    },
  };
}
