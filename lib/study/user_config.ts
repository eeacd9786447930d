import type { Issue } from "../base/issue.ts";
import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import type { ExperimentConfig } from "../experiment/config.ts";
import { BACKENDS } from "../experiment/engines.ts";
import type { EnergyBackend } from "../experiment/method_schema.ts";
import { mergeCarbonNames } from "./carbon_intensity.ts";
import { checkMap } from "./check.ts";
import { decodeText } from "./decode_text.ts";
import { type Findings, newFindings } from "./findings.ts";
import { aMapping, exampleUserConfig, mustBe } from "./messages.ts";
import { orderIssues } from "./order_issues.ts";
import { applyOverrides } from "./overrides.ts";
import { parseText } from "./yaml/parse.ts";
import { readRunners } from "./runners.ts";
import { issueAt, optionText } from "./source_text.ts";
import type { Override } from "./study.ts";
import {
  childOf,
  isNothing,
  type MapEntry,
  type MapTree,
  type Tree,
  treeOfJson,
  withoutKeys,
} from "./tree.ts";
import { USER_LANGUAGE, userConfigSchema, userConfigShape } from "./user_config_schema.ts";
import { found } from "./wording.ts";

/** The user configuration, as far as a study stands on it. */
export interface UserConfig {
  /** Its file, as messages name it; empty where there is none. */
  readonly file: string;
  /** Folder for study directories; null where it names none. */
  readonly results_dir: string | null;
  /** True where study directories are for their owner alone. */
  readonly private_files: boolean;
  /** What holds where a study's execution block leaves something open, with its places; null where it says nothing. */
  readonly execution: MapTree | null;
  /** How workers are started where the study says nothing; null where it says nothing either. */
  readonly runners: MapTree | null;
  /** How workers are started whatever the study says, by backend: the environment's word. */
  readonly forced_runners: MapTree | null;
  readonly metering: Metering;
}

/** How this machine's user wants energy metered. It belongs to no experiment's identity. */
export interface Metering {
  /** What stands in where a study says `auto`; null meters nothing there. */
  readonly auto: EnergyBackend | null;
  /** Pause between two readings of power; null where the user leaves it to llem. */
  readonly period_ms: number | null;
}

/** Where nobody has wished for anything. */
export const NO_METERING: Metering = { auto: "auto", period_ms: null };

/** What meters an experiment: its own word, or the user's where that is `auto`; null for nothing. */
export function energyBackendOf(
  { energy }: Pick<ExperimentConfig, "energy">,
  { auto }: Metering,
): EnergyBackend | null {
  return energy.backend === "auto" ? auto : energy.backend;
}

/** A user configuration that was read, or the mistakes in it. */
export interface UserConfigReading {
  /** Null exactly when there are issues. */
  readonly config: UserConfig | null;
  readonly issues: readonly Issue[];
  readonly warnings: readonly Issue[];
}

/** Where nobody has configured anything. */
export const NO_USER_CONFIG: UserConfig = {
  file: "",
  results_dir: null,
  private_files: false,
  execution: null,
  runners: null,
  forced_runners: null,
  metering: NO_METERING,
};

/** A configuration file: its name for messages, and its bytes; null where there is no such file. */
export interface UserConfigSource {
  readonly file: string;
  readonly text: string | Uint8Array | null;
}

/** Reads the user configuration and the environment's variables over it. Never throws; all mistakes come at once. */
export function readUserConfig(
  { file, text }: UserConfigSource,
  env: Readonly<Record<string, string | undefined>>,
): UserConfigReading {
  const reading = readRoot(file, text ?? "");
  if ("issues" in reading) return { config: null, issues: reading.issues, warnings: [] };
  const { root, issues, warnings } = applyOverrides(reading, overridesOf(env));
  const findings = newFindings(USER_LANGUAGE);
  const named = mergeCarbonNames(findings, root);
  const config = { file, ...readParts(findings, named, env) };
  const told = orderIssues([...issues, ...findings.found.map(({ issue }) => issue)], file);
  return {
    config: told.length === 0 ? config : null,
    issues: told,
    warnings: orderIssues([...warnings, ...findings.warnings], file),
  };
}

function readParts(
  findings: Findings,
  root: MapTree,
  env: Readonly<Record<string, string | undefined>>,
): Omit<UserConfig, "file"> {
  const values = checkMap(findings, userConfigShape(), withoutKeys(root, new Set(["runners"])), "");
  return {
    ...settled(values),
    execution: settledExecution(childOf(root, "execution"), values.execution),
    runners: checkedRunners(findings, childOf(root, "runners")),
    forced_runners: checkedRunners(findings, runnersOf(env)),
  };
}

/** How workers are started whatever a study says. */
export function forcedRunners({ forced_runners }: UserConfig): Readonly<Record<string, string>> {
  return forced_runners === null ? {} : readRunners(newFindings(), forced_runners);
}

function checkedRunners(findings: Findings, tree: Tree | null): MapTree | null {
  readRunners(findings, tree);
  return tree?.kind === "map" ? tree : null;
}

/** The block with its checked values, each at its place: nothing is left to warn about. */
function settledExecution(tree: Tree | null, values: Json | undefined): MapTree | null {
  if (tree?.kind !== "map" || !isJsonObject(values)) return null;
  const entries = [...tree.entries].map(([key, entry]): [string, MapEntry] => [
    key,
    { key: entry.key, value: treeOfJson(values[key], entry.value) },
  ]);
  return { ...tree, entries: new Map(entries) };
}

/** What takes effect by itself, with defaults; what does not check is told elsewhere. */
function settled(values: JsonObject): Pick<UserConfig, "results_dir" | "private_files" | "metering"> {
  const parsed = userConfigSchema.safeParse(values);
  if (!parsed.success) return { results_dir: null, private_files: false, metering: NO_METERING };
  const { output, measurement, advanced } = parsed.data;
  const metering = { auto: measurement.energy_backend, period_ms: advanced.nvml_poll_interval_ms };
  return { results_dir: output.results_dir, private_files: output.mode === "private", metering };
}

/** The mapping that a file holds; an empty file holds an empty one. */
function readRoot(file: string, text: string | Uint8Array): MapTree | { readonly issues: readonly Issue[] } {
  const source = decodeText(file, text);
  if ("message" in source) return { issues: [source] };
  const { tree, issues } = parseText(source);
  if (issues.length > 0) return { issues };
  if (tree === null || isNothing(tree)) return { kind: "map", entries: new Map(), source, offset: 0 };
  return tree.kind === "map" ? tree : { issues: [notAMapping(tree)] };
}

function notAMapping(tree: Tree): Issue {
  return issueAt(tree, "", { message: mustBe(aMapping(), found(tree)), hint: exampleUserConfig() });
}

/** Variables of the environment, and the paths they stand for. An empty one counts as not set. */
const VARIABLES = [
  ["LLEM_CARBON_INTENSITY", "measurement.carbon_intensity_gco2_kwh"],
  ["LLEM_DATACENTER_PUE", "measurement.datacenter_pue"],
  ["LLEM_LOG_LEVEL", "ui.log_level"],
] as const;

function overridesOf(env: Readonly<Record<string, string | undefined>>): Override[] {
  const overrides: Override[] = [];
  for (const [source, path] of VARIABLES) {
    const text = env[source] ?? "";
    if (text !== "") overrides.push({ path, source, value: text });
  }
  if ((env.LLEM_NO_PROMPT ?? "") !== "") {
    overrides.push({ path: "ui.prompt", source: "LLEM_NO_PROMPT", value: false });
  }
  return overrides;
}

/** The runners that variables such as `LLEM_RUNNER_VLLM` name, each standing at its variable; null for none. */
function runnersOf(env: Readonly<Record<string, string | undefined>>): MapTree | null {
  const entries = new Map<string, MapEntry>();
  for (const backend of BACKENDS) {
    const name = `LLEM_RUNNER_${backend.toUpperCase()}`;
    const runner = env[name] ?? "";
    const location = { source: optionText(name), offset: 0 };
    if (runner !== "") entries.set(backend, { key: location, value: treeOfJson(runner, location) });
  }
  return entries.size === 0 ? null : { kind: "map", entries, source: optionText(null), offset: 0 };
}
