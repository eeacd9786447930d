import assert from "node:assert/strict";
import { foldJournal } from "../../lib/journal/fold.ts";
import { makeManifest, type Manifest } from "../../lib/journal/manifest.ts";
import type { RunnerPresence } from "../../lib/archive/runner_presence.ts";
import { statusRecord } from "../../lib/report/status_record.ts";
import { statusText } from "../../lib/report/status_text.ts";
import { closed, finished, opened, stamped, started, starting } from "../support/events.ts";
import { configOf, planOf } from "../support/plans.ts";

const plan = planOf([configOf({ n: 1 }), configOf({ n: 2 }), configOf({ n: 3 }), configOf({ n: 4 })]);
const [one, two, three] = plan.runs;
if (one === undefined || two === undefined || three === undefined) throw new Error("The plan is empty");
const AT = { now: "2026-01-01T00:01:10.000Z", dir: "/out/s" };
const alive: RunnerPresence = { alive: true, host: "here", pid: 42 };
const gone: RunnerPresence = { alive: false, host: null, pid: null };
const away: RunnerPresence = { alive: null, host: "node7", pid: 9 };

function manifestOf(events: Parameters<typeof stamped>[0], change: Partial<Manifest> = {}): Manifest {
  return { ...makeManifest(plan, foldJournal(stamped(events))), ...change };
}

const busy = [
  opened(plan),
  started(one),
  finished(one),
  started(two),
  finished(two, "timed_out"),
  started(three),
];

Deno.test("statusText() says what is done, what runs and what failed", () => {
  const cases: readonly (readonly [manifest: Manifest, runner: RunnerPresence, lines: readonly string[]])[] =
    [
      [manifestOf([]), gone, [
        "test: stopped unexpectedly (resume with: llem run --resume /out/s), 0 of 4 runs completed, 4 left",
      ]],
      [manifestOf(busy), alive, [
        "test: running (pid 42), 1 of 4 runs completed, 1 failed, 2 left",
        "  now: run 3 command / none / bf16 cycle 1, for 1m 05s",
        "  timed_out: run 2 command / none / bf16 cycle 1: it was timed_out",
        "  causes and log ends of failed runs: llem show /out/s --failed",
      ]],
      [manifestOf(busy), away, [
        "test: running on node7 (pid 9) according to its lock, 1 of 4 runs completed, 1 failed, 2 left",
        "  now: run 3 command / none / bf16 cycle 1, for 1m 05s",
        "  timed_out: run 2 command / none / bf16 cycle 1: it was timed_out",
        "  causes and log ends of failed runs: llem show /out/s --failed",
      ]],
      [manifestOf(busy), gone, [
        "test: stopped unexpectedly (resume with: llem run --resume /out/s), 1 of 4 runs completed, 1 failed, 2 left",
        "  timed_out: run 2 command / none / bf16 cycle 1: it was timed_out",
        "  causes and log ends of failed runs: llem show /out/s --failed",
      ]],
      [manifestOf([opened(plan), ...plan.runs.map((run) => finished(run)), closed("completed")]), gone, [
        "test: completed, 4 of 4 runs completed",
      ]],
      [
        manifestOf([opened(plan), finished(one, "interrupted"), closed("interrupted")], { study_name: null }),
        gone,
        [
          "study: interrupted, 0 of 4 runs completed, 1 interrupted, 3 left",
        ],
      ],
    ];
  for (const [manifest, runner, lines] of cases) {
    assert.equal(statusText(manifest, runner, AT), lines.map((line) => `${line}\n`).join(""));
  }
});

Deno.test("statusText() names twenty failures and counts the rest", () => {
  const many = planOf(Array.from({ length: 30 }, (_, index) => configOf({ n: index + 1 })));
  const events = [opened(many), ...many.runs.map((run) => finished(run, "crashed"))];
  const lines = statusText(makeManifest(many, foldJournal(stamped(events))), gone, AT).trimEnd().split("\n");
  assert.equal(lines.length, 23);
  assert.equal(lines.at(-2), "  and 10 more failed");
});

Deno.test("statusText() lets no control character through", () => {
  const nasty = "\x1b[31m\x07\r";
  const events = [
    opened(plan),
    { ...finished(one, "failed"), error_message: nasty.repeat(200) },
    started(two),
  ];
  const manifest = manifestOf(events, { study_name: nasty });
  const text = statusText(manifest, { ...away, host: nasty }, AT);
  assert.doesNotMatch(text.replaceAll("\n", ""), /\p{Cc}/u);
  assert.equal(text.split("\n").length, 5);
});

Deno.test("statusRecord() gives every run the values that tell it from the others", () => {
  const record = statusRecord(manifestOf(busy), plan, alive);
  assert.equal(record.study_name, "test");
  assert.deepEqual(record.experiments.map(({ varied }) => varied), [{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }]);
  assert.deepEqual(record.running.map(({ index, varied }) => [index, varied]), [[3, { n: 3 }]]);
  assert.deepEqual(statusRecord(manifestOf(busy), plan, gone).running, []);
  const text = statusText(record, alive, AT);
  assert.match(text, /^ {2}now: run 3 n=3 cycle 1, for/m);
  assert.match(text, /^ {2}timed_out: run 2 n=2 cycle 1: /m);
});

Deno.test("statusText() says on which boards runs are, by the numbers of nvidia-smi where these are known", () => {
  const placed = (slot: number, ...devices: string[]) => ({ placed: { chain: "c1", slot, devices } });
  const events = [
    opened(plan),
    { ...starting(one), ...placed(3, "GPU-d") },
    { ...starting(two), ...placed(0, "GPU-a", "GPU-b") },
    { ...starting(three), ...placed(0) },
  ];
  const manifest = manifestOf(events);
  const boards = new Map([["GPU-a", 0], ["GPU-b", 1], ["GPU-d", 3]]);
  const lines = (known: ReadonlyMap<string, number>) =>
    statusText(manifest, alive, { ...AT, boards: known }).split("\n").slice(1, 4)
      .map((line) => line.replace(/^.*cycle 1, /, ""));
  assert.deepEqual(lines(boards), ["for 1m 09s, on GPU 3", "for 1m 08s, on GPU 0-1", "for 1m 07s"]);
  assert.deepEqual(lines(new Map())[1], "for 1m 08s, on GPU-a, GPU-b");
  assert.deepEqual(statusRecord(manifest, plan, alive).running.map((run) => run.placed?.devices), [
    ["GPU-d"],
    ["GPU-a", "GPU-b"],
    [],
  ]);
});
