import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { parse } from "yaml";
import { formatIssue, type Issue } from "../../lib/base/issue.ts";
import { isJsonObject, type Json, type JsonObject } from "../../lib/base/json.ts";
import type { ExperimentConfig } from "../../lib/experiment/config.ts";
import { resolveConfig } from "../../lib/experiment/resolve_config.ts";
import { makePlan } from "../../lib/plan/make_plan.ts";
import type { Plan } from "../../lib/plan/plan.ts";
import { readStudy } from "../../lib/study/read_study.ts";
import type { Override } from "../../lib/study/study.ts";

const folder = new URL("../fixtures/conformance/", import.meta.url);
const ALWAYS = ["model", "backend", "n", "dataset", "precision"];

interface Expectation {
  readonly name: string;
  readonly file: string;
  readonly kind: string;
  readonly n_experiments: number;
  readonly n_runs: number;
  readonly runs: readonly JsonObject[];
  readonly skipped?: readonly { config: JsonObject; label: string; where: readonly string[] }[];
  readonly gaps_before?: { readonly experiment: readonly number[]; readonly cycle: readonly number[] };
  readonly warnings?: readonly string[];
  readonly runners?: Readonly<Record<string, string>>;
  readonly errors: { readonly where: readonly string[]; readonly did_you_mean?: string } | null;
}

const expectations = [...Deno.readDirSync(folder)]
  .filter(({ name }) => name.endsWith(".json"))
  .map(({ name }): Expectation => JSON.parse(Deno.readTextFileSync(new URL(name, folder))))
  .sort((one, other) => one.name.localeCompare(other.name));

Deno.test("the conformance folder is all there", () => strictEqual(expectations.length, 63));

for (const expectation of expectations) {
  Deno.test(`makePlan() expands ${expectation.file} as it must`, () => check(expectation));
}

function check(expectation: Expectation): void {
  const text = Deno.readFileSync(new URL(expectation.file, folder));
  const source = {
    file: expectation.file,
    text,
    readFile: (path: string): Uint8Array | { trouble: string } => {
      try {
        return Deno.readFileSync(new URL(path, folder));
      } catch {
        return { trouble: "no such file" };
      }
    },
  };
  const reading = readStudy(source, overridesFor(text));
  const planning = reading.study === null
    ? null
    : makePlan(reading.study, { gaps: { experiment_s: 60, cycle_s: 300 } });
  const issues = [...reading.issues, ...planning?.issues ?? []];
  if (expectation.errors !== null) return checkErrors(expectation, issues);
  deepStrictEqual(issues.map(formatIssue), []);
  const plan = planning?.plan ?? null;
  ok(plan !== null && reading.study !== null);
  strictEqual(plan.kind, expectation.kind);
  strictEqual(plan.n_experiments, expectation.n_experiments);
  strictEqual(plan.runs.length, expectation.n_runs);
  deepStrictEqual(plan.runs.map(({ config, cycle }) => ({ ...essence(config), cycle })), expectation.runs);
  checkSkipped(plan, expectation);
  if (expectation.gaps_before !== undefined) {
    deepStrictEqual(
      { experiment: gapsBefore(plan, "experiment"), cycle: gapsBefore(plan, "cycle") },
      expectation.gaps_before,
    );
  }
  if (expectation.runners !== undefined) deepStrictEqual(reading.study.runners, expectation.runners);
  for (const path of expectation.warnings ?? []) {
    ok(reading.warnings.some((warning) => warning.path === path), `no warning at ${path}`);
  }
}

/** What the folder's page says about files that leave cycles or their order open. */
function overridesFor(text: Uint8Array): Override[] {
  const execution = givenExecution(new TextDecoder().decode(text));
  const overrides: Override[] = [];
  if (execution.n_cycles === undefined) {
    overrides.push({ path: "execution.n_cycles", source: "--cycles", value: 1 });
  }
  if (execution.cycle_order === undefined) {
    overrides.push({ path: "execution.cycle_order", source: "--order", value: "sequential" });
  }
  return overrides;
}

function givenExecution(text: string): JsonObject {
  try {
    const file: unknown = parse(text);
    return isJsonObject(file) && isJsonObject(file.execution) ? file.execution : {};
  } catch {
    return {};
  }
}

function checkErrors({ errors }: Expectation, issues: readonly Issue[]): void {
  ok(issues.length > 0, "the plan must be refused");
  const told = issues.map(formatIssue).join("\n");
  for (const path of errors?.where ?? []) ok(told.includes(path), `nothing names ${path} in:\n${told}`);
  for (const issue of issues) ok(issue.file !== null, `no file in: ${formatIssue(issue)}`);
}

function checkSkipped({ skipped }: Plan, expectation: Expectation): void {
  const expected = expectation.skipped ?? [];
  deepStrictEqual(
    skipped.map(({ config, label }) => ({ config, label })),
    expected.map(({ config, label }) => ({ config, label })),
  );
  for (const [index, { where }] of expected.entries()) {
    for (const path of where) ok(skipped[index]?.reason.includes(path), `no reason names ${path}`);
  }
}

function gapsBefore({ runs }: Plan, kind: "experiment" | "cycle"): number[] {
  return runs.filter(({ gap_before }) => gap_before === kind).map(({ index }) => index - 1);
}

/** A configuration as the expectations write it: some fields always, the others where they differ from the default. */
function essence(config: ExperimentConfig): JsonObject {
  const defaults: JsonObject = resolveConfig({ model: config.model, backend: config.backend }) ?? {};
  const essential: Record<string, Json> = {};
  for (const [key, value] of Object.entries(config as JsonObject)) {
    if (ALWAYS.includes(key)) essential[key] = value ?? null;
    else {
      const rest = different(value ?? null, defaults[key] ?? null);
      if (rest !== undefined) essential[key] = rest;
    }
  }
  return essential;
}

function different(value: Json, usual: Json): Json | undefined {
  if (!isJsonObject(value)) return value === usual ? undefined : value;
  const parts = Object.entries(value)
    .map(([key, part]) =>
      [key, different(part ?? null, isJsonObject(usual) ? usual[key] ?? null : null)] as const
    )
    .filter(([, part]) => part !== undefined);
  return parts.length === 0 ? undefined : Object.fromEntries(parts);
}
