/** A study from its file to its directory: order, records, the files, and what the other commands make of them. */
import assert from "node:assert/strict";
import { basename, join } from "node:path";
import type { Summary, SummaryRow } from "../../lib/results/summary.ts";
import { ggufFile } from "../support/gguf.ts";
import { assertInTime, type Span } from "../support/control.ts";
import {
  LLEM,
  llem,
  type Ran,
  ran,
  readJson,
  readManifest,
  readResult,
  records,
  ROOT,
  runFolder,
  Sandbox,
  until,
  WORKERS,
} from "./llem.ts";

/** Two experiments, told apart by params.name, as a command study. */
function twoByTwo(box: Sandbox, order: string): string {
  return box.write(
    "study.yaml",
    `name: ../../evil name!
backend: command
model: none
command: { argv: ["${WORKERS}/ok.sh"] }
sweep: { params.name: [a, b] }
execution: { n_cycles: 2, cycle_order: ${order} }
`,
  );
}

for (const [order, expected] of Object.entries({ sequential: "aabb", interleaved: "abab" })) {
  Deno.test(`cycle order ${order} runs ${expected}`, async () => {
    using box = new Sandbox();
    const { runs, dir, code } = await box.run(twoByTwo(box, order));
    assert.equal(code, 0);
    const names = runs.map((run) => readResult(runFolder(dir, run.index)).config.params?.["name"]);
    assert.equal(names.join(""), expected);
    assert.deepEqual(runs.map((run) => run.cycle), order === "sequential" ? [1, 2, 1, 2] : [1, 1, 2, 2]);
    assert.deepEqual(readManifest(dir).experiments.map((entry) => entry.index), [1, 2, 3, 4]);
  });
}

Deno.test("a shuffled order is told by its seed and repeats with it", async () => {
  using box = new Sandbox();
  const study = twoByTwo(box, "shuffled");
  const order = async (seed: string): Promise<string> => {
    const { stdout } = await llem(["plan", study, "--json", "--cycles", "8", "--seed", seed]);
    const plan: { study: { seed: number }; runs: { config: { params: { name: string } } }[] } = JSON.parse(
      stdout,
    );
    assert.equal(plan.study.seed, Number(seed));
    return plan.runs.map((run) => run.config.params.name).join("");
  };
  assert.equal(await order("1"), await order("1"));
  assert.notEqual(await order("1"), await order("2"));
});

Deno.test("a study directory holds what DESIGN promises, under its names", async () => {
  using box = new Sandbox();
  const study = twoByTwo(box, "interleaved");
  const { all, runs, finish, dir } = await box.run(study);
  assert.match(dir, /\/out\/evil-name_\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d_[a-z0-9]{4}$/);
  assert.deepEqual([...Deno.readDirSync(dir)].map((entry) => entry.name).sort(), [
    "environment.json",
    "inputs.json",
    "journal.jsonl",
    "lock",
    "manifest.json",
    "plan.json",
    "runs",
    "study.yaml",
    "summary.csv",
    "summary.json",
  ]);
  assert.equal(Deno.readTextFileSync(join(dir, "study.yaml")), Deno.readTextFileSync(study));
  assert.deepEqual([...Deno.readDirSync(runFolder(dir, 1))].map((entry) => entry.name).sort(), [
    "requests.jsonl",
    "result.json",
    "worker.log",
  ]);
  assert.match(runFolder(dir, 1), new RegExp(`/0001_none_command_${runs[0]?.config_hash.slice(0, 8)}_c1$`));
  assert.deepEqual(all.map((record) => record.event), [
    "study_started",
    ...Array(4).fill("run_finished"),
    "study_finished",
  ]);
  const { status, total, completed, failed, interrupted, pending } = finish ?? {};
  assert.deepEqual([status, total, completed, failed, interrupted, pending], ["completed", 4, 4, 0, 0, 0]);
  const result = readResult(runFolder(dir, 1));
  assert.deepEqual(Object.keys(result).sort(), [
    "config",
    "contention",
    "energy",
    "energy_reason",
    "environment_changes",
    "host",
    "inputs",
    "latency",
    "llem_version",
    "load",
    "log_tail",
    "measurement",
    "outcome",
    "phases",
    "run",
    "runner",
    "schema",
    "study",
    "throughput",
    "timing",
    "varied",
    "warnings",
    "window",
    "worker",
  ]);
  assert.deepEqual(result.study, {
    name: "../../evil name!",
    id: basename(dir),
    study_design_hash: readManifest(dir).study_design_hash,
  });
  assert.deepEqual([result.varied, runs[0]?.varied, runs[0]?.study], [
    { "params.name": "a" },
    { "params.name": "a" },
    "../../evil name!",
  ]);
  assert.equal(result.host, Deno.hostname());
  const [began = NaN, ended = NaN] = [result.window?.started_at, result.window?.ended_at].map((at) =>
    Date.parse(at ?? "")
  );
  assert.ok(Date.parse(result.timing.started_at) <= began + 1 && began <= ended);
  assert.ok(ended <= Date.parse(result.timing.ended_at) + 1);
  assert.equal(result.energy, null);
  assert.notEqual(result.energy_reason, "");
  assert.deepEqual(result.phases.map((phase) => phase.name), ["load", "measure"]);
  assert.ok(
    (Deno.statSync(join(dir, "manifest.json")).mode ?? 0) & 0o004,
    "readable for colleagues under umask 022",
  );
});

Deno.test("summary, show and the final table have one row per experiment with statistics over cycles", async () => {
  using box = new Sandbox();
  const { dir } = await box.run(twoByTwo(box, "interleaved"));
  const summary: Summary = readJson(join(dir, "summary.json"));
  assert.deepEqual(
    summary.rows.map((row) => [row.varied["params.name"], row.completed, row.metrics["ttft_ms"]?.n]),
    [
      ["a", 2, 2],
      ["b", 2, 2],
    ],
  );
  assert.equal(summary.rows[0]?.metrics["ttft_ms"]?.mean, 6);
  const shown: SummaryRow[] = JSON.parse((await llem(["show", dir, "--json"])).stdout);
  assert.deepEqual(shown.map(({ values: _, ...row }) => row), summary.rows);
  assert.deepEqual(shown.map(({ values }) => values?.["ttft_ms"]?.length), [2, 2]);
  assert.equal((await llem(["show", dir, "--csv"])).stdout, Deno.readTextFileSync(join(dir, "summary.csv")));
  const table = (await llem(["show", dir])).stdout;
  assert.match(table, /^ +name\s+runs\s+output tok\/s\s+vs first\s+TTFT p50 ms/m);
  assert.match(table, /^[* ]\s+a\s+2\/2\s+\d/m);
});

Deno.test("without --json the table is on stdout, the progress on stderr; -q is silent on success only", async () => {
  using box = new Sandbox();
  const good = box.study(["ok"], {}, "good");
  const plain = await llem(["run", good, "-o", box.dir]);
  assert.match(plain.stdout, /output tok\/s/);
  assert.match(plain.stderr, /\[1\/1\] .*completed in .* tok\/s/);
  // deno-lint-ignore no-control-regex -- no colour outside a terminal is what this is about
  assert.doesNotMatch(plain.stdout + plain.stderr, /\x1b/);
  const quiet = await llem(["run", good, "-o", box.dir, "-q"]);
  assert.deepEqual([quiet.code, quiet.stdout, quiet.stderr], [0, "", ""]);
  const bad = await llem(["run", box.study(["exit_code"], {}, "bad"), "-o", box.dir, "-q"]);
  assert.equal(bad.code, 1);
  assert.match(bad.stderr, /crashed after .*exited with code 3/);
});

Deno.test("a run ends with what it came to, and with its page where one is wanted, whatever became of it", async () => {
  using box = new Sandbox();
  const study = twoByTwo(box, "interleaved");
  const out = join(box.dir, "out");
  const whole = await llem(["run", study, "-o", out, "--report", "--cycles", "3"]);
  assert.equal(whole.code, 0, whole.stderr);
  const [dir = ""] = [...Deno.readDirSync(out)].map(({ name }) => join(out, name));
  const page = join(dir, "report.html");
  const end = whole.stdout.trimEnd().split("\n").slice(-3);
  assert.match(end[0] ?? "", /name=b.*name=a.*\.$/);
  assert.deepEqual(end.slice(1), [`Every comparison: llem compare ${dir}`, `report: ${page}`]);
  const bytes = Deno.readTextFileSync(page);
  assert.equal((await llem(["report", dir, "-o", page])).code, 0);
  assert.ok(Deno.readTextFileSync(page) === bytes, "the page is that of llem report");

  // Nothing completed, and the place takes no page: told, and no more.
  const failing = [
    "--set",
    `command.argv=["${WORKERS}/exit_code.sh"]`,
    "--cycles",
    "1",
    "-o",
    join(box.dir, "x"),
  ];
  const where = join(box.dir, "page.html");
  const failed = ran(await llem(["run", study, ...failing, "--json", "--report", where]));
  assert.equal(failed.code, 1, failed.stderr);
  assert.ok(Deno.readTextFileSync(where).startsWith("<!doctype html>"));
  assert.ok(failed.stderr.endsWith(`llem: report: ${where}\n`), failed.stderr);
  const verdict = records(failed.stdout).at(-1) as unknown as { verdict?: string };
  assert.equal(verdict.verdict, "No run completed, so there is no result.");
  const nowhere = join(box.dir, "nowhere", "page.html");
  const refused = await llem(["run", study, ...failing, "-q", "--report", nowhere]);
  assert.deepEqual([refused.code, refused.stdout], [1, ""]);
  assert.match(refused.stderr, /the report could not be written: .*; make it with: llem report /);
  const folder = await llem(["run", study, "-o", join(box.dir, "y"), "--report", box.dir]);
  assert.deepEqual([folder.code, folder.stdout], [2, ""]);
  assert.match(folder.stderr, /is a folder; name a file in it, such as .*report\.html/);
  assert.deepEqual([...Deno.readDirSync(box.dir)].filter(({ name }) => name === "y"), []);
});

Deno.test("run flags and --set reach the plan; --dry-run and plan touch nothing", async () => {
  using box = new Sandbox();
  const study = twoByTwo(box, "sequential");
  const args = ["--cycles", "3", "--order", "interleaved", "--set", "n=7", "--set", "params.extra=[[1, 2]]"];
  const { stdout, code } = await llem(["plan", study, "--json", ...args]);
  assert.equal(code, 0);
  interface Document {
    readonly study: { readonly n_experiments: number; readonly n_cycles: number; readonly n_runs: number };
    readonly runs: readonly {
      readonly config: { readonly n: number; readonly params: Record<string, unknown> };
    }[];
  }
  const plan: Document = JSON.parse(stdout);
  assert.deepEqual([plan.study.n_experiments, plan.study.n_cycles, plan.study.n_runs], [2, 3, 6]);
  assert.ok(plan.runs.every((run) => run.config.n === 7));
  assert.deepEqual(plan.runs[0]?.config.params["extra"], [1, 2]);
  const dry = await llem(["run", study, "--dry-run", "-o", join(box.dir, "out")]);
  assert.match(
    dry.stdout,
    /^2 experiments x 2 cycles = 4 runs\ntime: .*, at most 40m 00s by the time limits of runs; no gaps\n/,
  );
  assert.throws(() => Deno.statSync(join(box.dir, "out")), Deno.errors.NotFound);
  const wrong = await llem(["plan", study, "--set", "decoder.temprature=1", "--cycles", "0"]);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /--set.*decoder\.temprature.*did you mean/);
  assert.match(wrong.stderr, /--cycles/);
});

Deno.test("gaps stand between runs and the cycle gap replaces the other one", async () => {
  using box = new Sandbox();
  const study = twoByTwo(box, "interleaved");
  const gaps = ["--set", "execution.experiment_gap_seconds=0.1", "--set", "execution.cycle_gap_seconds=0.4"];
  const between = async (args: readonly string[]): Promise<(Span & { readonly seconds: number })[]> => {
    const { dir } = await box.run(study, args);
    const runs = readManifest(dir).experiments;
    return runs.slice(1).map((run, at) => {
      const span = { started_at: runs[at]?.completed_at ?? "", ended_at: run.started_at ?? "" };
      return { ...span, seconds: (Date.parse(span.ended_at) - Date.parse(span.started_at)) / 1000 };
    });
  };
  const seconds = (await between(gaps)).map((span) => span.seconds);
  assert.ok(seconds.every((each, at) => each >= (at === 1 ? 0.39 : 0.09)), seconds.join(" "));
  for (const span of await between([...gaps, "--no-gaps"])) assertInTime(span.seconds, 0, span);
});

Deno.test("a study can be made of flags alone", async () => {
  using box = new Sandbox();
  const args = [
    "--model",
    "tiny-random",
    "--backend",
    "llamacpp",
    "--set",
    "dataset={n: 2, input_len: 8, output_len: 4}",
  ];
  const end = ran(await llem(["run", ...args, "--set", "warmup.enabled=false", "-o", box.dir, "--json"]));
  assert.equal(end.code, 0, end.stderr);
  assert.deepEqual([end.runs.length, end.runs[0]?.metrics["output_tokens"]], [1, 8]);
});

Deno.test("the examples run as they are, and jq reads their numbers", async () => {
  using box = new Sandbox();
  const run = async (...more: readonly string[]): Promise<Ran> => {
    const study = join(ROOT, "examples/quickstart.yaml");
    const end = ran(await llem(["run", study, "-o", box.dir, "--json", ...more]));
    assert.equal(end.code, 0, end.stderr);
    return end;
  };
  const quickstart = await run("--cycles", "2");
  assert.equal(quickstart.runs.length, 4);
  for (const run of quickstart.runs) {
    // The workload is repeated whole until the window is as long as measure.min_seconds wants it.
    const { output_tokens, input_tokens, window_s } = run.metrics;
    assert.ok((window_s ?? 0) >= 1, `${window_s}`);
    assert.equal((output_tokens ?? NaN) % (4 * 32), 0);
    assert.equal(input_tokens, output_tokens);
    assert.ok((run.metrics["output_tokens_per_s"] ?? 0) > 0);
  }
  const short = ["--cycles", "1", "--set", "measure.min_seconds=0.001"];
  const threaded = await run(...short, "--set", "llamacpp.n_threads=2");
  // Run 2 of each is the other number of parallel requests.
  const hashes = (study: Ran): unknown[] =>
    study.runs.map(({ index }) =>
      readResult(runFolder(study.dir, index)).measurement?.metrics["output_hash"]
    );
  const [one, four, ...again] = hashes(quickstart);
  assert.deepEqual(
    [...again, ...hashes(threaded)],
    [one, four, one, four],
    "greedy decoding gives the same tokens",
  );
  for (const name of ["study", "study-bash"]) {
    const own = ran(
      await llem([
        "run",
        join(ROOT, `examples/own-worker/${name}.yaml`),
        "-o",
        box.dir,
        "--cycles",
        "2",
        "--json",
      ]),
    );
    assert.equal(own.code, 0, own.stderr);
    assert.ok(own.runs.every((run) => (run.metrics["output_tokens_per_s"] ?? 0) > 0));
  }
});

Deno.test("replacing the binary in the middle of a study changes nothing for later runs", async () => {
  using box = new Sandbox();
  const program = join(box.dir, "llem");
  Deno.copyFileSync(LLEM, program);
  const study = box.write(
    "study.yaml",
    `backend: llamacpp
model: tiny-random
dataset: { n: 1, input_len: 4, output_len: 4 }
warmup: { enabled: false }
execution: { n_cycles: 3, experiment_gap_seconds: 0.3 }
`,
  );
  const child = new Deno.Command(program, {
    args: ["run", study, "-o", join(box.dir, "out"), "--json"],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  await until("the first run", () => {
    const [entry] = [...Deno.readDirSync(join(box.dir, "out"))];
    return Deno.readTextFileSync(join(box.dir, "out", entry?.name ?? "", "journal.jsonl")).includes(
      "run_finished",
    );
  });
  Deno.removeSync(program);
  Deno.writeTextFileSync(program, "#!/bin/sh\nexit 99\n", { mode: 0o755 });
  const { code, stdout, stderr } = await child.output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  const runs = records(new TextDecoder().decode(stdout)).filter((record) => record.event === "run_finished");
  assert.deepEqual(runs.map((run) => run.outcome), ["completed", "completed", "completed"]);
});

Deno.test("a model that is gone or broken fails its runs and the others go on", async () => {
  using box = new Sandbox();
  // What the preflight looks at is right: the rest only shows where it is loaded.
  for (const name of ["gone.gguf", "broken.gguf"]) {
    Deno.writeFileSync(box.write(name, ""), ggufFile({ architecture: "nobody's" }));
  }
  const study = box.write(
    "study.yaml",
    `dataset: { n: 1, input_len: 4, output_len: 4 }
warmup: { enabled: false }
experiments:
  - { backend: command, model: none, command: { argv: [rm, gone.gguf] } }
  - { backend: llamacpp, model: gone.gguf }
  - { backend: llamacpp, model: broken.gguf }
  - { backend: llamacpp, model: tiny-random }
execution: { n_cycles: 1, cycle_order: sequential }
`,
  );
  const { code, runs, stderr } = await box.run(study);
  assert.equal(code, 1, stderr);
  assert.deepEqual(runs.map((run) => [run.outcome, run.error?.type ?? null]), [
    ["protocol_error", "no_result"],
    // Its file is not the one with which the study began: no worker is started.
    ["spawn_failed", "input_changed"],
    ["failed", "model_unsupported"],
    ["completed", null],
  ]);
  assert.match(runs[1]?.error?.message ?? "", new RegExp(`${box.dir}/gone.gguf`));
});

Deno.test("a live line is drawn on a terminal and nothing is left of it", async () => {
  using box = new Sandbox();
  const study = box.study(["sleeper", "ok"]);
  // script(1) gives the program a terminal of its own.
  const command = [LLEM, "run", study, "-o", `${box.dir}/out`].map((word) => `'${word}'`).join(" ");
  const child = new Deno.Command("script", {
    args: ["-qec", command, "/dev/null"],
    env: { TERM: "xterm", NO_COLOR: "" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
  const out = new TextDecoder().decode((await child.output()).stdout);
  assert.ok(out.includes("\r\x1b[2K[1/2] n=1 "), out);
  assert.match(out, / measure \d+/);
  assert.ok(out.includes("\x1b[32mcompleted\x1b[0m in 1"), out);
  assert.match(out, /study finished: 2\/2 runs completed/);
});
