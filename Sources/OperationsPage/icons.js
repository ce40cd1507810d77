// Small pictures, drawn with the text's colour. Each stands beside a word, so that readers of the screen skip them.

import { s } from './dom.js';

const PATHS = {
  heard: 'M3 8.5l3.2 3.2L13 5',
  silent: 'M4.2 4.2l7.6 7.6M11.8 4.2l-7.6 7.6',
  never: 'M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11z',
  clock: 'M8 2.2a5.8 5.8 0 1 0 0 11.6a5.8 5.8 0 1 0 0-11.6zM8 5v3.3l2.3 1.4',
  battery: 'M1.8 5h10.4v6H1.8zM14.2 7v2M4.2 7.2v1.6',
  backlog: 'M2.5 12.5h11M2.5 9h11M2.5 5.5h11M8 1.2v2',
  gaps: 'M1.5 8h3M6.8 8h2.4M11.5 8h3M4.5 5v6M11.5 5v6',
  no_key: 'M5.2 7.6a2.6 2.6 0 1 0 0 .1zM5.2 7.7h8.6M11.2 7.7v2.6M2 2l12 12',
  notice: 'M8 2.2a5.8 5.8 0 1 0 0 11.6a5.8 5.8 0 1 0 0-11.6zM8 7.3v3.6M8 4.9v.2',
  warning: 'M8 2.3l6.2 11H1.8zM8 6.6v3M8 11.4v.2',
  alarm: 'M5.3 2h5.4L14 5.3v5.4L10.7 14H5.3L2 10.7V5.3zM8 4.9v4M8 11v.2',
  now: 'M1.5 8.5h3l2-5 3 9 2-4h3',
  devices: 'M3 2.5h10v7.5H3zM6 13.5h4M8 10v3.5',
  classes: 'M2.5 3.5h11v10h-11zM2.5 6.5h11M5.5 2v3M10.5 2v3',
  satisfaction: 'M8 2a6 6 0 1 0 0 12a6 6 0 1 0 0-12zM5.4 9.3a3 3 0 0 0 5.2 0M5.8 6.2v.3M10.2 6.2v.3',
  warnings: 'M8 2.3l6.2 11H1.8zM8 6.6v3M8 11.4v.2',
  quarantine: 'M3 6.5h10v7H3zM5.2 6.5V4.8a2.8 2.8 0 0 1 5.6 0v1.7M8 9.3v1.8',
  back: 'M9.8 3.5L5.3 8l4.5 4.5',
  stopped: 'M5.5 4v8M10.5 4v8',
};

export const icon = (name, more = '') =>
  s('svg', { class: `icon icon-${name} ${more}`, viewBox: '0 0 16 16', 'aria-hidden': 'true' },
    s('path', { d: PATHS[name] ?? PATHS.never }));
