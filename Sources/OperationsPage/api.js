// Asks the gateway. The token, where one is needed, stays in this tab.

const KEY = 'campus-gateway-token';
let onRefused = () => {};

/** A refusal: the status and what the gateway says of it. */
export class Refusal extends Error {
  constructor(status, text) {
    super(text);
    this.status = status;
  }
}

export const hasToken = () => sessionStorage.getItem(KEY) !== null;
export const setToken = token => sessionStorage.setItem(KEY, token);
/** `call` is told when the gateway wants a token, or another one. */
export const whenRefused = call => { onRefused = call; };

export function headers(more = {}) {
  const token = sessionStorage.getItem(KEY);
  return token ? { ...more, Authorization: `Bearer ${token}` } : more;
}

async function answer(response) {
  if (response.ok) return response.json();
  let text = `${response.status} ${response.statusText}`;
  if (response.headers.get('Content-Type')?.includes('json')) text = (await response.json()).problem ?? text;
  if (response.status === 401) onRefused(text);
  throw new Refusal(response.status, text);
}

export const get = async path =>
  answer(await fetch(path, { headers: headers({ Accept: 'application/json' }), cache: 'no-store' }));

export const post = async (path, body = {}) =>
  answer(await fetch(path, {
    method: 'POST', headers: headers({ 'Content-Type': 'application/json', Accept: 'application/json' }),
    body: JSON.stringify(body),
  }));

/** `path` with the given query values; empty ones are left out. */
export function query(path, values) {
  const wanted = Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== '');
  const text = new URLSearchParams(wanted).toString();
  return text ? `${path}${path.includes('?') ? '&' : '?'}${text}` : path;
}

/** Every item of a list, page by page, at most `pages` of 1000. Gives the last answer with all items. */
export async function all(path, pages = 20) {
  const items = [];
  let answer = {};
  let cursor;
  for (let page = 0; page < pages; page += 1) {
    answer = await get(query(path, { limit: 1000, cursor }));
    items.push(...answer.items);
    cursor = answer.next;
    if (!cursor) break;
  }
  return { ...answer, items };
}
