/** Boards that are not there: builds nvml_stub.c, writes what its boards are like and knows what they will tell. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
const SOURCE = join(HERE, "nvml_stub.c");

/** What a driver of old lacks; nvml_stub.c says what each leaves out. */
export type MissingPart =
  | "V3"
  | "V2"
  | "MEMORY_V2"
  | "TEMPERATURE_V"
  | "EVENT_REASONS"
  | "INSTANT"
  | "FIELDS"
  | "ENERGY"
  | "CUDA_V2"
  | "ARCHITECTURE"
  | "MIG_PARENT";

/** A course over the seconds since time zero. */
export type Course =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "step"; readonly from: number; readonly to: number; readonly at_s: number }
  | {
    readonly kind: "ramp";
    readonly from: number;
    readonly to: number;
    readonly begin_s: number;
    readonly end_s: number;
  }
  /** High first; `duty` is the share of the period that is high. */
  | {
    readonly kind: "square";
    readonly low: number;
    readonly high: number;
    readonly period_s: number;
    readonly duty: number;
  }
  /** That share more while the folder holds files named by two living pids or more. */
  | { readonly kind: "shared"; readonly watts: number; readonly share: number; readonly folder: string }
  /** Straight lines between `[seconds, value]`; two points at one time make a step. */
  | { readonly kind: "points"; readonly points: readonly (readonly [t_s: number, value: number])[] };

export interface StubCode {
  readonly function: string;
  readonly code: number;
  readonly from_s?: number;
  readonly until_s?: number;
  /** For the first so many calls. */
  readonly first?: number;
  /** For those after the first so many. */
  readonly after?: number;
}

export interface StubHang {
  readonly function: string;
  readonly from_s: number;
  /** For ever unless given. */
  readonly until_s?: number;
}

/** A board; all that is not given is as nvml_stub.c has it (a Hopper board at 100 W). */
export interface StubBoard {
  readonly uuid?: string;
  readonly name?: string;
  readonly architecture?: number;
  readonly capability?: string;
  /** Watts. */
  readonly power?: Course;
  readonly publish_ms?: number;
  readonly instant_window_ms?: number;
  readonly average_window_ms?: number;
  readonly counter_lag_ms?: number;
  readonly counter_period_ms?: number;
  readonly counter_start_mj?: bigint;
  readonly counter_bits?: 32 | 64;
  readonly counter_stick_s?: number;
  readonly counter_reset_s?: number;
  readonly lost_s?: number;
  /** Lost once this file is there. */
  readonly lost_once?: string;
  readonly lost_code?: 15 | 16;
  readonly hangs?: readonly StubHang[];
  readonly codes?: readonly StubCode[];
  readonly fields?: readonly { readonly field: number; readonly code: number }[];
  readonly throttles?: readonly { readonly field: number; readonly from_s: number; readonly to_s: number }[];
  /** A file with lines `PID [compute|graphics|mps] [BYTES]`, read anew at every call. */
  readonly processes_file?: string;
  readonly grow_processes?: number;
  /** Degrees Celsius. */
  readonly temperature?: Course;
  readonly memory_temperature?: number;
  readonly event_reasons?: number;
  readonly mig?: "none" | 0 | 1;
  /** The number of its device file. */
  readonly minor?: number;
  /** UUIDs of MIG devices. */
  readonly instances?: readonly string[];
  readonly persistence?: 0 | 1;
  readonly ecc?: "none" | 0 | 1;
  readonly memory_total?: number;
  readonly memory_used?: number;
  /** Watts. */
  readonly power_limit?: number;
}

export interface StubConfig {
  /** Time zero on CLOCK_MONOTONIC; the moment of nvmlInit unless given. */
  readonly t0_ns?: bigint;
  readonly driver?: string;
  readonly codes?: readonly StubCode[];
  readonly hangs?: readonly StubHang[];
  readonly boards: readonly StubBoard[];
}

/** A stub that was built, in a folder of its own that goes away with the process. */
export interface NvmlStub {
  /** For LD_LIBRARY_PATH. */
  readonly folder: string;
  readonly library: string;
  /** Writes a config and tells its path, for LLEM_NVML_STUB. */
  write(config: StubConfig): string;
  /** The environment in which a program finds these boards. */
  env(config: StubConfig): Record<string, string>;
}

const built = new Map<string, NvmlStub>();

/** Compiles the stub, once per process and set of missing parts. Needs C_COMPILER. */
export function buildNvmlStub(options: { readonly without?: readonly MissingPart[] } = {}): NvmlStub {
  const without = [...options.without ?? []].sort();
  const key = without.join(" ");
  const known = built.get(key);
  if (known !== undefined) return known;
  const folder = Deno.makeTempDirSync({ prefix: "llem-nvml-stub-" });
  addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  const library = compileNvmlStub(folder, without);
  let count = 0;
  const write = (config: StubConfig): string => {
    const path = join(folder, `boards-${count++}.txt`);
    Deno.writeTextFileSync(path, configText(config));
    return path;
  };
  const stub: NvmlStub = {
    folder,
    library,
    write,
    env: (config) => ({ LD_LIBRARY_PATH: folder, LLEM_NVML_STUB: write(config) }),
  };
  built.set(key, stub);
  return stub;
}

/** Compiles it into a folder and tells the path of the library. */
export function compileNvmlStub(folder: string, without: readonly MissingPart[] = []): string {
  const library = join(folder, "libnvidia-ml.so.1");
  const defines = without.map((part) => `-DWITHOUT_${part}`);
  const flags = ["-O2", "-Wall", "-Wextra", "-shared", "-fPIC", "-fvisibility=hidden"];
  const { success, stderr } = new Deno.Command("cc", {
    args: [...flags, ...defines, "-o", library, SOURCE, "-lm"],
  }).outputSync();
  assert.ok(success, new TextDecoder().decode(stderr));
  return library;
}

/** The text that nvml_stub.c reads. */
export function configText(config: StubConfig): string {
  const { t0_ns, driver, codes, hangs, boards } = config;
  const lines = [
    ...(t0_ns === undefined ? [] : [`t0_ns ${t0_ns}`]),
    ...(driver === undefined ? [] : [`driver ${driver}`]),
    ...ruleLines(codes, hangs),
    ...boards.flatMap(boardLines),
  ];
  return `${lines.join("\n")}\n`;
}

function ruleLines(codes: readonly StubCode[] = [], hangs: readonly StubHang[] = []): string[] {
  const word = (name: string, value: number | undefined): string =>
    value === undefined ? "" : ` ${name} ${value}`;
  return [
    ...codes.map((rule) =>
      `code ${rule.function} ${rule.code}${word("from", rule.from_s)}${word("until", rule.until_s)}${
        word("first", rule.first) + word("after", rule.after)
      }`
    ),
    ...hangs.map((rule) => `hang ${rule.function} ${rule.from_s} ${rule.until_s ?? ""}`),
  ];
}

function boardLines(board: StubBoard): string[] {
  const { power, temperature, codes, hangs, fields, throttles, processes_file, instances, ...plain } = board;
  return [
    "board",
    ...Object.entries(plain).map(([key, value]) => `${key} ${value}`),
    ...(power === undefined ? [] : [`power ${courseText(power)}`]),
    ...(temperature === undefined ? [] : [`temperature ${courseText(temperature)}`]),
    ...(instances ?? []).map((uuid) => `instance ${uuid}`),
    ...ruleLines(codes, hangs),
    ...(fields ?? []).map(({ field, code }) => `field ${field} ${code}`),
    ...(throttles ?? []).map(({ field, from_s, to_s }) => `throttle ${field} ${from_s} ${to_s}`),
    ...(processes_file === undefined ? [] : [`processes all-of-file ${processes_file}`]),
  ];
}

function courseText(course: Course): string {
  switch (course.kind) {
    case "constant":
      return `constant ${course.value}`;
    case "step":
      return `step ${course.from} ${course.to} ${course.at_s}`;
    case "ramp":
      return `ramp ${course.from} ${course.to} ${course.begin_s} ${course.end_s}`;
    case "square":
      return `square ${course.low} ${course.high} ${course.period_s} ${course.duty}`;
    case "shared":
      return `shared ${course.watts} ${course.share} ${course.folder}`;
    case "points":
      return `points ${course.points.flat().join(" ")}`;
  }
}

/** Joules that a board really takes between two times, in seconds after time zero. Exact. */
export function energyJ(board: StubBoard, t0_s: number, t1_s: number): number {
  const course = board.power ?? { kind: "constant", value: 100 };
  return integralTo(course, t1_s) - integralTo(course, t0_s);
}

function integralTo(course: Course, t: number): number {
  switch (course.kind) {
    case "constant":
      return course.value * t;
    case "step":
      return integralOfPoints([[course.at_s, course.from], [course.at_s, course.to]], t);
    case "ramp":
      return integralOfPoints([[course.begin_s, course.from], [course.end_s, course.to]], t);
    case "shared":
      // What happens to the folder is not known beforehand.
      return NaN;
    case "points":
      return integralOfPoints(course.points, t);
    case "square": {
      const { low, high, period_s, duty } = course;
      const highS = Math.floor(t / period_s) * duty * period_s +
        Math.min(t - Math.floor(t / period_s) * period_s, duty * period_s);
      return highS * high + (t - highS) * low;
    }
  }
}

/** From the first point on; before it and after the last the value stays. */
function integralOfPoints(points: readonly (readonly [number, number])[], t: number): number {
  const [[first, value] = [0, 0]] = points;
  if (t < first) return (t - first) * value;
  let sum = 0;
  let [lastT, lastY] = [first, value];
  for (const [pointT, pointY] of points) {
    if (pointT > t) {
      const y = lastY + (pointY - lastY) * (t - lastT) / (pointT - lastT);
      return sum + (t - lastT) * (lastY + y) / 2;
    }
    sum += (pointT - lastT) * (lastY + pointY) / 2;
    [lastT, lastY] = [pointT, pointY];
  }
  return sum + (t - lastT) * lastY;
}
