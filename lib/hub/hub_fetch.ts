import type { HubEnvironment } from "./hub_environment.ts";

/** A hub that says nothing for so long is taken for unreachable. */
const SILENCE_MS = 30_000;

/** The hub answered, and not with what was asked for. */
export class HubRefusal extends Error {
  constructor(
    readonly status: number,
    /** The hub's word for it: `RepoNotFound`, `GatedRepo`, `RevisionNotFound`, `EntryNotFound`. */
    readonly code: string | null,
    readonly url: string,
  ) {
    super(`${url} answers ${status}${code === null ? "" : ` (${code})`}`);
  }
}

/** No answer came, or it broke off. */
export class HubUnreachable extends Error {}

/** The network was not asked, because a variable forbids it. */
export class HubOffline extends Error {
  constructor(readonly variable: string) {
    super(`${variable} forbids the network`);
  }
}

/**
 * A `fetch` for one hub: it shows the token to the hub alone, ends with `signal` or after a silence, and throws
 * HubRefusal, HubUnreachable or HubOffline, so that what it returns is a success.
 */
export function hubFetch(hub: HubEnvironment, signal: AbortSignal, silenceMs = SILENCE_MS): typeof fetch {
  return async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    if (hub.offline !== null) throw new HubOffline(hub.offline);
    signal.throwIfAborted();
    const url = String(input instanceof Request ? input.url : input);
    const headers = new Headers(init?.headers);
    if (hub.token !== null && isOf(hub, url)) headers.set("Authorization", `Bearer ${hub.token}`);
    const silence = new Silence(silenceMs);
    try {
      const ends = AbortSignal.any([signal, silence.signal]);
      const response = await fetch(url, { ...init, headers, signal: ends });
      if (response.ok) return listened(response, silence, (error) => unreachable(error, url, signal));
      await response.body?.cancel();
      silence.end();
      throw new HubRefusal(response.status, response.headers.get("X-Error-Code"), url);
    } catch (error) {
      silence.end();
      throw error instanceof HubRefusal ? error : unreachable(error, url, signal);
    }
  };
}

function isOf({ endpoint }: HubEnvironment, url: string): boolean {
  return url === endpoint || url.startsWith(`${endpoint}/`);
}

function unreachable(error: unknown, url: string, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  const cause = error instanceof Error ? error.message : String(error);
  return new HubUnreachable(`${new URL(url).origin} cannot be reached (${cause})`, { cause: error });
}

/** The response, each piece of whose body is a sign of life. */
function listened(response: Response, silence: Silence, reword: (error: unknown) => unknown): Response {
  const reader = response.body?.getReader();
  if (reader === undefined) {
    silence.end();
    return response;
  }
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
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

/** Aborts where nothing is heard for a while. */
class Silence {
  readonly #controller = new AbortController();
  readonly #ms: number;
  #timer: number;

  constructor(ms: number) {
    this.#ms = ms;
    this.#timer = this.#start();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  again(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#start();
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #start(): number {
    const reason = new Error(`it has said nothing for ${this.#ms / 1000} s`);
    return setTimeout(() => this.#controller.abort(reason), this.#ms);
  }
}
