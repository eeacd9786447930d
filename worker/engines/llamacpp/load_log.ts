import { fromCString } from "./c_text.ts";
import type { Library } from "./library.ts";

const LEVEL = { warning: 3, error: 4, continued: 5 } as const;
const MAX_KEPT_LINES = 200;
const MIB = 1024 * 1024;

/** What the library says only in its log while it loads. */
export interface LoadReport {
  /** Sum over devices; null where it said nothing. */
  readonly modelBufferBytes: number | null;
  readonly kvBytes: number | null;
  readonly computeBufferBytes: number | null;
  readonly offloadedLayers: number;
  /** What `auto` came to; null where nothing was to be decided. */
  readonly flashAttention: boolean | null;
}

/**
 * Listens to the library's log. Only for loading and creating a context: those log on the thread that called, and
 * a JavaScript callback called from any other thread, while this one waits inside the library, is a deadlock.
 */
export class LoadLog {
  readonly #library: Library;
  readonly #errors: string[] = [];
  readonly #warnings: string[] = [];
  readonly #buffers = new Map<string, number>();
  #offloadedLayers = 0;
  #flashAttention: boolean | null = null;
  #level = 0;
  #closed = false;
  readonly #callback = new Deno.UnsafeCallback(
    { parameters: ["i32", "pointer", "pointer"], result: "void" },
    (level, text) => this.#take(level, text),
  );

  constructor(library: Library) {
    this.#library = library;
    library.llama.llama_log_set(this.#callback.pointer, null);
  }

  /** The library's own words for a failure, or "no reason given". */
  get reason(): string {
    return this.#errors.length === 0 ? "no reason given" : this.#errors.join("; ");
  }

  get warnings(): readonly string[] {
    return this.#warnings;
  }

  report(): LoadReport {
    return {
      modelBufferBytes: this.#sum("model"),
      kvBytes: this.#sum("KV"),
      computeBufferBytes: this.#sum("compute"),
      offloadedLayers: this.#offloadedLayers,
      flashAttention: this.#flashAttention,
    };
  }

  /** Hands the log over to the C side; `toStderr` false drops it. */
  close({ toStderr }: { readonly toStderr: boolean }): void {
    if (toStderr) this.#library.llama.llama_log_set(null, null);
    else silenceLog(this.#library);
    if (!this.#closed) this.#callback.close();
    this.#closed = true;
  }

  /** Where loading failed: nothing may call back while the process ends. */
  [Symbol.dispose](): void {
    if (!this.#closed) this.close({ toStderr: false });
  }

  #take(level: number, pointer: Deno.PointerValue): void {
    if (level !== LEVEL.continued) this.#level = level;
    if (this.#level < 2) return; // debug: a thousand lines for one load
    const text = fromCString(pointer).trim();
    if (this.#level === LEVEL.error) keep(this.#errors, text);
    else if (this.#level === LEVEL.warning) keep(this.#warnings, text);
    this.#readFacts(text);
  }

  #readFacts(text: string): void {
    const [, device, kind, size] = /(\S+) (model|KV|compute) buffer size = *([\d.]+) MiB/.exec(text) ?? [];
    if (device !== undefined && kind !== undefined) {
      // A compute buffer is announced again each time it is planned anew; the others are pieces of a sum.
      const key = `${kind} ${device}`;
      const before = kind === "compute" ? 0 : this.#buffers.get(key) ?? 0;
      this.#buffers.set(key, before + Math.round(Number(size) * MIB));
    }
    const [, layers] = /offloaded (\d+)\/\d+ layers to GPU/.exec(text) ?? [];
    if (layers !== undefined) this.#offloadedLayers = Number(layers);
    if (/Flash Attention enabled|enabling flash_attn/.test(text)) this.#flashAttention = true;
    if (/Flash Attention not supported|flash_attn is not compatible/.test(text)) this.#flashAttention = false;
  }

  #sum(kind: string): number | null {
    const sizes = [...this.#buffers].filter(([key]) => key.startsWith(`${kind} `)).map(([, size]) => size);
    return sizes.length === 0 ? null : sizes.reduce((sum, size) => sum + size, 0);
  }
}

/** Drops all further log lines in C: `abs` takes the callback's first argument and does nothing with it. */
export function silenceLog(library: Library): void {
  const { dlsym } = Deno.dlopen("libc.so.6", {
    dlsym: { parameters: ["pointer", "buffer"], result: "pointer" },
  }).symbols;
  library.llama.llama_log_set(dlsym(null, new TextEncoder().encode("abs\0")), null);
}

function keep(lines: string[], text: string): void {
  if (text !== "" && lines.length < MAX_KEPT_LINES) lines.push(text);
}
