/**
 * One kept-alive HTTP/1.1 connection without the weight of node:http, which would be most of what a fast answer takes.
 */

import { createConnection } from "node:net";

const HEAD_END = Buffer.from("\r\n\r\n");
const CHUNKS_END = Buffer.from("\r\n0\r\n\r\n");

/** @returns {Buffer} the payload of a chunked body that has arrived in full */
function unchunk(body) {
  const parts = [];
  for (let at = 0; ;) {
    const line = body.indexOf("\r\n", at);
    const length = Number.parseInt(body.toString("latin1", at, line), 16);
    if (!(length > 0)) return Buffer.concat(parts);
    parts.push(body.subarray(line + 2, line + 2 + length));
    at = line + 2 + length + 2;
  }
}

/** @returns {null | {status: number, body: Buffer}} null while some of it is missing */
function parse(received) {
  const end = received.indexOf(HEAD_END);
  if (end < 0) return null;
  const head = received.toString("latin1", 0, end);
  const body = received.subarray(end + 4);
  const status = Number(head.slice(9, 12));
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) {
    const all = received.subarray(end + 2);
    return all.subarray(-CHUNKS_END.length).equals(CHUNKS_END) ? { status, body: unchunk(body) } : null;
  }
  const length = Number(head.match(/\r\ncontent-length: *(\d+)/i)?.[1] ?? 0);
  return body.length >= length ? { status, body: body.subarray(0, length) } : null;
}

export class Connection {
  #port;
  #socket = null;
  #received = [];
  #waiting = null;

  constructor(port) {
    this.#port = port;
  }

  /** One request at a time. @returns {Promise<{status: number, body: Buffer, milliseconds: number}>} */
  request(method, path, body = null, type = "application/json") {
    const began = process.hrtime.bigint();
    return new Promise((resolve, reject) => {
      this.#waiting = {
        resolve: (answer) => resolve({ ...answer, milliseconds: Number(process.hrtime.bigint() - began) / 1e6 }),
        reject,
      };
      this.#socket ??= this.#connect();
      const content =
        body || method === "POST" ? `Content-Type: ${type}\r\nContent-Length: ${body?.length ?? 0}\r\n` : "";
      this.#socket.cork();
      this.#socket.write(`${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${content}\r\n`);
      if (body) this.#socket.write(body);
      this.#socket.uncork();
    });
  }

  close() {
    this.#socket?.destroy();
    this.#socket = null;
  }

  #connect() {
    const socket = createConnection({ port: this.#port, host: "127.0.0.1", noDelay: true });
    socket.on("data", (chunk) => this.#take(chunk));
    socket.on("error", () => {}); // "close" follows
    socket.on("close", () => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#received = [];
      this.#finish("reject", new Error(`the connection to port ${this.#port} broke`));
    });
    return socket;
  }

  #take(chunk) {
    this.#received.push(chunk);
    const answer = parse(this.#received.length === 1 ? chunk : Buffer.concat(this.#received));
    if (!answer) return;
    this.#received = [];
    this.#finish("resolve", answer);
  }

  #finish(how, what) {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.[how](what);
  }
}
