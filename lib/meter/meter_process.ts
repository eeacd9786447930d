/**
 * `llem __meter`: the process that meters, in a session of its own. Its first line on stdin is its setting; every further line asks
 * for an edge; the end of stdin is the end of whoever started it, and then it ends as well. It prints messages (sample.ts).
 */
import { monotonicNs } from "../base/clock.ts";
import {
  BEATS,
  CALL,
  type Call,
  CALLS,
  type Control,
  DEVICE,
  EDGES,
  IDLE,
  newControl,
  STOP,
} from "./control.ts";
import { writeMessage } from "./message_line.ts";
import type { AbsentMeter, MeterDevice } from "./meter.ts";
import type { MeterSetting } from "./sample.ts";
import type { ThreadReady, ThreadSetting } from "./sampling_thread.ts";

/** How often the thread is looked at, and how long one call may take. The first touch of a sleeping GPU takes seconds. */
const LOOK_MS = 500;
const CALL_LIMIT_MS = 2_500;
const OPEN_LIMIT_MS = 20_000;

const HUNG_REMEDY = "A driver hangs: look for Xid errors with dmesg, reset the GPU or reboot.";

/** Runs until stdin ends. Never returns. */
export async function runMeter(): Promise<never> {
  const lines = stdinLines();
  const first = await lines.next();
  if (first.done) Deno.exit(0);
  const setting: MeterSetting = JSON.parse(first.value);
  const watch = new ThreadWatch(setting);
  for await (const _ of lines) watch.edge();
  // A call that hangs in a driver must not keep us: exit ends all threads.
  return Deno.exit(0);
}

/** Starts the thread, asks it for edges, and puts another in its place where a call of it does not return. */
class ThreadWatch {
  readonly #setting: MeterSetting;
  #control: Control;
  #devices: readonly MeterDevice[] = [];
  readonly #avoid: string[] = [];
  readonly #givenUp: AbsentMeter[] = [];
  #edges = 0;
  #beats = 0;
  #sinceMs = performance.now();

  constructor(setting: MeterSetting) {
    this.#setting = setting;
    this.#control = this.#start();
    setInterval(() => this.#look(), LOOK_MS);
  }

  edge(): void {
    this.#edges += 1;
    Atomics.store(this.#control, EDGES, this.#edges);
    Atomics.notify(this.#control, EDGES);
  }

  #start(): Control {
    const control = newControl();
    control[EDGES] = this.#edges;
    const thread = new Worker(new URL("./sampling_thread.ts", import.meta.url), { type: "module" });
    thread.onmessage = ({ data }: MessageEvent<ThreadReady>) => {
      if (control === this.#control) this.#devices = data.devices;
    };
    thread.onerror = (event) => {
      // A mistake of ours: the runner is told by our end.
      console.error(event.message);
      Deno.exit(1);
    };
    const setting: ThreadSetting = {
      ...this.#setting,
      control,
      known: this.#devices,
      avoid: this.#avoid,
      given_up: this.#givenUp,
    };
    thread.postMessage(setting);
    return control;
  }

  #look(): void {
    const control = this.#control;
    const beats = Atomics.load(control, BEATS);
    const call = Atomics.load(control, CALL);
    if (beats !== this.#beats || call === IDLE) {
      this.#beats = beats;
      this.#sinceMs = performance.now();
      return;
    }
    const limitMs = CALLS[call] === "the opening" ? OPEN_LIMIT_MS : CALL_LIMIT_MS;
    if (performance.now() - this.#sinceMs < limitMs) return;
    this.#replace(CALLS[call] ?? "the opening", Atomics.load(control, DEVICE));
  }

  /** The hung thread stays where it is, told to end should its call return; another takes over without what hangs. */
  #replace(call: Call, place: number): void {
    Atomics.store(this.#control, STOP, 1);
    const meter = call === "the opening" ? this.#setting.meters[place] : undefined;
    const device = meter === undefined ? this.#devices[place] : undefined;
    const what = meter ?? `${device?.name ?? "a device"} (${device?.uuid ?? "unknown"})`;
    const reason = `${call} of ${what} does not return`;
    const trouble = {
      code: "hung",
      device: device?.uuid ?? null,
      text: reason,
      remedy: HUNG_REMEDY,
    } as const;
    writeMessage({ type: "trouble", t_ns: Number(monotonicNs()), ...trouble });
    if (meter !== undefined) this.#givenUp.push({ meter, reason, remedy: HUNG_REMEDY });
    if (device !== undefined) this.#avoid.push(device.uuid);
    this.#beats = 0;
    this.#sinceMs = performance.now();
    this.#control = this.#start();
  }
}

/** By plain reads: a chain of streams hands on an edge a quarter of a millisecond later. */
async function* stdinLines(): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const bytes = new Uint8Array(4096);
  let rest = "";
  for (let n = await Deno.stdin.read(bytes); n !== null; n = await Deno.stdin.read(bytes)) {
    const lines = (rest + decoder.decode(bytes.subarray(0, n), { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
