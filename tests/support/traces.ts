/**
 * Writes tests/fixtures/traces: `deno run -A tests/support/traces.ts`. The traces are made up, in the form that the meter
 * process writes; no board was recorded.
 */
import { fileURLToPath } from "node:url";
import { type MeterDevice, NO_STATE } from "../../lib/meter/meter.ts";
import type { MeterMessage } from "../../lib/meter/sample.ts";

const START_NS = 1_000_000_000_000;
const PERIOD_MS = 100;

const GPU: MeterDevice = {
  uuid: "GPU-00000000-made-up",
  name: "a made-up board",
  kind: "gpu",
  meter: "nvml",
  power: "instant",
  counter: true,
  mig: { enabled: false },
  absent: {},
  facts: { made_up: true },
};

/** What happens in a trace. */
export const TRACES = ["plain", "counter_reset", "lost_board"] as const;
type Kind = typeof TRACES[number];

/** Four seconds of a board at 100 W, then at 300 W. Its text, a message a line. */
export function makeTrace(kind: Kind): string {
  const messages: MeterMessage[] = [{
    type: "hello",
    schema: "llem.meter/1",
    pid: 1,
    devices: [GPU],
    absent: [{ meter: "rapl", reason: "made up", remedy: null }],
    period_ms: PERIOD_MS,
  }];
  let joules = 0;
  for (let step = 0; step <= 40; step++) {
    const t_ns = START_NS + step * PERIOD_MS * 1e6;
    const watts = step < 20 ? 100 : 300;
    // A sensor that stalls: its value stays, and one look is missing.
    if (step === 13) continue;
    const lost = kind === "lost_board" && step >= 25;
    messages.push({ type: "power", t_ns: [t_ns], power_w: [lost ? null : watts] });
    if (lost && step === 25) messages.push(trouble("lost", t_ns, "the board fell off the bus"));
    if (step % 10 !== 0) continue;
    const reset = kind === "counter_reset" && step === 20;
    if (reset) messages.push(trouble("reset", t_ns, "the counter began anew"));
    joules = reset ? 0 : joules + (step === 0 ? 0 : step <= 20 ? 100 : 300);
    const energy_j = lost || reset ? null : joules;
    messages.push({
      type: "counter",
      device: 0,
      t_ns,
      edge: null,
      energy_j,
      throttle_ns: { sw_power_cap: step * 1e6 },
    });
    messages.push({ type: "state", device: 0, t_ns, ...NO_STATE, temperature_c: lost ? null : 40 + step });
  }
  messages.push({ type: "self", t_ns: START_NS + 4e9, cpu_s: 0.1, rss_bytes: 50_000_000 });
  return messages.map((message) => `${JSON.stringify(message)}\n`).join("");
}

function trouble(code: "lost" | "reset", t_ns: number, text: string): MeterMessage {
  return { type: "trouble", t_ns, code, device: GPU.uuid, text, remedy: null };
}

/** The file of a trace. */
export function traceFile(kind: Kind): string {
  return fileURLToPath(new URL(`../fixtures/traces/${kind}.ndjson`, import.meta.url));
}

if (import.meta.main) {
  for (const kind of TRACES) Deno.writeTextFileSync(traceFile(kind), makeTrace(kind));
}
