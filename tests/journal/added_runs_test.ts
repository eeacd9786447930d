import assert from "node:assert/strict";
import type { Run } from "../../lib/experiment/run.ts";
import { runsAdded, runsOf, withAdded } from "../../lib/journal/added_runs.ts";
import { JournalFold } from "../../lib/journal/fold.ts";
import { decodeLine, encodeLine } from "../../lib/journal/journal_line.ts";
import { makeManifest } from "../../lib/journal/manifest.ts";
import { ManifestWriter } from "../../lib/journal/manifest_writer.ts";
import { finished, opened, stamped, started } from "../support/events.ts";
import { FailingDisk } from "../support/failing_disk.ts";
import { configOf, planOf } from "../support/plans.ts";
import { TempFolder } from "../support/temp_folder.ts";

const plan = planOf([configOf(), configOf({ n: 2 })]);

/** Runs on top of those of the plan, in further cycles of its first experiment. */
function further(count: number, change: Partial<Run> = {}): Run[] {
  const [first] = plan.runs;
  assert.ok(first !== undefined);
  return Array.from({ length: count }, (_, offset): Run => ({
    ...first,
    index: plan.runs.length + 1 + offset,
    cycle: 2 + offset,
    ...change,
  }));
}

Deno.test("runsAdded() and runsOf() keep runs, each configuration once, through a line of the journal", () => {
  const runs = further(2);
  const [event, ...others] = runsAdded(runs);
  assert.ok(event !== undefined);
  assert.deepEqual(others, []);
  assert.equal(Object.keys(event.experiments).length, 1);
  const reading = decodeLine(encodeLine(event, "2026-01-01T00:00:00.000Z").slice(0, -1));
  assert.ok(reading.kind === "event" && reading.event.type === "runs_added");
  assert.deepEqual(runsOf(reading.event), runs);
  assert.deepEqual(runsAdded([]), []);
});

Deno.test("runsAdded() takes several lines where one would be long, and loses nothing", () => {
  const config = configOf({ params: { text: "x".repeat(3000) } });
  const runs = further(40, { config, config_hash: "0123456789abcdef" });
  const events = runsAdded(runs);
  assert.ok(events.length > 3);
  for (const event of events) assert.ok(encodeLine(event, "").length < 32_768);
  assert.deepEqual(events.flatMap(runsOf), runs);
  const long = further(1, { config: configOf({ params: { text: "x".repeat(50_000) } }) });
  assert.equal(runsAdded([...long, ...long]).length, 2);
});

Deno.test("runsOf() leaves out a run whose configuration is not there", () => {
  const [event] = runsAdded(further(2));
  assert.ok(event !== undefined);
  assert.deepEqual(runsOf({ ...event, experiments: {} }), []);
});

Deno.test("withAdded() takes each run once, whether or not the plan has it by now", () => {
  const added = further(2);
  const all = [...plan.runs, ...added];
  assert.deepEqual(withAdded(plan.runs, added), all);
  assert.deepEqual(withAdded(all, added), all);
  assert.deepEqual(withAdded(plan.runs, []), plan.runs);
});

Deno.test("ManifestWriter and makeManifest() count added runs, whenever they came", () => {
  using folder = new TempFolder();
  const [one, two] = plan.runs;
  const [three, four] = further(2);
  assert.ok(one !== undefined && two !== undefined && three !== undefined && four !== undefined);
  const events = stamped([
    opened(plan),
    started(one),
    finished(one),
    ...runsAdded([three]),
    started(three),
    finished(three, "crashed"),
    ...runsAdded([four]),
    started(two),
  ]);
  for (let known = 0; known <= events.length; known++) {
    const fold = new JournalFold();
    for (const event of events.slice(0, known)) fold.apply(event);
    const path = folder.at("manifest.json");
    const writer = new ManifestWriter(new FailingDisk(), path, plan, fold.state, (error) => {
      throw error;
    });
    for (const event of events.slice(known)) writer.update(fold.apply(event), fold.state);
    writer.write();
    const manifest = JSON.parse(folder.read("manifest.json"));
    assert.deepEqual(manifest, makeManifest(plan, fold.state));
    const { total_experiments, completed, failed, interrupted, pending, experiments } = manifest;
    assert.deepEqual([total_experiments, completed, failed, interrupted, pending], [4, 1, 1, 0, 2]);
    assert.deepEqual(experiments.map(({ index }: { index: number }) => index), [1, 2, 3, 4]);
  }
});
