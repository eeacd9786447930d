import { append } from "../base/numbers.ts";
import type { JsonObject } from "../base/json.ts";
import { DEFAULT_BACKEND } from "../experiment/engines.ts";
import type { MapShape } from "../experiment/shape.ts";
import { type Stated, statedBackends } from "./backends.ts";
import { checkMap } from "./check.ts";
import type { Findings } from "./findings.ts";
import { tellFixedMistakes } from "./fixed_mistakes.ts";
import { mergeMaps } from "./merge.ts";
import { aMapping, emptyList, listOfExperiments, mustBe, runnersDiffer } from "./messages.ts";
import { countAbove, settleCount } from "./prompt_count.ts";
import { readRunners } from "./runners.ts";
import { checkSections } from "./section_use.ts";
import { issueAt, issueLocation } from "./source_text.ts";
import type { Entry } from "./study.ts";
import { experimentShape, studyShape } from "./study_schema.ts";
import { childOf, isNothing, locationOfPath, type MapTree, type Tree, withoutKeys } from "./tree.ts";
import { found } from "./wording.ts";

/** The parts of a study file that make explicit experiments. */
export interface EntryParts {
  /** The shared fields, the backend left out. */
  readonly shared: MapTree;
  /** The backends that the shared fields name. */
  readonly backends: Stated;
  readonly experiments: Tree | null;
}

export interface ReadEntries {
  readonly entries: readonly Entry[];
  /** Runners that entries name for their backends. */
  readonly runners: Readonly<Record<string, string>>;
}

/** The experiments that a file lists, each over the shared fields, in file order. */
export function readEntries(findings: Findings, { shared, backends, experiments }: EntryParts): ReadEntries {
  if (isNothing(experiments) || experiments === null) return { entries: [], runners: {} };
  if (experiments.kind !== "list") {
    tell(findings, experiments, "experiments", mustBe(listOfExperiments(), found(experiments)));
    return { entries: [], runners: {} };
  }
  if (experiments.items.length === 0) {
    tell(findings, experiments, "experiments", emptyList());
  }
  const shape = entryShape();
  const entries: Entry[] = [];
  const runners = new Map<string, NamedRunner>();
  for (const [index, item] of experiments.items.entries()) {
    const path = `experiments.${index}`;
    if (item.kind !== "map") {
      tell(findings, item, path, mustBe(aMapping(), found(item)));
      continue;
    }
    takeRunners(findings, runners, item, path);
    append(entries, readEntry(findings, shape, { shared, backends, item, path }));
  }
  return {
    entries,
    runners: Object.fromEntries([...runners].map(([backend, { runner }]) => [backend, runner])),
  };
}

/** A runner that an experiment names, and where. */
interface NamedRunner {
  readonly runner: string;
  readonly path: string;
}

/** A study starts all workers of a backend in one way, so experiments must not contradict each other. */
function takeRunners(
  findings: Findings,
  runners: Map<string, NamedRunner>,
  item: MapTree,
  path: string,
): void {
  const tree = childOf(item, "runners");
  for (const [backend, runner] of Object.entries(readRunners(findings, tree, `${path}.runners`))) {
    const before = runners.get(backend);
    if (before === undefined) runners.set(backend, { runner, path });
    if (before === undefined || before.runner === runner || tree === null) continue;
    const location = locationOfPath(tree, backend);
    findings.found.push({
      kind: "value",
      issue: issueAt(location, `${path}.runners.${backend}`, runnersDiffer(runner, before)),
    });
  }
}

interface EntryItem {
  readonly shared: MapTree;
  readonly backends: Stated;
  readonly item: MapTree;
  readonly path: string;
}

/** One listed experiment; several where its backend is a list. */
function readEntry(
  findings: Findings,
  shape: MapShape,
  { shared, backends, item, path }: EntryItem,
): Entry[] {
  const own = withoutKeys(item, new Set(["runners"]));
  const layered = mergeMaps(shared, own, (key) => shape.keys.get(key) ?? null);
  const merged = settleCount(
    layered,
    countAbove(layered, own),
    path,
    (issue) => findings.found.push({ kind: "value", issue }),
  );
  const value = checkMap(findings, shape, merged, path);
  const used = statedBackends(!isNothing(childOf(own, "backend")), value.backend) ?? backends ??
    [DEFAULT_BACKEND];
  checkSections(findings, own, new Set(used), path);
  const draft = withoutBackend(value);
  const location = issueLocation(item);
  if (used.length === 0) {
    tellFixedMistakes(findings, { tree: merged, draft, backend: null, dimensions: [], prefix: path });
  }
  return used.map((backend) => {
    tellFixedMistakes(findings, { tree: merged, draft, backend, dimensions: [], prefix: path });
    return { draft, backend, location };
  });
}

/** An experiment's keys, where a list of backends stands for as many experiments. */
function entryShape(): MapShape {
  const backend = studyShape().keys.get("backend");
  const shape = experimentShape();
  return backend === undefined ? shape : { ...shape, keys: new Map(shape.keys).set("backend", backend) };
}

function withoutBackend(value: JsonObject): JsonObject {
  const { backend: _, ...rest } = value;
  return rest;
}

function tell(findings: Findings, tree: Tree, path: string, message: string): void {
  findings.found.push({ kind: "value", issue: issueAt(tree, path, message) });
}
