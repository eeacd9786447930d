/**
 * scripts/meter_check/ owns the table that scripts/check-meter prints: what llem, nvidia-smi and Zeus say of the same boards in
 * the same window. It judges nothing.
 */
import { hasNvmlLibrary } from "../../lib/meter/nvml/source.ts";
import { textTable } from "../../lib/report/table.ts";
import type { EnergyRecord } from "../../lib/results/energy/record.ts";
import { LLEM } from "../benchmark/places.ts";
import { Helper } from "./helper.ts";
import { integrate, parseSmiLine, type SmiReading } from "./smi.ts";
import { openZeus, type ZeusWindow } from "./zeus.ts";

const NO_DRIVER = 3;
const FAILED = 1;

/** In the window: tells that it has begun, waits for the others, runs the load, and waits for the others again. */
const LOAD =
  'echo open; read -r _ || exit 1; "$@" </dev/null >&2; status=$?; echo over; read -r _ || exit 1; exit "$status"';

/** What each reader says of a window, in the order of the boards. */
interface Window {
  readonly energy: EnergyRecord | null;
  readonly reason: string | null;
  readonly seconds: number;
  /** Joules by uuid. */
  readonly smi: ReadonlyMap<string, number | null>;
  /** Joules by index. */
  readonly zeus: ReadonlyMap<number, number> | null;
}

async function main(load: readonly string[]): Promise<number> {
  if (!hasNvmlLibrary()) {
    console.error(
      "check-meter: no NVIDIA driver here (libnvidia-ml.so.1 cannot be loaded); nothing to check",
    );
    return NO_DRIVER;
  }
  const zeus = await openZeus();
  if ("reason" in zeus) console.error(`check-meter: without Zeus: ${zeus.reason}`);
  await using smi = openSmi();
  if (smi === null) console.error("check-meter: without nvidia-smi: it is not on PATH");
  const window = await measure(load, smi, "reason" in zeus ? null : zeus);
  if (!("reason" in zeus)) await zeus[Symbol.asyncDispose]();
  if (typeof window === "number") return window;
  if (window.energy === null) {
    console.error(`check-meter: llem has no energy: ${window.reason}`);
    return FAILED;
  }
  console.log(tableOf(window.energy, window));
  return 0;
}

function openSmi(): Helper | null {
  try {
    return new Helper("nvidia-smi", [
      "--query-gpu=uuid,timestamp,power.draw.instant",
      "--format=csv,noheader,nounits",
      "-lms",
      "100",
    ]);
  } catch {
    return null;
  }
}

/** The window, or the exit code of what went wrong. */
async function measure(
  load: readonly string[],
  smi: Helper | null,
  zeus: ZeusWindow | null,
): Promise<Window | number> {
  const readings: SmiReading[] = [];
  const first = smi === null ? null : await nextReading(smi);
  if (smi !== null && first === null) console.error("check-meter: nvidia-smi tells no power.draw.instant");
  const reading = first === null || smi === null ? null : collect(smi, readings);
  await using meter = new Helper(LLEM, ["meter", "--json", "--", "sh", "-c", LOAD, "load", ...load]);
  if (await meter.line() !== "open") return await meter.code() || FAILED;
  const beginMs = Date.now();
  await zeus?.begin();
  await meter.tell("go");
  if (await meter.line() !== "over") return await meter.code() || FAILED;
  const joules = await zeus?.end() ?? null;
  const endMs = Date.now();
  await meter.tell("go");
  const told = JSON.parse(await meter.line() ?? "null");
  const code = await meter.code();
  if (code !== 0) console.error(`check-meter: the load ended with ${code}`);
  await reading?.until(endMs);
  return {
    energy: told?.energy ?? null,
    reason: told?.energy_reason ?? null,
    seconds: told?.window_s ?? NaN,
    smi: integrate(readings, beginMs, endMs),
    zeus: joules,
  };
}

async function nextReading(smi: Helper): Promise<SmiReading | null> {
  const line = await smi.line();
  return line === null ? null : parseSmiLine(line);
}

/** Reads on and on; `until` resolves once there is a reading of after that moment, or no more will come. */
function collect(smi: Helper, readings: SmiReading[]): { until(ms: number): Promise<void> } {
  let untilMs = Infinity;
  const read = (async () => {
    for (let line = await smi.line(); line !== null; line = await smi.line()) {
      const reading = parseSmiLine(line);
      if (reading !== null) readings.push(reading);
      if ((reading?.atMs ?? -Infinity) > untilMs) return;
    }
  })();
  return {
    until: async (ms) => {
      untilMs = ms;
      await read;
    },
  };
}

/** One line a board. */
export function tableOf(
  energy: EnergyRecord,
  { seconds, smi, zeus }: Pick<Window, "seconds" | "smi" | "zeus">,
): string {
  const rows = energy.devices.filter(({ uuid }) => uuid.startsWith("GPU-")).map((row, index) => {
    const [smiJ, zeusJ] = [smi.get(row.uuid) ?? null, zeus?.get(index) ?? null];
    const ratio = (other: number | null): string =>
      row.joules === null || other === null || other === 0 ? "-" : (row.joules / other).toFixed(4);
    return [
      row.uuid,
      joule(row.joules),
      joule(row.counter_j),
      joule(row.integral_j),
      joule(smiJ),
      ratio(smiJ),
      joule(zeusJ),
      ratio(zeusJ),
    ];
  });
  const head = ["board", "llem J", "counter", "integral", "nvidia-smi J", "llem/smi", "Zeus J", "llem/Zeus"];
  const error = energy.relative === null ? "" : `, +- ${(energy.relative * 100).toFixed(2)} % in all`;
  return `${textTable(head, rows)}llem: window of ${seconds.toFixed(3)} s, ${energy.verdict}${error}`;
}

function joule(value: number | null): string {
  return value === null ? "-" : value.toFixed(1);
}

if (import.meta.main) Deno.exit(await main(Deno.args));
