/**
 * `llem __meter`: the process that meters, in a session of its own. Its first line on stdin is its setting; every further
 * line asks for an edge of some or all devices, or for a look at them (control_line.ts); the end of stdin is the end of whoever started it, and then it ends as well. It prints messages
 * (sample.ts).
 */
import { defectText, EXIT_DEFECT, hearDefects } from "../base/defect.ts";
import { isJsonObject } from "../base/json.ts";
import { monotonicNs } from "../base/clock.ts";
import { threadModule } from "../base/project_files.ts";
import { askEdge, BEATS, CALL, type Call, CALLS, type Control, DEVICE, newControl, STOP } from "./control.ts";
import { readEdgeLine } from "./control_line.ts";
import { writeMessage } from "./message_line.ts";
import * as messages from "./messages.ts";
import { type AbsentMeter, type MeterDevice, METERS } from "./meter.ts";
import type { MeterOptions } from "./sample.ts";
import type { ThreadOptions, ThreadReady } from "./sampling_thread.ts";

/** How long one call may take. The first touch of a sleeping GPU takes seconds. */
const CALL_LIMIT_MS = 2_500;
const OPEN_LIMIT_MS = 20_000;

/**
 * Looks at the thread within such a time. A call is judged by looks that saw it, not by a clock: to a process that was
 * stopped for a minute every call would seem to have taken that long.
 */
const LOOKS = 5;

/** Runs until stdin ends. Never returns. */
export async function runMeter(): Promise<never> {
  hearDefects(endByDefect);
  return await meter().catch(endByDefect);
}

/** The runner is told by our end, its log by this. */
function endByDefect(error: unknown): never {
  console.error(messages.meterDefect(defectText(error)));
  return Deno.exit(EXIT_DEFECT);
}

async function meter(): Promise<never> {
  const lines = stdinLines();
  const first = await lines.next();
  if (first.done) Deno.exit(0);
  const options = readOptions(first.value);
  if (options === null) {
    console.error(messages.meterOptionsInvalid(first.value.slice(0, MOST_SHOWN)));
    Deno.exit(2);
  }
  const watch = new ThreadWatch(options);
  for await (const line of lines) watch.edge(line);
  // A call that hangs in a driver must not keep us: exit ends all threads.
  return Deno.exit(0);
}

const MOST_SHOWN = 200;

/** Null for what is no setting: it would end in a thread that never sleeps, or never samples. */
function readOptions(line: string): MeterOptions | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (!isJsonObject(value)) return null;
  const { meters, period_ms, call_limit_ms = CALL_LIMIT_MS, open_limit_ms = OPEN_LIMIT_MS } = value;
  if (!Array.isArray(meters) || !isTime(period_ms) || !isTime(call_limit_ms) || !isTime(open_limit_ms)) {
    return null;
  }
  const known = METERS.filter((meter) => meters.includes(meter));
  const { mig_devices = [] } = value;
  if (!Array.isArray(mig_devices)) return null;
  const names = mig_devices.map(String);
  return known.length < meters.length
    ? null
    : { meters: known, period_ms, call_limit_ms, open_limit_ms, mig_devices: names };
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value > 0;
}

/** Starts the thread, asks it for edges, and puts another in its place where a call of it does not return. */
class ThreadWatch {
  readonly #options: MeterOptions;
  #control: Control;
  #devices: readonly MeterDevice[] = [];
  readonly #avoid: string[] = [];
  readonly #givenUp: AbsentMeter[] = [];
  #edges = 0;
  #beats = 0;
  /** How many looks in a row found the thread in the same call. */
  #looks = 0;

  constructor(options: MeterOptions) {
    this.#options = options;
    this.#control = this.#start(newControl());
    setInterval(() => this.#look(), this.#limitMs("power") / LOOKS);
  }

  edge(line: string): void {
    this.#edges += 1;
    const { reads, devices } = readEdgeLine(line);
    askEdge(this.#control, this.#edges, reads, devices);
  }

  #limitMs(call: Call): number {
    const { call_limit_ms = CALL_LIMIT_MS, open_limit_ms = OPEN_LIMIT_MS } = this.#options;
    return call === "open" ? open_limit_ms : call_limit_ms;
  }

  #start(control: Control): Control {
    const thread = new Worker(threadModule("lib/meter/sampling_thread.ts"), { type: "module" });
    thread.onmessage = ({ data }: MessageEvent<ThreadReady>) => {
      if (control === this.#control) this.#devices = data.devices;
    };
    thread.onerror = (event) => {
      // Nobody reads what it writes, or a mistake of ours: the runner is told by our end.
      if (!event.message.includes("BrokenPipe")) endByDefect(event.error ?? event.message);
      Deno.exit(1);
    };
    const options: ThreadOptions = {
      ...this.#options,
      control,
      known: this.#devices,
      avoid: this.#avoid,
      given_up: this.#givenUp,
    };
    thread.postMessage(options);
    return control;
  }

  #look(): void {
    const control = this.#control;
    const beats = Atomics.load(control, BEATS);
    const call = CALLS[Atomics.load(control, CALL)];
    this.#looks = beats === this.#beats && call !== undefined ? this.#looks + 1 : 0;
    this.#beats = beats;
    if (call === undefined) return;
    const most = LOOKS * this.#limitMs(call) / this.#limitMs("power");
    if (this.#looks >= most) this.#replace(call, Atomics.load(control, DEVICE));
  }

  /** The hung thread stays where it is, told to end should its call return; another takes over without what hangs. */
  #replace(call: Call, index: number): void {
    Atomics.store(this.#control, STOP, 1);
    const meter = call === "open" ? this.#options.meters[index] : undefined;
    const device = meter === undefined ? this.#devices[index] : undefined;
    const what = meter ?? (device === undefined ? messages.someDevice() : `${device.name} (${device.uuid})`);
    const reason = messages.callHangs(call, what);
    const remedy = messages.hangRemedy();
    const trouble = {
      code: "hung",
      device: device?.uuid ?? null,
      text: reason,
      remedy,
    } as const;
    writeMessage({ type: "trouble", t_ns: Number(monotonicNs()), ...trouble });
    if (meter !== undefined) this.#givenUp.push({ meter, reason, remedy });
    if (device !== undefined) this.#avoid.push(device.uuid);
    this.#looks = 0;
    this.#control = this.#start(newControl(this.#control));
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
