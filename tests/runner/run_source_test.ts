import assert from "node:assert/strict";
import { type StoredPlan, storePlan } from "../../lib/archive/stored_plan.ts";
import { openStudyFolder } from "../../lib/archive/study_folder.ts";
import { sha256Hex } from "../../lib/base/canonical_json.ts";
import { configHash } from "../../lib/experiment/identity.ts";
import type { Run } from "../../lib/experiment/run.ts";
import { runKey } from "../../lib/experiment/run.ts";
import { foldJournal, JournalFold, type StudyState } from "../../lib/journal/fold.ts";
import { makeManifest } from "../../lib/journal/manifest.ts";
import type { RunnerEvent } from "../../lib/journal/runner_event.ts";
import { standingOf } from "../../lib/journal/standing.ts";
import type { Plan } from "../../lib/plan/plan.ts";
import { runsToResume } from "../../lib/plan/resume.ts";
import { StopSwitch } from "../../lib/process/stop.ts";
import { planSource, type RunSource, searchSource } from "../../lib/runner/run_source.ts";
import { type MadeStudy, makeStudy, type StudyOptions } from "../support/attempts.ts";
import { configOf, planOf, workerConfig } from "../support/plans.ts";
import type { TempFolder } from "../support/temp_folder.ts";

Deno.test("planSource() hands out the runs of a plan in order, each once, and never grows", () => {
  const { runs } = planOf([configOf(), configOf({ n: 2 })]);
  const source = planSource(runs);
  const { state } = new JournalFold();
  assert.deepEqual(source.rest(), runs);
  assert.deepEqual(source.grow(state), []);
  assert.equal(source.next(state), runs[0]);
  assert.deepEqual(source.rest(), runs.slice(1));
  assert.equal(source.next(state), runs[1]);
  assert.deepEqual([source.next(state), source.next(state)], [null, null]);
  assert.deepEqual(source.rest(), []);
});

const plan = planOf([workerConfig("ok")]);
const [first] = plan.runs;
if (first === undefined) throw new Error("The plan is empty");
const [another] = planOf([workerConfig("no_result", { n: 9 })]).runs;
if (another === undefined) throw new Error("The plan is empty");

/** One more cycle of the first experiment, and an experiment of its own. */
const FURTHER: readonly Run[] = [{ ...first, index: 2, cycle: 2 }, { ...another, index: 3 }];

/** The runs of a plan and, once the first has ended, two more; what the journal has already is not added again. */
class GrowingSource implements RunSource {
  readonly #queue: Run[];

  constructor(todo: readonly Run[]) {
    this.#queue = [...todo];
  }

  grow({ entries, added }: StudyState): readonly Run[] {
    const hasEnded = first !== undefined && entries.get(runKey(first))?.finished !== undefined;
    if (!hasEnded || added.length > 0) return [];
    this.#queue.push(...FURTHER);
    return FURTHER;
  }

  next(): Run | null {
    return this.#queue.shift() ?? null;
  }

  rest(): readonly Run[] {
    return this.#queue;
  }
}

/** What a resume needs of a study directory besides the journal. */
function layDown(of: Plan): (folder: TempFolder) => void {
  return (folder) => {
    const text = "name: test\n";
    folder.write("study.yaml", text);
    const stored: StoredPlan = storePlan(of, { base_dir: folder.path, study_sha256: sha256Hex(text) });
    folder.write("plan.json", JSON.stringify(stored));
  };
}

async function makeGrowing(options: StudyOptions = {}): Promise<MadeStudy> {
  return await makeStudy(plan, { source: new GrowingSource(plan.runs), prepare: layDown(plan), ...options });
}

/** `index/outcome` of every end, in order. */
function ends(study: MadeStudy): string[] {
  return study.events.flatMap((event) =>
    event.type === "run_finished" ? [`${event.run.index}/${event.record.outcome.kind}`] : []
  );
}

Deno.test("runStudy() makes what its source adds, written down before it begins, and all totals add up", async () => {
  const sums: number[][] = [];
  let folder: TempFolder | null = null;
  using study = await makeGrowing({
    prepare: (made) => {
      folder = made;
      layDown(plan)(made);
    },
    onEvent: () => {
      if (folder === null || !folder.isFile("journal.jsonl")) return;
      const { journal, plan: grown } = openStudyFolder(folder.path);
      const { total_experiments, completed, failed, interrupted, pending } = makeManifest(
        grown,
        foldJournal(journal.events),
      );
      sums.push([total_experiments, completed + failed + interrupted + pending]);
    },
  });
  assert.equal(study.error, null);
  assert.deepEqual(ends(study), ["1/completed", "2/completed", "3/protocol_error"]);
  assert.deepEqual(study.end?.totals, { total: 3, completed: 2, failed: 1, interrupted: 0, pending: 0 });
  const { journal, plan: grown, original_plan } = openStudyFolder(study.folder.path);
  assert.deepEqual(journal.events.map(({ type }) => type), [
    "study_started",
    "run_starting",
    "run_started",
    "run_finished",
    "runs_added",
    "run_starting",
    "run_started",
    "run_finished",
    "run_starting",
    "run_started",
    "run_finished",
    "study_finished",
  ]);
  assert.deepEqual([original_plan.runs, grown.runs], [plan.runs, [...plan.runs, ...FURTHER]]);
  const manifest = JSON.parse(study.folder.read("manifest.json"));
  assert.deepEqual(manifest, makeManifest(plan, foldJournal(journal.events)));
  assert.deepEqual([manifest.total_experiments, manifest.completed, manifest.failed], [3, 2, 1]);
  assert.ok(sums.every(([total, sum]) => total === sum));
  assert.deepEqual([sums[0]?.[0], sums.at(-1)?.[0]], [1, 3]);
  const [added] = study.events.filter((event) => event.type === "runs_added");
  assert.deepEqual([added?.runs, added?.total], [FURTHER, 3]);
});

Deno.test("a resume goes on with the runs that were added, and adds none twice", async () => {
  const stop = new StopSwitch();
  using cut = await makeGrowing({
    stop,
    onEvent: (event) => {
      if (event.type === "run_finished" && event.run.index === 2) stop.request("SIGTERM");
    },
  });
  assert.deepEqual(ends(cut), ["1/completed", "2/completed"]);
  assert.deepEqual(cut.end?.totals, { total: 3, completed: 2, failed: 0, interrupted: 0, pending: 1 });

  const opened = openStudyFolder(cut.folder.path);
  const fold = new JournalFold();
  for (const event of opened.journal.events) fold.apply(event);
  const todo = runsToResume(
    opened.plan.runs,
    (run) => standingOf(fold.state.entries.get(runKey(run))),
    { retryFailed: false },
  ).map(({ run }) => run);
  assert.deepEqual(todo, FURTHER.slice(1));
  const copy = (folder: TempFolder): void => {
    layDown(plan)(folder);
    folder.write("journal.jsonl", cut.folder.read("journal.jsonl"));
  };
  for (const source of [planSource(todo), new GrowingSource(todo)]) {
    const resumed = new JournalFold();
    for (const event of opened.journal.events) resumed.apply(event);
    using rest = await makeStudy(opened.plan, { fold: resumed, source, prepare: copy });
    assert.deepEqual(ends(rest), ["3/protocol_error"]);
    assert.deepEqual(rest.end?.totals, { total: 3, completed: 2, failed: 1, interrupted: 0, pending: 0 });
    const { events } = openStudyFolder(rest.folder.path).journal;
    assert.equal(events.filter(({ type }) => type === "runs_added").length, 1);
    assert.equal(JSON.parse(rest.folder.read("manifest.json")).total_experiments, 3);
  }
});

Deno.test("runStudy() refuses added runs that are not numbered on", async () => {
  const source: RunSource = { grow: () => FURTHER.slice(1), next: () => null, rest: () => [] };
  using study = await makeStudy(plan, { source });
  assert.match(String(study.error), /RangeError: The added run 3 should be run 2/);
  assert.ok(!study.folder.read("journal.jsonl").includes("runs_added"));
});

const searched = planOf([workerConfig("ok", { params: { load: 1 } })], {
  search: { over: "params.load", from: 1, to: 8, resolution: 1, until: "slo" },
});

/** A search for the highest load, which is 2; `ended` holds the loads of the runs that are over. */
function loadSource(of: Plan, todo: readonly Run[], ended: Set<string>): RunSource {
  const loads = new Map([1, 2, 4, 8].map((load) => {
    const config = { ...searched.runs[0]?.config, params: { load } } as Run["config"];
    return [configHash(config), load];
  }));
  return searchSource(of, todo, {
    verdictOf: ({ config_hash, cycle }) => {
      if (!ended.has(`${config_hash}/${cycle}`)) return null;
      return (loads.get(config_hash) ?? Infinity) <= 2 ? "met" : "missed";
    },
    tell: () => {},
  });
}

Deno.test("a search that is stopped between two probes is not over: the next one waits for the resume", async () => {
  const stop = new StopSwitch();
  const ended = new Set<string>();
  const noteEnd = (event: RunnerEvent): void => {
    if (event.type === "run_finished") ended.add(runKey(event.run));
  };
  using cut = await makeStudy(searched, {
    stop,
    source: loadSource(searched, searched.runs, ended),
    prepare: layDown(searched),
    onEvent: (event) => {
      noteEnd(event);
      if (event.type === "run_finished" && event.run.index === 2) stop.request("SIGTERM");
    },
  });
  assert.deepEqual(ends(cut), ["1/completed", "2/completed"]);
  assert.equal(cut.end?.status, "interrupted");
  assert.deepEqual(cut.end?.totals, { total: 3, completed: 2, failed: 0, interrupted: 0, pending: 1 });

  const opened = openStudyFolder(cut.folder.path);
  const fold = new JournalFold();
  for (const event of opened.journal.events) fold.apply(event);
  const todo = opened.plan.runs.slice(2);
  using rest = await makeStudy(opened.plan, {
    fold,
    source: loadSource(opened.plan, todo, ended),
    prepare: (folder) => {
      layDown(searched)(folder);
      folder.write("journal.jsonl", cut.folder.read("journal.jsonl"));
    },
    onEvent: noteEnd,
  });
  // 1 and 2 kept the promise, 4 did not.
  assert.deepEqual(ends(rest), ["3/completed"]);
  assert.deepEqual(rest.end?.totals, { total: 3, completed: 3, failed: 0, interrupted: 0, pending: 0 });
  assert.equal(rest.end?.status, "completed");
});
