import assert from "node:assert/strict";
import { join } from "node:path";
import { libc } from "../../lib/base/libc.ts";
import { runKey } from "../../lib/experiment/run.ts";
import { withoutMissing } from "../../lib/archive/missing_results.ts";
import { openStudy } from "../../lib/archive/open_study.ts";
import { readStudy } from "../../lib/archive/read_study.ts";
import { findRunner } from "../../lib/archive/runner_presence.ts";
import { otherAgentsRuns } from "../../lib/archive/shared/other_agents_runs.ts";
import { monotonicNs } from "../../lib/base/clock.ts";
import { type Agent, thisAgent, writeAgent } from "../../lib/cluster/agents.ts";
import type { JournalEvent } from "../../lib/journal/event.ts";
import { encodeLine } from "../../lib/journal/journal_line.ts";
import { finished, starting } from "../support/events.ts";
import { configOf, planOf } from "../support/plans.ts";
import { agentsAtWork } from "../../lib/archive/shared/agents_at_work.ts";
import { studyHead } from "../../lib/archive/study_head.ts";
import { makeManifest } from "../../lib/journal/manifest.ts";
import { sized } from "../support/sampled.ts";
import { shareOut } from "../support/shared_study.ts";
import { syntheticStudy } from "../support/synthetic_study.ts";
import { TempFolder } from "../support/temp_folder.ts";

// Loaded once, not in the middle of a test.
libc();

Deno.test("a study that agents made together reads as the one that a single llem made", () => {
  using folder = new TempFolder();
  const wish = {
    experiments: 4,
    cycles: 3,
    failed: (index: number) => index === 5,
    retried: (index: number) => index === 7,
  };
  const dir = syntheticStudy(folder.path, wish);
  const alone = readStudy(dir);
  const manifest = makeManifest(openStudy(dir).plan, openStudy(dir).state);
  shareOut(dir, 3);
  const shared = readStudy(dir);
  const { runner: _, ...rest } = alone;
  const { runner, ...found } = shared;
  assert.equal(runner.alive, false);
  // It is over with its last run: nobody has to be left to say so.
  assert.deepEqual({ ...found, ended_at: null }, { ...rest, ended_at: null });
  const { plan, state } = openStudy(dir);
  assert.deepEqual(
    { ...makeManifest(plan, state), completed_at: null },
    { ...manifest, completed_at: null },
  );
  assert.equal(studyHead(dir, { results: 100 }).completed, 11);
});

Deno.test("a damaged journal of an agent is told, and its runs are known by their ends", () => {
  using folder = new TempFolder();
  const dir = syntheticStudy(folder.path, { experiments: 4, cycles: 3 });
  const [first = "", second = ""] = shareOut(dir, 3);
  const path = join(dir, "journals", `${first}.jsonl`);
  Deno.writeTextFileSync(path, Deno.readTextFileSync(path).replace('"run_finished"', '"run_fi'));
  Deno.removeSync(join(dir, "journals", `${second}.jsonl`));
  const study = openStudy(dir);
  assert.deepEqual(
    study.others.map(({ trouble }) => trouble?.startsWith(`${path}: The journal is damaged`) ?? null),
    [true, null],
  );
  assert.equal(study.state.status, "completed");
  assert.equal([...study.state.entries.values()].filter(({ status }) => status === "completed").length, 12);
  // Without its end, a run of a journal that is gone has to be made again.
  const [run] = study.plan.runs.filter(({ index }) => index % 3 === 1);
  assert.ok(run !== undefined);
  Deno.removeSync(join(dir, "ends", `${run.config_hash}-c${run.cycle}`));
  const { state } = openStudy(dir);
  assert.equal(state.entries.get(runKey(run)), undefined);
  assert.equal(state.status, "interrupted");
});

Deno.test("status of many runs of 20 agents takes little more than that of one runner", () => {
  using folder = new TempFolder();
  const experiments = sized(500, 100);
  const dir = syntheticStudy(folder.path, { experiments, cycles: 4 });
  const look = (): number => {
    const beganMs = performance.now();
    const { plan, state, others } = openStudy(dir);
    findRunner(dir);
    agentsAtWork(dir, others);
    const { completed } = makeManifest(plan, withoutMissing(dir, state));
    assert.equal(completed, 4 * experiments);
    return performance.now() - beganMs;
  };
  const best = (): number => Math.min(look(), look(), look());
  const aloneMs = best();
  shareOut(dir, 20);
  const sharedMs = best();
  console.log(`alone ${aloneMs.toFixed(0)} ms, 20 agents ${sharedMs.toFixed(0)} ms`);
  assert.ok(sharedMs < 3 * aloneMs + 100, `${sharedMs} ms against ${aloneMs} ms`);
});

Deno.test("what other agents run on this machine is known by their journals; of a lost one until its last sign of life", () => {
  using folder = new TempFolder();
  const plan = planOf([configOf()], { n_cycles: 3 });
  const own = thisAgent({}, "0.1.0");
  for (const name of ["agents", "beats", "journals"]) Deno.mkdirSync(folder.at(name));
  const add = (agent: Agent, events: readonly [JournalEvent, string][], state: string): void => {
    writeAgent(folder.path, agent);
    folder.write(`beats/${agent.agent}`, JSON.stringify({ count: 1, state }));
    const lines = events.map(([event, at]) => encodeLine(event, at));
    folder.write(`journals/${agent.agent}.jsonl`, lines.join(""));
  };
  const [first, second, third] = plan.runs;
  assert.ok(first !== undefined && second !== undefined && third !== undefined);
  const at = (secondsAgo: number): string => new Date(Date.now() - secondsAgo * 1000).toISOString();
  add(own, [[starting(first), at(9)]], "working");
  const ended = { ...finished(second), completed_at: at(5) };
  const alive = { ...own, agent: "alive" };
  add(alive, [[starting(second), at(8)], [ended, at(5)], [starting(third), at(2)]], "working");
  add({ ...own, agent: "other-machine", boot_id: "another" }, [[starting(first), at(3)]], "working");
  add({ ...own, agent: "dead", start_ticks: 1 }, [[starting(first), at(100)]], "working");
  Deno.utimeSync(folder.at("beats/dead"), Date.now() / 1000 - 60, Date.now() / 1000 - 60);
  const nowNs = Number(monotonicNs());
  const found = otherAgentsRuns(folder.path, own).map(({ agent, run_id, begin_ns, end_ns }) => [
    agent,
    run_id,
    ...[begin_ns, end_ns].map((ns) => Math.round(Math.abs(nowNs - ns) / 1e9)),
  ]);
  assert.deepEqual(found, [
    ["alive", "run-2-a1", 8, 5],
    ["alive", "run-3-a1", 2, 0],
    ["dead", "run-1-a1", 100, 60],
  ]);
});
