/* An open loop: requests leave when they are due, whether earlier ones were answered or not, and a latency counts from the moment a
 * request was due (nothing is omitted while the server is slow). Requests are bytes made beforehand and an answer is looked at no
 * further than its code and length, so that one core offers several times what a server on another can take. */
import net from 'node:net';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';

const CONNECTIONS_MAX = 18000; /* at four times the load some thousands wait for their turn */
const AT_ONCE = 64; /* requests that leave before answers are looked at again: who falls behind makes no burst of it */
const HEAD_END = Buffer.from('\r\n\r\n');

/** One request at a time; `done(code, head)` of its answer, code 0 when the connection ended instead. */
class Connection {
  constructor(generator) {
    this.generator = generator;
    this.parts = null;
    this.socket = net.connect(generator.port, '127.0.0.1');
    this.socket.setNoDelay();
    this.socket.on('data', (bytes) => this.take(bytes));
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      generator.open--;
      this.closed = true;
      this.answer(0, '');
    });
  }

  take(bytes) {
    const all = this.parts ? Buffer.concat([this.parts, bytes]) : bytes;
    const end = all.indexOf(HEAD_END);
    const head = end < 0 ? '' : all.latin1Slice(0, end + 2);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (end < 0 || all.length < end + 4 + length) {
      this.parts = all;
      return;
    }
    this.parts = null;
    this.answer(Number(head.slice(9, 12)), head);
  }

  answer(code, head) {
    const { done } = this;
    this.done = null;
    if (!this.closed) this.generator.free.push(this);
    done?.(code, head);
  }
}

export class Generator {
  constructor(port) {
    this.port = port;
    this.free = [];
    this.open = 0;
  }

  /** False: all connections are under way. */
  send(bytes, done) {
    let connection = this.free.pop();
    while (connection?.closed) connection = this.free.pop();
    if (!connection) {
      if (this.open >= CONNECTIONS_MAX) return false;
      this.open++;
      connection = new Connection(this);
    }
    connection.done = done;
    connection.socket.write(bytes);
    return true;
  }

  /** Closed loop: `clients` of them for `seconds`, each sends when its last request was answered. `tally(request, code, head, ms)`. */
  async closed(seconds, clients, next, tally) {
    const end = performance.now() + seconds * 1000;
    const client = async () => {
      while (performance.now() < end) {
        const request = next(), left = performance.now();
        await new Promise((done) => this.send(request.bytes, (code, head) => {
          tally(request, code, head, performance.now() - left);
          done();
        }));
      }
    };
    await Promise.all(Array.from({ length: clients }, client));
  }

  /** Open loop: `rate` a second for `seconds`. Answers how late the latest request left, in ms, and how long it all took, in s. */
  async steady(seconds, rate, next, tally) {
    const began = performance.now(), total = Math.floor(rate * seconds);
    let under = 0, latest = 0;
    const one = (index) => {
      const request = next(), due = began + (index / rate) * 1000;
      latest = Math.max(latest, performance.now() - due);
      const done = (code, head) => {
        under--;
        tally(request, code, head, performance.now() - due);
      };
      if (this.send(request.bytes, done)) under++;
      else tally(request, 0, '', 0);
    };
    for (let sent = 0; sent < total; await sleep(1)) {
      const due = Math.min(total, Math.floor(((performance.now() - began) / 1000) * rate));
      while (sent < due) {
        one(sent++);
        if (sent % AT_ONCE === 0) await turn();
      }
    }
    const took = (performance.now() - began) / 1000;
    const end = performance.now() + 30000;
    while (under && performance.now() < end) await sleep(20);
    return { latest, took };
  }
}
