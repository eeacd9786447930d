import { LinkedAbort } from "../base/abort.ts";
import { clientFor } from "./hub_client.ts";
import type { HubEnvironment } from "./hub_environment.ts";
import { answersWith, hubUnreachable, offlineForbids, redirectNotHttp } from "./messages.ts";

/** A hub that says nothing for so long is taken for unreachable. */
const SILENCE_MS = 30_000;

/** The hub answered, and not with what was asked for. */
export class HubRefusal extends Error {
  /** For people: `status 404, RepoNotFound`. */
  readonly detail: string;

  constructor(
    readonly status: number,
    /** The hub's word for it: `RepoNotFound`, `GatedRepo`, `RevisionNotFound`, `EntryNotFound`. */
    readonly code: string | null,
    url: string,
    /** The pause that the hub asks for (Retry-After); null for none. */
    readonly retry_after_ms: number | null = null,
  ) {
    const detail = `status ${status}${code === null ? "" : `, ${code}`}`;
    super(answersWith(url, detail));
    this.detail = detail;
  }
}

/** No answer came, it broke off, or it is none of the hub's. */
export class HubUnreachable extends Error {
  /** False where the same would come of another try: certificates do not mend themselves, nor do addresses. */
  get isPassing(): boolean {
    return !/certificate|UnknownIssuer|Invalid URL|is not http\(s\)|Maximum number of redirects/i.test(
      this.message,
    );
  }
}

/** The network was not asked, because a variable forbids it. */
export class HubOffline extends Error {
  constructor({ endpoint }: HubEnvironment, variable: string) {
    super(offlineForbids(variable, endpoint));
  }
}

/**
 * A `fetch` for one hub: it shows the token to the hub alone, ends with `signal` or after a silence, and throws
 * HubRefusal, HubUnreachable or HubOffline, so that what it returns is a success; with `redirect: "manual"` a
 * redirect is one, too.
 */
export function hubFetch(hub: HubEnvironment, signal: AbortSignal, silenceMs = SILENCE_MS): typeof fetch {
  return async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    if (hub.offline !== null) throw new HubOffline(hub, hub.offline);
    signal.throwIfAborted();
    const url = String(input instanceof Request ? input.url : input);
    const headers = new Headers(init?.headers);
    if (hub.token !== null && isOf(hub, url)) headers.set("Authorization", `Bearer ${hub.token}`);
    const silence = new Silence(silenceMs, [signal, ...init?.signal ? [init.signal] : []]);
    const gone = (error: unknown): unknown => {
      const stopped = [signal, init?.signal].find((each) => each?.aborted === true);
      return stopped?.reason ?? unreachable(error, url, hub);
    };
    try {
      const response = await fetch(url, { ...init, headers, signal: silence.signal, client: clientFor(hub) });
      const isSuccess = response.status < 300 || response.status < 400 && init?.redirect === "manual";
      if (isSuccess) return listened(response, silence, gone);
      await response.body?.cancel();
      silence.end();
      const { status, headers: told } = response;
      throw new HubRefusal(status, told.get("X-Error-Code"), url, pauseMs(told.get("Retry-After")));
    } catch (error) {
      silence.end();
      throw error instanceof HubRefusal ? error : gone(error);
    }
  };
}

/** Seconds, or a date. */
function pauseMs(text: string | null): number | null {
  if (text === null) return null;
  const ms = /^\d+$/.test(text.trim()) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}

function isOf({ endpoint }: HubEnvironment, url: string): boolean {
  return url === endpoint || url.startsWith(`${endpoint}/`);
}

function unreachable(error: unknown, url: string, { endpoint }: HubEnvironment): HubUnreachable {
  const cause = error instanceof Error ? error.message.split("\n")[0] ?? "" : String(error);
  // Names of layers of the client, and the address, unless it is another one than ours: a redirect's.
  const said = cause.replace(/^error sending request for url /, "").replace(`(${url}): `, "")
    .replace(/\bclient error \(\w+\): /, "")
    .replace(/^.*Can not redirect to a non HTTP\(s\) url/, redirectNotHttp())
    // What a redirect's address ends with is a key to the file.
    .replace(/(\bhttps?:\/\/[^\s?)]+)\?[^\s)]*/g, "$1?...");
  const isCertificate = /certificate|UnknownIssuer/i.test(said);
  return new HubUnreachable(hubUnreachable(endpoint, said, isCertificate), { cause: error });
}

/**
 * The response, each piece of whose body is a sign of life. The end of the wait cancels the reading by itself: the signal
 * that fetch() was given may have been collected as garbage by then.
 */
function listened(response: Response, silence: Silence, reword: (error: unknown) => unknown): Response {
  const reader = response.body?.getReader();
  if (reader === undefined) {
    silence.end();
    return response;
  }
  const { signal } = silence;
  signal.addEventListener("abort", () => void reader.cancel(signal.reason).catch(() => {}));
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        signal.throwIfAborted();
        if (done) {
          silence.end();
          controller.close();
        } else {
          silence.again();
          controller.enqueue(value);
        }
      } catch (error) {
        silence.end();
        controller.error(reword(error));
      }
    },
    cancel(reason) {
      silence.end();
      return reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
  return new Response(body, response);
}

/** Aborts where nothing is heard for a while, and with any of the caller's signals. */
class Silence {
  readonly #link: LinkedAbort;
  readonly #ms: number;
  #timer: number;

  constructor(ms: number, outer: readonly AbortSignal[]) {
    this.#link = new LinkedAbort(outer);
    this.#ms = ms;
    this.#timer = this.#start();
  }

  get signal(): AbortSignal {
    return this.#link.signal;
  }

  again(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#start();
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#link[Symbol.dispose]();
  }

  #start(): number {
    const reason = new Error(`it has said nothing for ${this.#ms / 1000} s`);
    return setTimeout(() => this.#link.abort(reason), this.#ms);
  }
}
