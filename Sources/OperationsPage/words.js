// Every text of the page, in Chinese and English. `{name}` is filled in; `one|many` follows the number n.

import { views } from './words-views.js';
import { names } from './words-names.js';

const KEY = 'campus-gateway-language';

const frame = {
  product: ['数据采集网关', 'Ingestion gateway'],
  product_of: ['校本数据平台', 'Campus data platform'],
  skip: ['跳到内容', 'Skip to content'],
  navigation: ['导航', 'Navigation'],
  other_language: ['English', '中文'],
  loading: ['正在加载…', 'Loading …'],
  lost: ['与网关的连接已中断，最后一次收到数据是 {time}。正在重新连接，以下内容不是最新的。',
    'Connection lost, since {time}. Trying again; what you see below is not current.'],
  token_title: ['请输入访问令牌', 'This gateway wants a token'],
  token_why: ['令牌在网关的 token_file 中，由信息中心保管。它只保存在这个标签页里。',
    'It stands in the gateway’s token_file; ask the information centre. It is kept in this tab only.'],
  token_wrong: ['这个令牌不被接受，请检查后重新输入。', 'This token is not accepted. Check it and enter it again.'],
  token: ['令牌', 'Token'],
  token_use: ['进入', 'Enter'],

  nav_now: ['实时', 'Now'],
  nav_devices: ['设备', 'Devices'],
  nav_classes: ['课堂', 'Classes'],
  nav_satisfaction: ['满意度', 'Satisfaction'],
  nav_warnings: ['预警', 'Warnings'],
  nav_quarantine: ['隔离区', 'Quarantine'],

  comma: ['，', ', '],
  semicolon: ['；', '; '],
  colon: ['：', ': '],
  all: ['全部', 'All'],
  none: ['无', 'None'],
  never: ['从未', 'never'],
  unknown: ['未知', 'unknown'],
  unreadable: ['无法读出', 'not readable'],
  filter: ['筛选', 'Filter'],
  more: ['显示更多', 'Show more'],
  no_match: ['没有符合条件的内容。', 'Nothing matches.'],
  working: ['正在处理…', 'Working …'],
  done: ['已保存。', 'Saved.'],
  cancel: ['取消', 'Cancel'],
  ago: ['{span}前', '{span} ago'],
  n_of_m: ['{n} / {m}', '{n} of {m}'],
  unit_ms: ['{n} 毫秒', '{n} ms'],
  unit_s: ['{n} 秒', '{n} s'],
  unit_min: ['{n} 分钟', '{n} min'],
  unit_h: ['{n} 小时', '{n} h'],
  unit_d: ['{n} 天', '{n} d'],
};

const words = { ...frame, ...views, ...names };

function chosen() {
  const asked = new URLSearchParams(location.search).get('lang');
  if (asked === 'zh' || asked === 'en') return asked;
  const kept = localStorage.getItem(KEY);
  if (kept === 'zh' || kept === 'en') return kept;
  return navigator.language?.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

let current = chosen();

export const language = () => current;

/** Keeps the choice; an address that names a language would win over it, so that goes. */
export function setLanguage(name) {
  current = name;
  localStorage.setItem(KEY, name);
  const address = new URL(location.href);
  address.searchParams.delete('lang');
  history.replaceState(null, '', address);
}

/** The text of `key`, filled in. A key without text is shown as it is. */
export function t(key, values = {}) {
  let text = words[key]?.[current === 'zh' ? 0 : 1] ?? key;
  if (text.includes('|')) text = text.split('|')[String(values.n) === '1' ? 0 : 1];
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

t.has = key => Object.hasOwn(words, key);
/** The text of `key`, or `other` where there is none: for names that a campus chooses. */
t.or = (key, other) => (t.has(key) ? t(key) : other);
