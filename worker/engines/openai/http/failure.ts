/**
 * worker/engines/openai/http owns HTTP/1.1 to one server: target, proxy, TLS, framing of answers, connections and their
 * pool, a stamp for every read. It knows nothing of events, tokens or schedules, and it logs nothing.
 */

/**
 * What ended an exchange before its answer was whole. `connect`: no connection; `tls`: no secure one; `reset`: the server
 * closed it too early; `protocol`: the answer is not HTTP/1.1; `too_large`: its head or body is above the limit;
 * `timeout`: the signal aborted with a TimeoutError; `aborted`: it aborted with anything else, or the pool was disposed.
 */
export type FailureType = "connect" | "reset" | "timeout" | "tls" | "protocol" | "too_large" | "aborted";

/** A failure on its way to the end of its exchange. The message is for people. */
export class HttpFailure extends Error {
  override readonly name = "HttpFailure";
  readonly type: FailureType;

  constructor(type: FailureType, message: string) {
    super(message);
    this.type = type;
  }
}

/** The reason that a time limit aborts with, so that its requests end as `timeout`. */
export function timeLimit(): DOMException {
  return new DOMException("time limit", "TimeoutError");
}

/** True for the reason of a time limit, `AbortSignal.timeout`'s own included. */
export function isTimeLimit(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === "TimeoutError";
}
