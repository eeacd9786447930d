import { canonicalJson } from "../base/canonical_json.ts";
import { isJsonObject, type Json } from "../base/json.ts";
import type { ExperimentConfig } from "../experiment/config.ts";
import { configHash } from "../experiment/identity.ts";
import {
  andMore,
  cyclesChanged,
  experimentAdded,
  experimentChanged,
  experimentRemoved,
  repeatsChanged,
  secretKept,
  settingChanged,
  settingKept,
} from "./messages.ts";
import type { Plan } from "./plan.ts";

const MOST_NAMED = 10;
/** More settings than this make another experiment, not a changed one. */
const MOST_SETTINGS = 3;
/** Where more than this came or went, nobody reads what each of them was before. */
const MOST_COMPARED = 20;

/**
 * Whether two plans have the same name, which is the whole one: what a folder's name keeps of it is for people. Spellings
 * of one text that Unicode calls equal are equal.
 */
export function isNamedAlike(before: Pick<Plan, "name">, now: Pick<Plan, "name">): boolean {
  return before.name?.normalize("NFC") === now.name?.normalize("NFC");
}

/** What tells two plans apart, one line each; empty where the same experiments run in the same cycles. */
export function planDifferences(before: Plan, now: Plan): string[] {
  const differences: string[] = [];
  const [fixedBefore, fixedNow] = [before, now].map(({ execution }) => execution.until === null);
  if (fixedBefore !== fixedNow) differences.push(repeatsChanged(fixedBefore === true ? "n_cycles" : "until"));
  else if (fixedNow && before.n_cycles !== now.n_cycles) {
    differences.push(cyclesChanged(before.n_cycles, now.n_cycles));
  }
  const { gone, added } = changedExperiments(experiments(before), experiments(now));
  const isReadable = Math.max(gone.size, added.size) <= MOST_COMPARED;
  for (const [hash, config] of added) {
    const origin = isReadable ? closest(config, gone) : null;
    if (origin !== null) gone.delete(origin.hash);
    differences.push(
      origin === null
        ? experimentAdded(hash, brief(config as unknown as Json))
        : experimentChanged(origin.hash, hash, origin.changes),
    );
  }
  for (const [hash, config] of gone) {
    differences.push(experimentRemoved(hash, brief(config as unknown as Json)));
  }
  const more = differences.length - MOST_NAMED;
  return more > 0 ? [...differences.slice(0, MOST_NAMED), andMore(more)] : differences;
}

/** Settings that are told otherwise, or that a study goes on with. */
const TAKEN: ReadonlySet<string> = new Set(["n_cycles", "max_cycles", "time_budget_seconds"]);

/**
 * Settings by which runs are made that are not the same in two plans, one phrase each. None of them tells one study
 * from another. What results are judged by is none of them: it can be changed at any time.
 */
export function executionDifferences(before: Plan, now: Plan): string[] {
  const was: Readonly<Record<string, unknown>> = { ...before.execution };
  const changed = Object.entries(now.execution).filter(([key, value]) =>
    !TAKEN.has(key) && JSON.stringify(value) !== JSON.stringify(was[key])
  );
  const settings = changed.map(([key, value]) =>
    settingKept(`execution.${key}`, JSON.stringify(was[key]), JSON.stringify(value))
  );
  const [searched, searches] = [JSON.stringify(before.search), JSON.stringify(now.search)];
  const search = searched === searches ? [] : [settingKept("search", searched, searches)];
  return [...settings, ...search, ...runnerDifferences(before, now), ...secretDifferences(before, now)];
}

/** The same of how agents share a study. */
export function clusterDifferences(
  { cluster: before }: Pick<Plan, "cluster">,
  { cluster: now }: Pick<Plan, "cluster">,
): string[] {
  const was: Readonly<Record<string, unknown>> = { ...before };
  return Object.entries(now).filter(([key, value]) => value !== was[key]).map(([key, value]) =>
    settingKept(`cluster.${key}`, JSON.stringify(was[key]), JSON.stringify(value))
  );
}

/** Secrets are no part of an experiment: it is the same with another one, and goes on with its own. */
function secretDifferences(before: Plan, now: Plan): string[] {
  const changed = Object.entries(now.secrets).flatMap(([hash, secrets]) => {
    const old = new Map((before.secrets[hash] ?? []).map(({ path, value }) => [path.join("."), value]));
    return secrets.map(({ path, value }) => ({ path: path.join("."), value })).filter(({ path, value }) =>
      old.has(path) && old.get(path) !== value
    );
  });
  return [...new Set(changed.map(({ path }) => path))].map((path) => secretKept(path));
}

function runnerDifferences(before: Plan, now: Plan): string[] {
  const backends = [...new Set(now.runs.map((run) => run.config.backend))];
  const runner = ({ runners }: Plan, backend: string): string => runners[backend] ?? "local";
  return backends.filter((backend) => runner(before, backend) !== runner(now, backend)).map((backend) =>
    settingKept(`runners.${backend}`, runner(before, backend), runner(now, backend))
  );
}

type Experiments = Map<string, ExperimentConfig>;

function experiments(plan: Plan): Experiments {
  return new Map(plan.runs.map((run) => [run.config_hash, run.config]));
}

/**
 * What one plan has and the other has not. A hash that is stored was made by the rules of its time: where hashes differ,
 * both sides are hashed by today's, by which two experiments of an earlier llem may be one.
 */
function changedExperiments(old: Experiments, fresh: Experiments): { gone: Experiments; added: Experiments } {
  return { gone: withoutAlike(old, fresh), added: withoutAlike(fresh, old) };
}

/** The experiments that others do not have, neither by the stored hash nor by today's. */
function withoutAlike(experiments: Experiments, others: Experiments): Experiments {
  const left = new Map([...experiments].filter(([hash]) => !others.has(hash)));
  if (left.size === 0) return left;
  const hashes = new Set([...others].map(([, config]) => configHash(config)));
  return new Map([...left].filter(([, config]) => !hashes.has(configHash(config))));
}

/** The experiment that a changed one most likely was, and what was changed; null where none is like it. */
function closest(
  config: ExperimentConfig,
  gone: ReadonlyMap<string, ExperimentConfig>,
): { readonly hash: string; readonly changes: readonly string[] } | null {
  const found = [...gone].map(([hash, was]) => ({
    hash,
    changes: changesOf(was as unknown as Json, config as unknown as Json),
  }))
    .filter(({ changes }) => changes.length <= MOST_SETTINGS)
    .sort((one, other) => one.changes.length - other.changes.length);
  return found[0] ?? null;
}

function changesOf(was: Json, is: Json): string[] {
  const [before, now] = [leaves(was), leaves(is)];
  const paths = [...new Set([...before.keys(), ...now.keys()])];
  const at = (values: ReadonlyMap<string, Json>, path: string): Json => values.get(path) ?? null;
  return paths.filter((path) => canonicalJson(at(before, path)) !== canonicalJson(at(now, path)))
    .map((path) => settingChanged(path, brief(at(before, path)), brief(at(now, path))));
}

/** Everything that is no mapping, by its dotted path. */
function leaves(value: Json, path = ""): Map<string, Json> {
  if (!isJsonObject(value)) return new Map([[path, value]]);
  return new Map(
    Object.entries(value).flatMap((
      [key, item],
    ) => [...leaves(item ?? null, path === "" ? key : `${path}.${key}`)]),
  );
}

function brief(config: Json): string {
  const text = canonicalJson(config);
  return text.length <= 200 ? text : `${text.slice(0, 200)}...`;
}
