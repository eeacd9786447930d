/** One configuration over many studies: real ones, made night after night by a worker whose number the test decides. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { History } from "../../lib/results/history/history.ts";
import { near } from "../statistics/worked.ts";
import { type Ended, llem, Sandbox, WORKERS } from "./llem.ts";

/** Joules a token, as the worked example of a prediction interval has them. */
const WORKED = [0.2310, 0.2321, 0.2298, 0.2335, 0.2316, 0.2307, 0.2329, 0.2312];

/** A folder of studies of one configuration, whose worker reads its number from a file. */
class Nights extends Sandbox {
  readonly #study = this.write(
    "nightly.yaml",
    JSON.stringify({
      name: "nightly",
      backend: "command",
      model: "none",
      command: { argv: ["sh", "-c", `exec sh ${WORKERS}/values.sh "$(cat ${this.dir}/value)"`] },
      execution: { n_cycles: 1 },
    }),
  );

  get root(): string {
    return join(this.dir, "out");
  }

  /** Runs a study whose worker gives this value. */
  async night(value: number): Promise<string> {
    this.write("value", String(value));
    const { code, stdout, stderr } = await llem(["run", this.#study, "-o", this.root, "--json"]);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout.split("\n")[0] ?? "").study_dir;
  }

  /** The history of the worker's number. */
  history(args: readonly string[] = [], metric = "score:less"): Promise<Ended> {
    return llem(["history", this.root, "--metric", metric, ...args]);
  }
}

async function jsonOf(nights: Nights): Promise<History> {
  const { code, stdout, stderr } = await nights.history(["--json"]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

Deno.test("llem history predicts the next study from eight, and raises an alarm on two in a row", async () => {
  using nights = new Nights();
  const dirs: string[] = [];
  for (const value of WORKED) dirs.push(await nights.night(value));
  const early = await nights.history(["--gate"]);
  assert.equal(early.code, 3, "eight studies: the eighth has seven before it");
  assert.match(early.stdout, /8 studies with score\. What to expect of the next one takes 8 earlier ones\./);

  dirs.push(await nights.night(0.2300));
  const [configuration] = (await jsonOf(nights)).configurations;
  const points = configuration?.metrics[0]?.points ?? [];
  assert.deepEqual(points.map(({ study_dir }) => study_dir), dirs, "from the oldest on");
  assert.deepEqual(points.map(({ value }) => value), [...WORKED, 0.23]);
  near(points[8]?.expected?.low, 0.2286026399);
  near(points[8]?.expected?.high, 0.2346311305);
  assert.equal((await nights.history(["--gate"])).code, 0);

  await nights.night(0.2450);
  const once = await nights.history(["--gate"]);
  assert.equal(once.code, 0, "one study outside is no alarm");
  assert.match(once.stdout, /not clear yet/);

  await nights.night(0.2460);
  const page = join(nights.dir, "history.html");
  const alarm = await nights.history(["--gate", "--html", page]);
  assert.match(Deno.readTextFileSync(page), /<svg[^]*worse[^]*<\/svg>/);
  assert.match(alarm.stderr, /^llem: report: .*history\.html \(/);
  assert.equal((await nights.history(["--html", "/proc/none/history.html"])).code, 4);
  assert.equal((await nights.history(["--html", nights.dir])).code, 2);
  assert.equal(alarm.code, 1);
  assert.match(
    alarm.stdout,
    /^none, command.*: worse\. The score of each of the newest two studies is above/,
  );
  assert.equal((await nights.history()).code, 0, "an answer, without --gate");
  assert.equal((await nights.history(["--gate"], "score:more")).code, 0, "where more is better");
  const blind = await nights.history(["--gate"], "score");
  assert.equal(blind.code, 2);
  assert.match(blind.stderr, /score:less or score:more/);
  const recent = await nights.history(["--gate", "--last", "3"]);
  assert.equal(recent.code, 3);
  assert.match(recent.stdout, /8 older studies are left out/);

  // A result that is gone, a study that is cut off, one of another machine: each is told, and none counts.
  const [gone = "", cut = "", other = ""] = dirs;
  const run = [...Deno.readDirSync(join(gone, "runs"))][0]?.name ?? "";
  Deno.removeSync(join(gone, "runs", run, "result.json"));
  Deno.writeTextFileSync(join(cut, "plan.json"), "{");
  Deno.removeSync(join(cut, "manifest.json"));
  const environment = JSON.parse(Deno.readTextFileSync(join(other, "environment.json")));
  Deno.writeTextFileSync(
    join(other, "environment.json"),
    JSON.stringify({ ...environment, cpu_model: "another", memory_bytes: 1 }),
  );
  const told = await nights.history();
  assert.match(told.stdout, /1 study of another machine is left out/);
  assert.match(told.stdout, /1 completed run is left out: the result is missing or damaged/);
  assert.match(told.stdout, /1 study cannot be read/);
  const csv = await nights.history(["--csv"]);
  assert.equal(csv.stdout.trimEnd().split("\r\n").length, 1 + 11 - 3);
});
