// Elements made from plain values: data only ever becomes text, never markup.

const SVG = 'http://www.w3.org/2000/svg';

/** Said outright: tables that a phone lays out as cards stay tables to a screen reader. */
const ROLES = { table: 'table', thead: 'rowgroup', tbody: 'rowgroup', tr: 'row', td: 'cell' };

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'value' || name === 'checked' || name === 'selected') element[name] = value;
    else element.setAttribute(name, value === true ? '' : value);
  }
  add(element, children);
  return element;
}

function add(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false || child === '') continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

/** An HTML element: `h('a', {href}, 'text', child, …)`. Absent and false attributes and children are left out. */
export function h(name, attributes, ...children) {
  const element = fill(document.createElement(name), attributes, children);
  const role = name === 'th' ? (attributes?.scope === 'row' ? 'rowheader' : 'columnheader') : ROLES[name];
  if (role) element.setAttribute('role', role);
  return element;
}

/** An SVG element. */
export const s = (name, attributes, ...children) => fill(document.createElementNS(SVG, name), attributes, children);

/** Puts `children` in the place of what `parent` held; who had the focus inside keeps it, found by id or data-key. */
export function swap(parent, ...children) {
  const active = parent.contains(document.activeElement) ? document.activeElement : null;
  const key = active?.dataset.key;
  const id = active?.id;
  const scrolled = [...parent.querySelectorAll('[data-scroll]')]
    .map(box => [box.dataset.scroll, box.scrollTop, box.scrollLeft]);
  parent.replaceChildren();
  add(parent, children);
  for (const [name, top, left] of scrolled) {
    const box = parent.querySelector(`[data-scroll="${CSS.escape(name)}"]`);
    if (box) [box.scrollTop, box.scrollLeft] = [top, left];
  }
  if (id) document.getElementById(id)?.focus({ preventScroll: true });
  else if (key) parent.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

/** Writes only what changed: an unchanged text costs no layout, and no screen reader hears it again. */
export function say(element, text) {
  const value = String(text);
  if (element.textContent !== value) element.textContent = value;
}

/** Calls `make` and swaps its result in only if `data` differs from the last time. */
export function whenChanged(make) {
  let last;
  return (data, ...more) => {
    const text = JSON.stringify([data, ...more]);
    if (text === last) return;
    last = text;
    make(data, ...more);
  };
}
