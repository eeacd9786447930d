/** `llem compare` on studies that were run: a worker hands out tables of values, so that every number is known. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { readStudy } from "../../lib/archive/read_study.ts";
import { exists } from "../../lib/base/files.ts";
import { plotFront } from "../../lib/report/html/charts/front.ts";
import { type PlotRow, plotRows, runReader } from "../../lib/report/html/charts/rows.ts";
import type { NullAlarms } from "../../lib/results/compare/null_alarms.ts";
import type { ComparedRow, StudyComparison } from "../../lib/results/compare/study_comparison.ts";
import { JOULES_A, JOULES_B, JOULES_C, JOULES_D, near } from "../statistics/worked.ts";
import "../support/libc.ts";
import { testWith } from "../support/needs.ts";
import { Random } from "../support/random.ts";
import { SLOW } from "../support/sampled.ts";
import { type Ended, llem, ran, Sandbox, WORKERS } from "./llem.ts";

type Table = Readonly<Record<string, readonly (number | string)[]>>;

const NO_HEADER: Table = {};

/** Runs a study whose settings have these values by cycle, and returns its directory. */
async function study(box: Sandbox, name: string, table: Table, more: Table = NO_HEADER): Promise<string> {
  const lines = Object.entries({ ...table, ...more }).map(([word, values]) =>
    `${word} ${values.join(" ")}\n`
  );
  const path = box.write("table.txt", lines.join(""));
  const text = JSON.stringify({
    name,
    backend: "command",
    model: "none",
    command: { argv: [join(WORKERS, "table.sh"), path] },
    sweep: { "params.setting": Object.keys(table) },
    execution: { n_cycles: Object.values(table)[0]?.length ?? 1, cycle_order: "interleaved" },
  });
  return (await box.run(box.write(`${name}.json`, text))).dir;
}

const BY_SCORE = ["--metric", "score:less"];

async function compared(...args: readonly string[]): Promise<{ end: Ended; found: StudyComparison }> {
  const end = await llem(["compare", ...args, ...BY_SCORE, "--json"]);
  return { end, found: JSON.parse(end.stdout) };
}

function assertRow(row: ComparedRow | undefined, verdict: string, numbers: readonly number[]): void {
  const found = [row?.ratio, ...row?.ci95 ?? [], ...numbers.length > 3 ? [row?.p] : []];
  numbers.forEach((number, index) => near(found[index], number, index === 3 ? 1e-6 : undefined));
  assert.equal(row?.verdict, verdict);
}

Deno.test("a study whose settings trade one metric for another has the worked front, by means and for sure", async () => {
  using box = new Sandbox();
  const both = (joules: readonly number[], rates: readonly number[]): string[] =>
    joules.map((value, index) => `${value}/${rates[index]}`);
  const dir = await study(box, "e5", {
    A: both(JOULES_A, [500, 498, 503, 501, 499]),
    C: both(JOULES_C, [620, 615, 624, 619, 621]),
    E: both([0.2085, 0.2120, 0.2128, 0.2095, 0.2140], [618, 626, 617, 622, 620]),
    F: both([0.2600, 0.2590, 0.2620, 0.2610, 0.2605], [640, 636, 643, 641, 638]),
  });
  const tables = [readStudy(dir)];
  const { by_means, confident } = plotFront(
    plotRows(tables),
    [{ metric: "score", better: "less" }, { metric: "rate", better: "more" }],
    runReader(tables),
  );
  const names = (rows: Iterable<PlotRow>): string[] => [...rows].map(({ name }) => name).sort();
  assert.deepEqual(names(by_means), ["setting=E", "setting=F"]);
  assert.deepEqual(names(confident ?? []), ["setting=C", "setting=E", "setting=F"]);
  const both_ways = JSON.parse(
    (await llem(
      ["compare", dir, "--metric", "score:less", "--metric", "rate:more", "--json"],
    )).stdout,
  ) as StudyComparison;
  assert.deepEqual(
    both_ways.rows.map(({ varied, metric, verdict }) => `${varied["params.setting"]} ${metric} ${verdict}`),
    [
      "C score better",
      "C rate better",
      "E score better",
      "E rate better",
      "F score worse",
      "F rate better",
    ],
  );
});

Deno.test("compare gives the worked numbers of studies that were run, to ten digits", async () => {
  using box = new Sandbox();
  const e1 = await study(box, "e1", { A: JOULES_A, B: JOULES_B });
  const paired = (await compared(e1)).found;
  assertRow(paired.rows[0], "better", [0.9679034531, 0.9624521124, 0.9733856703, 8.841306e-5]);
  assertRow((await compared(e1, "--margin", "5%")).found.rows[0], "same", [0.9679034531]);

  const [base, next] = [await study(box, "base", { A: JOULES_A }), await study(box, "next", { A: JOULES_B })];
  const welch = (await compared(base, next)).found;
  assertRow(welch.rows[0], "better", [0.9679034531, 0.9590693356, 0.9768189429, 4.203465e-5]);
  assert.equal(welch.design, "unpaired");

  const drifting = { A: [100, 103, 106, 109, 112], B: [98.2, 100.7, 104.1, 106.6, 110.0] };
  const e2 = (await compared(await study(box, "e2", drifting))).found;
  assertRow(e2.rows[0], "better", [0.9803717616, 0.9774825058, 0.9832695574]);
  assert.match(e2.notes.join(), /drifts/);

  const e3 =
    (await compared(await study(box, "e3", { A: JOULES_A, B: JOULES_B, C: JOULES_C, D: JOULES_D }))).found;
  assertRow(e3.rows[0], "better", [0.9679034531, 0.9625867484, 0.9732495238]);
  assertRow(e3.rows[2], "same", [0.9955970023, 0.9901281766, 1.0010960342, 0.1064245433]);
  assert.deepEqual(e3.pooled_df, { score: 12 });

  const e4 = await compared(
    await study(box, "e4", { A: [100, 104, 97, 101], B: [101, 106, 103, 99] }),
    "--strict",
  );
  assertRow(e4.found.rows[0], "undecided", [1.0174036767, 0.9653095346, 1.0723091446]);
  assert.ok((e4.found.rows[0]?.n_needed ?? 0) > 4);
  assert.equal(e4.end.code, 6);
});

Deno.test("a true +10 % in one of ten settings is found with 5 cycles, and nothing else is", async () => {
  using box = new Sandbox();
  const random = new Random(11);
  const noise = (): number =>
    Math.exp(0.02 * Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next()));
  const rows = Array.from({ length: 10 }, (_, row): [string, number[]] => [
    `row${row}`,
    Array.from({ length: 5 }, () => (row === 6 ? 110 : 100) * noise()),
  ]);
  const { end, found } = await compared(await study(box, "ten", Object.fromEntries(rows)), "--gate");
  assert.equal(end.code, 1);
  assert.deepEqual(
    found.rows.filter(({ verdict }) => verdict === "worse" || verdict === "better").map((
      { varied, verdict },
    ) => [
      varied["params.setting"],
      verdict,
    ]),
    [["row6", "worse"]],
  );
});

Deno.test("a gate tells worse, undecided, not comparable and a refusal apart, and names what differs", async () => {
  using box = new Sandbox();
  const table = { A: JOULES_A, B: [...JOULES_B, "fail"].slice(0, 5) };
  const base = await study(box, "base", table, { output: ["one"] });
  const same = await study(box, "same", table, { output: ["one"] });
  const slow = await study(box, "slow", { A: JOULES_A.map((value) => value * 1.1), B: JOULES_B });
  const upgraded = await study(box, "upgraded", table, { version: ["2"] });
  const gate = async (...args: readonly string[]): Promise<Ended> => {
    return await llem(["compare", ...args, ...BY_SCORE, "--gate"]);
  };
  const equal = await gate(base, same);
  assert.equal(equal.code, 0, equal.stdout);
  assert.match(equal.stdout, /^same_\S+ and base_\S+ are the same within 2 % in score, in both rows\.\n/);
  const worse = await gate(base, slow);
  assert.equal(worse.code, 1, worse.stdout);
  assert.match(
    worse.stdout,
    /^1 of 2 rows is worse in slow_\S+ than in base_\S+ by score \(1 [a-z ]+\); largest change: setting=A, 10 % higher \[/,
  );
  assert.equal(
    (await llem(["compare", base, slow, ...BY_SCORE])).code,
    0,
    "without a gate there is an answer",
  );
  assert.equal((await gate(base, slow, "--margins", box.write("m.yaml", "score: 20%\n"))).code, 0);

  const refused = await llem(["compare", base, upgraded, ...BY_SCORE]);
  assert.equal(refused.code, 3);
  assert.match(
    refused.stdout,
    /Not comparable: engine differs \(fixture 1 against fixture 2\)\. --allow "engine"/,
  );
  assert.equal((await gate(base, upgraded, "--allow", "engine")).code, 0);
  assert.equal((await gate(base, upgraded, "--allow", "engine", "--allow", "parallel")).code, 0);

  const [run] = [...Deno.readDirSync(join(slow, "runs"))].map(({ name }) => name).sort();
  const without = await llem([
    "compare",
    base,
    slow,
    ...BY_SCORE,
    "--without",
    `${slow}/${run}=a backup ran`,
  ]);
  assert.match(without.stdout, /With the runs that were left out:/);
  assert.match(without.stdout, /a backup ran/);
  assert.match(without.stdout, /setting=A +score +5\/4 /);

  const md = join(box.dir, "out.md");
  assert.equal((await gate(base, slow, "--md", "-o", md)).code, 1);
  assert.match(Deno.readTextFileSync(md), /^\*\*1 of 2 rows is worse/);
  // A link stays one, and what it leads to is replaced.
  const link = join(box.dir, "link.md");
  Deno.symlinkSync(md, link);
  await gate(base, slow, "--csv", "-o", link);
  assert.ok(Deno.lstatSync(link).isSymlink);
  assert.match(Deno.readTextFileSync(md), /^study,/);
  const dashed = await llem(["compare", base, slow, ...BY_SCORE, "-o", "-"], { cwd: box.dir });
  assert.equal(dashed.stdout, (await llem(["compare", base, slow, ...BY_SCORE])).stdout);
  assert.ok(!exists(join(box.dir, "-")));
  const mistakes: readonly (readonly [args: readonly string[], code: number, told: RegExp])[] = [
    [["-o", "/proc/out.md"], 4, /Cannot save the output \/proc\/out\.md/],
    [["-o", box.dir], 2, /is a folder; name a file in it/],
    [["--html", box.dir], 2, /is a folder; name a file in it/],
    [["--html", "-"], 2, /llem report -o -/],
  ];
  for (const [args, code, told] of mistakes) {
    const ended = await gate(base, slow, ...args);
    assert.equal(ended.code, code, ended.stderr);
    assert.match(ended.stderr, told);
  }
});

Deno.test("compare says what is wrong with what it is given", async () => {
  using box = new Sandbox();
  const one = await study(box, "one", { A: [1, 2, 3] });
  const failed = await study(box, "failed", { A: ["fail", "fail"], B: ["fail", "fail"] });
  const some = await study(box, "some", {
    A: [1, 1.01, 0.99, 1],
    B: ["fail", 2, "fail", 2.01],
    C: [2, 2.02, 1.98, 2],
  });
  const said = async (code: number, ...args: readonly string[]): Promise<string> => {
    const { code: found, stdout, stderr } = await llem(["compare", ...args]);
    assert.equal(found, code, stdout + stderr);
    return stdout + stderr;
  };
  assert.match(await said(2, join(box.dir, "nowhere")), /nowhere/);
  assert.match(await said(2, join(box.dir, "out")), /one_/);
  assert.match(await said(3, one), /one_.* has one configuration: there is nothing to compare it with/);
  assert.match(await said(3, failed), /^None of 4 runs of failed_.* completed/);
  const mixed = await said(0, some, ...BY_SCORE);
  assert.match(mixed, /setting=B, score: 2 and 2 runs have it; 3 of each are needed/);
  assert.match(mixed, /10 of 12 runs completed; only those are compared/);
  await said(3, some, "--metric", "score:more", "--gate");
  await said(1, some, ...BY_SCORE, "--gate");
  assert.match(await said(2, some, "--baseline", "Z"), /params.setting=A, B, C/);
  assert.match(await said(2, some, one, "--by", "setting"), /several are named/);
  assert.match(await said(3, some, ...BY_SCORE, "--null"), /6 completed cycles/);
});

/** Settings that only differ in the seed of what is drawn, run by this machine. */
async function aa(box: Sandbox, cycles: number): Promise<string> {
  const words =
    "run -m tiny-random --set random_seed=1,2 --prompts 4 --output-len 64 --order interleaved --json";
  const end = ran(await llem([...words.split(" "), "--cycles", String(cycles), "-o", join(box.dir, "out")]));
  assert.equal(end.code, 0, end.stderr);
  return end.dir;
}

Deno.test("two equal settings on this machine are not worse", async () => {
  using box = new Sandbox();
  const dir = await aa(box, 6);
  // Of a machine that is busy with other tests the gate must be all the more certain.
  const end = await llem(["compare", dir, "--gate", "--confidence", "99.9", "--json"]);
  const found: StudyComparison = JSON.parse(end.stdout);
  assert.equal(end.code, 0, end.stdout);
  assert.ok(!found.rows.some(({ verdict }) => verdict === "worse"));
  const none: NullAlarms = JSON.parse((await llem(["compare", dir, "--null", "--json"])).stdout);
  assert.equal(none.comparisons, 20);
});

testWith([SLOW], "an A/A study of 20 cycles on this machine is not worse", async () => {
  using box = new Sandbox();
  const end = await llem(["compare", await aa(box, 20), "--gate", "--confidence", "99"]);
  assert.equal(end.code, 0, end.stdout);
});
