/** Connection for the frames of this device: every message gets one answer, and the next is sent after it. */
const ANSWER_TIMEOUT_MS = 10000;
/** Close codes of the server after which trying again is in vain, with the text that says why. */
const REFUSALS = { 4400: "malformed", 4401: "ended", 4409: "taken" };
/** Before the JPEG: when it was captured, as a 64-bit number. */
const PREFIX_BYTES = 8;

/** Why a connection ended; `reason` is a key of the area `camera`, or null if it may be tried again. */
export class ConnectionEnded extends Error {
  constructor(reason = null) {
    super();
    this.reason = reason;
  }
}

/** A message with a frame. `capturedMs` is on the clock of `performance.now()`. */
export function frameMessage(capturedMs, jpeg) {
  const prefix = new DataView(new ArrayBuffer(PREFIX_BYTES));
  prefix.setFloat64(0, capturedMs);
  return new Blob([prefix, jpeg], { type: "application/octet-stream" });
}

/** A message without a frame. */
export const note = (giving) => JSON.stringify({ giving });

/** `{wanted, capturedMs, picture}`: what to do, and the annotated picture (a Blob) of an earlier frame, or null. */
function parseAnswer(buffer) {
  const length = new DataView(buffer).getUint32(0);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const hasPicture = header.captured_ms !== null;
  const picture = hasPicture ? new Blob([new Uint8Array(buffer, 4 + length)], { type: "image/jpeg" }) : null;
  return { wanted: header.wanted, capturedMs: header.captured_ms, picture };
}

/** The same messages and answers as requests, for browsers that open no WebSocket since they do not trust the certificate. */
export class CameraRequests {
  #url = `/camera/socket?page=${Math.random().toString(36).slice(2)}`;

  /** Send a message and wait for its answer; throws `ConnectionEnded`. */
  async exchange(message) {
    const options = { method: "POST", body: message, signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) };
    const response = await fetch(this.#url, options).catch(() => null);
    if (!response?.ok) throw new ConnectionEnded(REFUSALS[4000 + (response?.status ?? 0)]);
    return parseAnswer(await response.arrayBuffer());
  }

  close() {
    fetch(this.#url, { method: "DELETE", keepalive: true }).catch(() => {});
  }
}

export class CameraSocket {
  #socket;
  #pending = null;

  /** Connect; throws `ConnectionEnded`. */
  static async open() {
    const url = new URL("/camera/socket", location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onclose = () => reject(new ConnectionEnded());
    });
    return new CameraSocket(socket);
  }

  constructor(socket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#settle("resolve", parseAnswer(data));
    socket.onclose = ({ code }) => this.#settle("reject", new ConnectionEnded(REFUSALS[code]));
  }

  /** Send a message and wait for its answer; throws `ConnectionEnded`. */
  exchange(message) {
    if (this.#socket.readyState !== WebSocket.OPEN) return Promise.reject(new ConnectionEnded());
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.close(), ANSWER_TIMEOUT_MS);
      this.#pending = { resolve, reject, timer };
      this.#socket.send(message);
    });
  }

  close() {
    this.#socket.close();
    this.#settle("reject", new ConnectionEnded());
  }

  #settle(how, value) {
    const pending = this.#pending;
    this.#pending = null;
    clearTimeout(pending?.timer);
    pending?.[how](value);
  }
}
