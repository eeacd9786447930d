/** Studies that repeat until an interval is narrow, as users run them: a worker hands out values that are known. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { StampedEvent } from "../../lib/journal/event.ts";
import { decodeLine } from "../../lib/journal/journal_line.ts";
import type { Manifest } from "../../lib/journal/manifest.ts";
import type { Summary } from "../../lib/results/summary.ts";
import { lookAtWidth } from "../../lib/statistics/width_rule.ts";
import { Random } from "../support/random.ts";
import { sampled } from "../support/sampled.ts";
import { ended, llem, readJson, readManifest, Sandbox, start, until, WORKERS } from "./llem.ts";

/** So many values that scatter by a few percent about 10. */
function noisy(seed: number, scatter: number): string[] {
  const random = new Random(seed);
  return Array.from({ length: 24 }, () => (10 * (1 + scatter * (random.next() - 0.5))).toFixed(4));
}

function studyOf(
  tables: readonly (readonly string[])[],
  execution: Readonly<Record<string, unknown>>,
): string {
  return JSON.stringify({
    name: "until",
    backend: "command",
    model: "none",
    experiments: tables.map((values) => ({
      command: { argv: [join(WORKERS, "values.sh"), values.join(" ")] },
    })),
    execution: {
      until: { score: "2%" },
      min_cycles: 4,
      max_cycles: 20,
      cycle_order: "interleaved",
      ...execution,
    },
  });
}

const NOISY = [noisy(1, 0.06), noisy(2, 0.08)];

/** The cycle after which the rule ends by these values. */
function endOf(tables: readonly (readonly string[])[], first = 4, target = 0.02): number {
  const met = (cycle: number): boolean =>
    tables.every((values) => lookAtWidth(values.slice(0, cycle).map(Number), target, first).met);
  let cycle = first + 1;
  while (!(met(cycle - 1) && met(cycle))) cycle++;
  return cycle;
}

function eventsOf(dir: string): StampedEvent[] {
  const lines = Deno.readTextFileSync(join(dir, "journal.jsonl")).trimEnd().split("\n");
  return lines.flatMap((line) => {
    const reading = decodeLine(line);
    return reading.kind === "event" ? [reading.event] : [];
  });
}

/** Cycle and decision of every look. */
function looksOf(dir: string): string[] {
  return eventsOf(dir).flatMap((event) => event.type === "look" ? [`${event.cycle} ${event.decision}`] : []);
}

/** Place, configuration and cycle of every run that completed, by place. */
function completedIn({ experiments }: Manifest): string[] {
  return experiments.filter(({ status }) => status === "completed")
    .map(({ index, config_hash, cycle }) => `${index} ${config_hash} ${cycle}`);
}

function dirIn(box: Sandbox): string {
  const [entry] = [...Deno.readDirSync(join(box.dir, "out"))];
  return join(box.dir, "out", entry?.name ?? "");
}

/** The study again as a runner leaves it that dies after so many lines of the journal. */
function cutAfter(dir: string, lines: number): string {
  const copy = `${dir}-cut-${lines}`;
  new Deno.Command("cp", { args: ["-a", dir, copy] }).outputSync();
  const kept = Deno.readTextFileSync(join(copy, "journal.jsonl")).split("\n").slice(0, lines);
  Deno.writeTextFileSync(join(copy, "journal.jsonl"), `${kept.join("\n")}\n`);
  const made = new Set(kept.flatMap((line) => /"folder":"runs\/([^"]+)"/.exec(line)?.[1] ?? []));
  for (const { name } of [...Deno.readDirSync(join(copy, "runs"))]) {
    if (!made.has(name)) Deno.removeSync(join(copy, "runs", name), { recursive: true });
  }
  return copy;
}

Deno.test("a study repeats until every experiment is known well enough, and ends the same after a runner that died", async () => {
  using box = new Sandbox();
  const study = box.write("until.json", studyOf(NOISY, {}));
  const out = join(box.dir, "out");
  const { code, stdout, stderr } = await llem(["run", study, "-o", out, "--json"]);
  assert.equal(code, 0, stderr);
  const dir = dirIn(box);
  const end = endOf(NOISY);
  assert.ok(end > 6 && end < 20, String(end));
  const cycles = Array.from({ length: end - 3 }, (_, index) => index + 4);
  const looks = cycles.map((cycle) => `${cycle} ${cycle === end ? "met" : "continue"}`);
  assert.deepEqual(looksOf(dir), looks);
  const manifest = readManifest(dir);
  assert.deepEqual(
    [manifest.status, manifest.open_ended, manifest.n_cycles, manifest.total_experiments],
    ["completed", false, end, 2 * end],
  );
  const rows = stdout.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
  assert.deepEqual(
    [rows[0].total, rows[0].most_runs, rows[0].open_ended, rows.at(-1).total],
    [8, 40, true, 2 * end],
  );
  assert.deepEqual(
    rows.filter(({ event }) => event === "look").map(({ cycle, decision }) => `${cycle} ${decision}`),
    looks,
  );
  assert.match(stderr, new RegExp(`^score known to \\+-2 % after ${end} cycles$`, "m"));
  const summary = readJson<Summary>(join(dir, "summary.json"));
  assert.deepEqual([summary.n_cycles, summary.until?.look?.decision], [end, "met"]);
  assert.deepEqual(
    summary.rows.map((row) => row.until),
    [1, 2].map(() => ({
      score: { target: 0.02, n: end, width: 0.02, met: true },
    })),
  );

  const events = eventsOf(dir);
  const at = (type: StampedEvent["type"], nth: number): number =>
    events.flatMap((event, index) => event.type === type ? [index] : [])[nth] ?? 0;
  const moments = {
    "in the middle of a cycle": at("run_finished", 8) + 1,
    "between the last run of a cycle and the look": at("look", 1),
    "between a look and the runs that it asks for": at("runs_added", 0),
    "between those and the first of them": at("runs_added", 1) + 1,
    "before the last look": at("look", looks.length - 1),
    "after the last look": at("study_finished", 0),
  };
  const named = new Set(Object.values(moments));
  const others = events.map((_, index) => index + 1).filter((line) => !named.has(line));
  const cuts = [
    ...Object.entries(moments),
    ...sampled("other lines of a journal", others, 1).map((line) => [`after line ${line}`, line] as const),
  ];
  for (const [moment, lines] of cuts) {
    const cut = cutAfter(dir, lines);
    const resumed = await llem(["run", "--resume", cut, "-q"]);
    assert.equal(resumed.code, 0, `${moment}: ${resumed.stderr}`);
    assert.deepEqual(completedIn(readManifest(cut)), completedIn(manifest), moment);
    assert.deepEqual(looksOf(cut), looks, moment);
    assert.deepEqual([readManifest(cut).status, readManifest(cut).open_ended], ["completed", false], moment);
  }
});

Deno.test("a study whose runner is killed goes on to the same end", async () => {
  using box = new Sandbox();
  const study = box.write("until.json", studyOf(NOISY, { retry_backoff_seconds: 0 }));
  const child = start(["run", study, "-o", join(box.dir, "out"), "--json"]);
  await until("the study directory", () => [...Deno.readDirSync(join(box.dir, "out"))].length > 0);
  const journal = join(dirIn(box), "journal.jsonl");
  await until("a look", () => Deno.readTextFileSync(journal).includes('"type":"look"'));
  child.kill("SIGKILL");
  await ended(child);
  const { code, stderr } = await llem(["run", study, "-o", join(box.dir, "out"), "--resume", "-q"]);
  assert.equal(code, 0, stderr);
  const manifest = readManifest(dirIn(box));
  assert.deepEqual([manifest.n_cycles, manifest.completed], [endOf(NOISY), 2 * endOf(NOISY)]);
  assert.equal(looksOf(dirIn(box)).at(-1), `${endOf(NOISY)} met`);
});

Deno.test("a study ends at its most cycles, says how many more would do, and goes on with more", async () => {
  using box = new Sandbox();
  const end = endOf(NOISY);
  const study = box.write("until.json", studyOf(NOISY, { max_cycles: 5 }));
  const out = join(box.dir, "out");
  const first = await llem(["run", study, "-o", out]);
  assert.equal(first.code, 0, first.stderr);
  assert.match(
    first.stderr,
    /^not reached after 5 cycles: score of .* is known to \+-\S+ %, not \+-2 %, about \d+ more cycles would do$/m,
  );
  const dir = dirIn(box);
  assert.deepEqual([readManifest(dir).status, readManifest(dir).open_ended], ["completed", false]);
  const refused = await llem(["run", "--resume", dir, "--max-cycles", "4"]);
  assert.deepEqual([refused.code, /greater than the study's min_cycles \(4\)/.test(refused.stderr)], [
    2,
    true,
  ]);
  const nothing = await llem(["run", "--resume", dir]);
  assert.match(nothing.stderr, /nothing is left to do/);
  const more = await llem(["run", "--resume", dir, "--max-cycles", "20", "-q"]);
  assert.equal(more.code, 0, more.stderr);
  assert.deepEqual([looksOf(dir)[1], looksOf(dir)[2], looksOf(dir).at(-1)], [
    "5 max_cycles",
    "5 continue",
    `${end} met`,
  ]);
  const { plan } = readJson<{ plan: { execution: { max_cycles: number } } }>(join(dir, "plan.json"));
  assert.equal(plan.execution.max_cycles, 20);
});

Deno.test("an experiment that always fails is left out, one that fails once is repeated by --retry-failed", async () => {
  using box = new Sandbox();
  const even = Array.from({ length: 20 }, (_, index) => index % 2 === 0 ? "10" : "10.01");
  const tables = [even, ["fail"], ["none"]];
  const study = box.write("until.json", studyOf(tables, {}));
  const out = join(box.dir, "out");
  const { code, stderr } = await llem(["run", study, "-o", out]);
  assert.equal(code, 1, stderr);
  assert.match(stderr, /^score known to \+-2 % after 5 cycles; not looked at: .*for score .*and 1 other$/m);
  const look = eventsOf(dirIn(box)).findLast((event) => event.type === "look");
  assert.ok(look?.type === "look");
  assert.deepEqual(look.left_out.map(({ reason }) => reason), ["failed", "no_value"]);
  // Four of its runs failed, and none was added.
  assert.deepEqual([readManifest(dirIn(box)).failed, readManifest(dirIn(box)).total_experiments], [4, 14]);

  const retried = await llem(["run", "--resume", dirIn(box), "--retry-failed", "-q"]);
  assert.equal(retried.code, 1);
  assert.deepEqual(looksOf(dirIn(box)), ["4 continue", "5 met", "5 met"]);

  const none = box.write("none.json", studyOf([["none"]], {}).replace('"until"', '"nothing"'));
  const empty = await llem(["run", none, "-o", join(box.dir, "none")]);
  assert.match(
    empty.stderr,
    /^the study ends after 4 cycles: no experiment is left .*\(fewer than half .* gave it\)$/m,
  );
});

Deno.test("a time budget ends a study at the end of a cycle, complete", async () => {
  using box = new Sandbox();
  const wild = Array.from({ length: 20 }, (_, index) => String(index + 1));
  const study = box.write("until.json", studyOf([wild], { time_budget_seconds: 0.001 }));
  const { code, stderr } = await llem(["run", study, "-o", join(box.dir, "out")]);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^not reached after 4 cycles \(execution\.time_budget_seconds\): score is known to/m);
  assert.deepEqual(looksOf(dirIn(box)), ["4 time_budget"]);
  assert.equal(readManifest(dirIn(box)).status, "completed");
});
