// The gateway's event stream, read with fetch because EventSource cannot send a token.

import { headers, Refusal } from './api.js';

/** Longest silence before the connection counts as lost: events come each second. */
const SILENCE_MS = 12_000;
const LONGEST_WAIT_MS = 30_000;

/** Feeds `hear(event, data)`; `lost(since)` and `back()` tell the state of the connection, `refused()` a 401. */
export class Live {
  #control = null;
  #attempts = 0;
  #timer = 0;
  #lastHeard = Date.now();
  #isLost = false;

  constructor({ hear, lost, back, refused }) {
    Object.assign(this, { hear, lost, back, refused });
  }

  start() {
    if (this.#control) return;
    this.#control = new AbortController();
    this.#run(this.#control);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#control?.abort();
    this.#control = null;
  }

  async #run(control) {
    let watch = 0;
    try {
      // One connection of its own: when silence ends it, the loop begins anew.
      const connection = new AbortController();
      control.signal.addEventListener('abort', () => connection.abort(), { once: true });
      const listen = () => {
        clearTimeout(watch);
        watch = setTimeout(() => connection.abort(), SILENCE_MS);
      };
      listen();
      const response = await fetch('/events', {
        headers: headers({ Accept: 'text/event-stream' }), cache: 'no-store', signal: connection.signal,
      });
      if (!response.ok) throw new Refusal(response.status, response.statusText);
      await this.#read(response.body, listen);
    } catch (error) {
      if (error instanceof Refusal && error.status === 401 && this.#control === control) {
        this.stop();
        this.refused();
        return;
      }
    } finally {
      clearTimeout(watch);
    }
    if (this.#control !== control) return;
    if (!this.#isLost) {
      this.#isLost = true;
      this.lost(this.#lastHeard);
    }
    // Jitter, so that a restarted gateway is not met by every page at once.
    const wait = Math.min(LONGEST_WAIT_MS, 1000 * 2 ** this.#attempts) * (0.5 + Math.random() / 2);
    this.#attempts += 1;
    this.#timer = setTimeout(() => this.#run(control), wait);
  }

  async #read(body, listen) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    while (true) {
      const { value, done } = await reader.read();
      if (done) return;
      listen();
      this.#attempts = 0;
      this.#lastHeard = Date.now();
      if (this.#isLost) {
        this.#isLost = false;
        this.back();
      }
      const parts = (rest + value.replaceAll('\r\n', '\n')).split('\n\n');
      rest = parts.pop();
      for (const part of parts) this.#event(part);
    }
  }

  #event(text) {
    let name = 'message';
    let data = '';
    for (const line of text.split('\n')) {
      if (line.startsWith('event:')) name = line.slice(6).trim();
      else if (line.startsWith('data:')) data += line.slice(5);
    }
    if (data) this.hear(name, JSON.parse(data));
  }
}
