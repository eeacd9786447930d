import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import type { ResultRecord } from "./record.ts";
import type { Circumstances } from "./study_table.ts";

/** Circumstances that change the meaning of a number: where one differs and nobody declared it, a comparison is refused. */
export const REFUSING: ReadonlySet<string> = new Set([
  "GPU",
  "device",
  "driver",
  "power limit",
  "engine",
  "model content",
  "prompts",
  "input_hash",
]);

/** What a run is where it does not tell: those of earlier versions, and those that are made one at a time. */
export const WHERE_UNTOLD: Readonly<Record<string, string>> = { parallel: "off" };

/** What may be declared not to matter: also what refuses a comparison at some values only. */
export const ALLOWABLE: readonly string[] = [...REFUSING, "CPU", "parallel"];

const UNAUDITED = "shared, unaudited";

/** Whether such a difference that nobody declared makes a comparison meaningless. */
export function refusesAt(what: string, base: string, other: string): boolean {
  return REFUSING.has(what) ||
    what === "parallel" && [base, other].some((values) => values.includes(UNAUDITED));
}

/** By the paths of environment.json. */
const OF_MACHINE: Readonly<Record<string, string>> = {
  host: "machine",
  os: "operating system",
  kernel: "kernel",
  cpu_model: "CPU",
  cpus: "CPUs",
  cpu_governor: "governor",
  boost: "boost",
  smt: "SMT",
  clock_source: "clock source",
  nvidia_driver: "driver",
  container: "container",
};

/** Facts of a board, by their names in environment.json; anything else about it is in the record of each run. */
const OF_BOARDS: Readonly<Record<string, string>> = {
  power_limit_enforced_w: "power limit",
  persistence_mode: "persistence mode",
  compute_mode: "compute mode",
  ecc: "ECC",
  mig: "MIG",
  vbios_version: "VBIOS",
};

/** What the numbers of all runs of a study depend on, by its environment.json. */
export function studyCircumstances(environment: JsonObject | null): Circumstances {
  if (environment === null) return {};
  const found = Object.entries(OF_MACHINE).map(([path, name]): Named => [name, textOf(environment[path])]);
  const devices = Array.isArray(environment["devices"]) ? environment["devices"].filter(isJsonObject) : [];
  const boards = devices.filter(({ kind }) => kind === "gpu").map(({ facts }) =>
    isJsonObject(facts) ? facts : {}
  );
  const ofBoards = Object.entries(OF_BOARDS).map(([fact, name]): Named => [
    name,
    listed(boards.map((facts) => fact.endsWith("_w") ? watts(facts[fact]) : textOf(facts[fact]))),
  ]);
  const drivers = boards.map((facts) => textOf(facts["driver_version"]));
  return known([...found, ["driver", textOf(environment["nvidia_driver"]) ?? listed(drivers)], ...ofBoards]);
}

/** What the numbers of a run depend on besides its configuration, as far as its record tells. */
export function circumstancesOf(record: ResultRecord): Circumstances {
  const { host, worker, llem_version, run, runner, inputs, measurement, server } = record;
  const versions = Object.entries(worker?.versions ?? {});
  const model = measurement?.model ?? {};
  return known([
    ["machine", host ?? null],
    ...boardCircumstances(record),
    ["device", listed(worker?.devices ?? [])],
    [
      "engine",
      listed(versions.filter(([name]) => !NOT_ENGINE.has(name)).map(([name, of]) => `${name} ${of}`)),
    ],
    ["Python", worker?.versions["python"] ?? null],
    ["server", server?.version ?? null],
    ["model content", textOf(model["sha256"]) ?? inputs?.model?.revision ?? null],
    ["prompts", inputs?.prompts?.sha256 ?? null],
    ["launch", runner?.type ?? null],
    ["image", runner?.image_digest ?? runner?.image_id ?? null],
    ["containment", run.containment ?? null],
    ...parallelCircumstances(run),
    ["llem", llem_version ?? null],
    ...(record.environment_changes ?? []).flatMap(({ path, after }): Named[] => {
      const name = OF_MACHINE[path] ?? OF_BOARDS[path.slice(path.lastIndexOf(".") + 1)];
      return name === undefined ? [] : [[name, name === "power limit" ? watts(after) : textOf(after)]];
    }),
  ]);
}

/** How it had the machine, where it was one of several at a time. */
function parallelCircumstances({ parallel = null }: ResultRecord["run"]): Named[] {
  if (parallel === null) return [];
  const { mode, shared_is, slot, cpus } = parallel;
  const audited = shared_is === "audited" ? "shared, audited" : UNAUDITED;
  return [["parallel", mode === "shared" ? audited : mode], ["slot", `${slot}`], ["own CPUs", cpus]];
}

type Named = readonly [name: string, value: string | null];

/** Versions of what is no part of an engine. */
const NOT_ENGINE: ReadonlySet<string> = new Set(["llem", "python"]);

/** Of the boards that the run's energy is of: the only ones that are known by their UUIDs. */
function boardCircumstances({ energy, run }: ResultRecord): Named[] {
  if (energy === null || energy === undefined || energy.method === "rapl") {
    // One that was placed has them by their UUIDs, metered or not.
    const { parallel = null, devices } = run;
    return parallel === null ? [] : [["GPU", listed(devices.toSorted())]];
  }
  const boards = [...energy.devices ?? []].sort((a, b) => a.uuid < b.uuid ? -1 : 1);
  const limits = (energy.clocks ?? []).flatMap(({ power_limits_w }) => power_limits_w);
  return [
    ["GPU", listed(boards.map(({ uuid }) => uuid))],
    ["GPU model", listed(boards.map(({ name }) => name))],
    ["power limit", listed(limits.map(watts))],
  ];
}

/** Without what is not known. */
function known(all: readonly Named[]): Circumstances {
  return Object.fromEntries(all.filter((named): named is [string, string] => named[1] !== null));
}

/** Each that occurs once; null where none is known. */
function listed(values: readonly (string | null)[]): string | null {
  const all = new Set(values.filter((value) => value !== null && value !== ""));
  return all.size === 0 ? null : [...all].join(", ");
}

function textOf(value: Json | undefined): string | null {
  if (value === null || value === undefined || value === "") return null;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** To the watt: drivers tell milliwatts, which differ by rounding. */
function watts(value: Json | undefined): string | null {
  return typeof value === "number" ? `${Math.round(value)} W` : textOf(value);
}
