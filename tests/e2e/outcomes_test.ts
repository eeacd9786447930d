/** Every way a run can end, on real processes. The ten cases that llenergymeasure tested with mocks are among them. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { assertInTime } from "../support/control.ts";
import {
  assertGone,
  LLEM,
  llem,
  pidsOf,
  ran,
  readManifest,
  readResult,
  runFolder,
  type RunRow,
  Sandbox,
} from "./llem.ts";

interface Case {
  readonly worker: string;
  readonly kind: string;
  readonly exit_code?: number;
  readonly signal?: string;
  readonly error?: RegExp;
  readonly flags?: string[];
  readonly execution?: Record<string, unknown>;
  readonly more?: (record: RunRow, folder: string) => void | Promise<void>;
}

const CASES: readonly Case[] = [
  {
    worker: "ok",
    kind: "completed",
    exit_code: 0,
    more: (record, folder) => {
      assert.equal(record.error, null);
      const result = readResult(folder);
      assert.equal(result.measurement?.output_tokens, 20);
      assert.equal(result.latency?.ttft_ms?.median, 6);
      assert.equal(result.latency?.itl_ms?.n, 18);
      assert.ok((result.throughput?.window_s ?? 0) >= 0.04);
      assert.equal(record.metrics.score, 0.5);
      const lines = Deno.readTextFileSync(join(folder, "requests.jsonl")).trim().split("\n").map((l) =>
        JSON.parse(l)
      );
      assert.deepEqual(lines.map((line) => line.index), [0, 1]);
    },
  },
  { worker: "exit_code", kind: "crashed", exit_code: 3, error: /exited with code 3 without a result/ },
  { worker: "segfault", kind: "crashed", signal: "SIGSEGV", error: /killed by SIGSEGV/ },
  { worker: "realtime_signal", kind: "crashed", error: /killed by/ },
  {
    worker: "error_frame",
    kind: "failed",
    exit_code: 1,
    error: /the weights are wrong/,
    more: (record, folder) => {
      assert.equal(record.error?.type, "ValueError");
      assert.match(readResult(folder).outcome.error?.traceback ?? "", /line 1\nValueError/);
    },
  },
  { worker: "no_result", kind: "protocol_error", exit_code: 0, error: /no result frame/ },
  { worker: "truncated_frame", kind: "protocol_error", exit_code: 0, error: /cut off/ },
  { worker: "wrong_counts", kind: "protocol_error", exit_code: 0, error: /input_tokens/ },
  {
    worker: "unknown_frame",
    kind: "completed",
    exit_code: 0,
    more: (record) => assert.deepEqual(record.warnings, ["unknown_frame"]),
  },
  {
    worker: "result_then_exit",
    kind: "crashed",
    exit_code: 1,
    flags: ["result_present"],
    more: (record, folder) => {
      assert.equal(record.status, "failed");
      assert.equal(readResult(folder).measurement?.output_tokens, 20);
    },
  },
  { worker: "result_then_segfault", kind: "crashed", signal: "SIGSEGV", flags: ["result_present"] },
  {
    worker: "result_then_hang",
    kind: "completed",
    signal: "SIGKILL",
    flags: ["closed_by_force"],
    execution: { close_timeout_seconds: 0.4 },
    more: (record, folder) => {
      assert.deepEqual(record.warnings, ["closed_by_force"]);
      assert.equal(readResult(folder).measurement?.output_tokens, 20);
    },
  },
  {
    worker: "slow_teardown",
    kind: "completed",
    exit_code: 0,
    more: (_, folder) => assert.equal(Deno.readTextFileSync(join(folder, "closed")), "closed\n"),
  },
  {
    worker: "hang",
    kind: "timed_out",
    signal: "SIGKILL",
    error: /longer than 0.5 s \(execution.experiment_timeout_seconds\)/,
    execution: { experiment_timeout_seconds: 0.5 },
    more: (_, folder) => assertGone(pidsOf(folder)),
  },
  { worker: "stopped", kind: "timed_out", signal: "SIGKILL", execution: { experiment_timeout_seconds: 0.5 } },
  {
    worker: "no_hello",
    kind: "timed_out",
    signal: "SIGKILL",
    error: /sent no hello within 0.4 s/,
    execution: { startup_timeout_seconds: 0.4 },
  },
  {
    worker: "silent",
    kind: "timed_out",
    signal: "SIGKILL",
    error: /sent no frame for 0.4 s/,
    execution: { silence_timeout_seconds: 0.4 },
  },
  {
    worker: "sleeper",
    kind: "completed",
    exit_code: 0,
    execution: { startup_timeout_seconds: 0.7, experiment_timeout_seconds: 30 },
  },
  {
    worker: "grandchild_holds_pipe",
    kind: "completed",
    exit_code: 0,
    flags: ["leaked"],
    more: (_, folder) => assertGone(pidsOf(folder)),
  },
  {
    worker: "daemon",
    kind: "completed",
    exit_code: 0,
    flags: ["leaked"],
    more: (_, folder) => assertGone(pidsOf(folder)),
  },
  { worker: "closes_pipes", kind: "completed", exit_code: 0 },
  {
    worker: "chatty",
    kind: "completed",
    exit_code: 0,
    more: (record, folder) => {
      assert.equal(record.metrics.output_tokens, 20);
      const log = Deno.readFileSync(join(folder, "worker.log"));
      assert.ok(log.length < 2.2 * 1024 * 1024, `the log is ${log.length} bytes`);
      const text = new TextDecoder("latin1").decode(log);
      assert.match(text, /bytes left out/);
      assert.ok(text.endsWith("o".repeat(1000)), "the tail of the log is kept");
    },
  },
  {
    worker: "flood",
    kind: "timed_out",
    signal: "SIGKILL",
    execution: { experiment_timeout_seconds: 1 },
    more: (_, folder) => {
      const { timing } = readResult(folder);
      assertInTime(timing.duration_s, 1, timing);
      assert.ok(Deno.statSync(join(folder, "worker.log")).size < 2.2 * 1024 * 1024);
    },
  },
  {
    worker: "big_result",
    kind: "completed",
    exit_code: 0,
    more: (_, folder) => assert.equal(String(readResult(folder).measurement?.["blob"]).length, 3_000_000),
  },
];

for (const { worker, kind, exit_code, signal, error, flags, execution, more } of CASES) {
  Deno.test(`a worker like ${worker}.sh ends as ${kind} and the rest of the study goes on`, async () => {
    using box = new Sandbox();
    const { code, runs, finish, dir, stderr } = await box.run(box.study([worker, "ok"], execution));
    const [record, next] = runs;
    assert.ok(record !== undefined && next !== undefined, stderr);
    assert.equal(record.outcome, kind, `${stderr}\n${JSON.stringify(record)}`);
    assert.equal(record.exit_code, exit_code ?? null);
    if (worker !== "realtime_signal") assert.equal(record.signal, signal ?? null);
    assert.deepEqual(record.flags, flags ?? []);
    if (kind === "completed") assert.equal(record.error, null);
    else assert.match(record.error?.message ?? "", error ?? /./);
    await more?.(record, runFolder(dir, 1));
    assert.equal(next.outcome, "completed");
    assert.equal(code, kind === "completed" ? 0 : 1);
    assert.equal((finish?.completed ?? 0) + (finish?.failed ?? 0), 2);
    const manifest = readManifest(dir);
    assert.equal(manifest.experiments[0]?.outcome, kind);
    assert.equal(readResult(runFolder(dir, 1)).outcome.kind, kind);
    assert.equal(join(dir, record.result_file), join(runFolder(dir, 1), "result.json"));
  });
}

Deno.test("fault 73: commands that cannot be started are refused before anything is made, all at once, and plan warns of them", async () => {
  using box = new Sandbox();
  const plain = box.write("plain.txt", "no program");
  for (
    const [name, text] of [["nohead", "echo hello\n"], ["lost", "#!/no/such/sh\n"], [
      "crlf",
      "#!/bin/sh\r\n",
    ]] as const
  ) {
    Deno.chmodSync(box.write(name, text), 0o755);
  }
  const commands = [
    ["./missing.sh"],
    ["no-such-program-anywhere"],
    [plain],
    [box.dir + "/"],
    ["./nohead"],
    ["./lost"],
    ["./crlf"],
    ["/bin/sh", "-e", "wroker.sh"],
  ];
  const told = [
    /missing\.sh does not exist/,
    /"no-such-program-anywhere" is not in PATH/,
    /plain\.txt is not executable\. Run: chmod \+x/,
    /is a folder, not a program/,
    /nohead is neither a binary nor a script/,
    /the first line of \S+lost names \/no\/such\/sh, which is not an executable program here/,
    /the first line of \S+crlf ends with a carriage return/,
    /the script \S+wroker\.sh does not exist/,
  ];
  const study = box.write(
    "study.yaml",
    JSON.stringify({
      backend: "command",
      model: "none",
      experiments: commands.map((argv, n) => ({ n: n + 1, command: { argv } })),
      execution: { n_cycles: 1, cycle_order: "sequential" },
    }),
  );
  const out = join(box.dir, "out");
  const run = await llem(["run", study, "-o", out]);
  assert.equal(run.code, 3, run.stderr);
  assert.throws(() => Deno.statSync(out), Deno.errors.NotFound);
  const plan = await llem(["plan", study, "--json"]);
  assert.equal(plan.code, 0, plan.stderr);
  const { warnings } = JSON.parse(plan.stdout);
  for (const [at, pattern] of told.entries()) {
    assert.match(run.stderr.split("\n")[at] ?? "", pattern);
    assert.match(warnings[at], pattern);
    assert.match(
      plan.stderr,
      new RegExp(`warning: .*study\\.yaml: llem run would refuse .*${pattern.source}`),
    );
  }
  assert.equal((await llem(["plan", study, "--check"])).code, 3);
  assert.equal((await llem(["run", study, "--dry-run", "--check"])).code, 3);
});

Deno.test("every run has a fresh process in its own session with a fixed environment and nothing else inherited", async () => {
  using box = new Sandbox();
  // A shell's lock descriptor, as cron wrappers leave it open.
  const study = box.study(["surroundings", "surroundings"]);
  const out = await new Deno.Command("bash", {
    args: [
      "-c",
      `exec 9>"$1/cron.lock"; exec "$2" run "$3" -o "$1/out" --json`,
      "cron",
      box.dir,
      LLEM,
      study,
    ],
    env: { GGML_BACKEND_PATH: "/nowhere.so", LLEM_RUN_ID: "outer", KEPT: "yes" },
    stdout: "piped",
    stderr: "piped",
  }).output();
  const stdout = new TextDecoder().decode(out.stdout);
  const { code, runs, dir } = ran({ code: out.code, signal: null, stdout, stderr: "" });
  assert.equal(code, 0);
  const folders = [1, 2].map((index) => runFolder(dir, index));
  const read = (name: string): string[] => folders.map((folder) => Deno.readTextFileSync(join(folder, name)));
  const pids = read("stat").map((stat) => Number(stat.split(" ")[0]));
  assert.notEqual(pids[0], pids[1]);
  for (const stat of read("stat")) {
    const [pid, , , , pgrp, session] = stat.split(" ");
    assert.deepEqual([pgrp, session], [pid, pid]);
  }
  for (const fds of read("fds")) assert.ok(!fds.includes("cron.lock"), fds);
  for (const [at, env] of read("env").entries()) {
    assert.match(env, new RegExp(`^LLEM_RUN_ID=${runs[at]?.run_id}$`, "m"));
    assert.match(env, /^LLEM_ATTEMPT=1$/m);
    assert.match(env, /^KEPT=yes$/m);
    assert.doesNotMatch(env, /GGML_BACKEND_PATH/);
  }
  const [assignment] = read("assignment.json").map((text) => JSON.parse(text));
  assert.equal(assignment.v, 1);
  assert.equal(assignment.run_id, runs[0]?.run_id);
  assert.equal(assignment.config_hash, runs[0]?.config_hash);
  assert.equal(assignment.run_dir, folders[0]);
  assert.equal(read("cwd")[0]?.trim(), box.dir);
});

Deno.test("retries give a run further attempts, each with a folder of its own", async () => {
  using box = new Sandbox();
  const { code, runs, dir } = await box.run(box.study(["fails_once"]), ["--retries", "2"]);
  assert.equal(code, 0);
  assert.deepEqual(runs.map((run) => [run.attempt, run.outcome, run.will_retry]), [
    [1, "crashed", true],
    [2, "completed", false],
  ]);
  assert.deepEqual([...Deno.readDirSync(join(dir, "runs"))].map((entry) => entry.name.slice(-3)).sort(), [
    "_a2",
    "_c1",
  ]);
  assert.equal(readManifest(dir).experiments[0]?.attempt, 2);
});

Deno.test("max_failures ends the study early and the totals still add up", async () => {
  using box = new Sandbox();
  const { code, finish, runs } = await box.run(box.study(["exit_code", "ok", "exit_code", "ok"]), [
    "--max-failures",
    "2",
  ]);
  assert.equal(code, 1);
  assert.equal(runs.length, 3);
  assert.deepEqual([finish?.total, finish?.completed, finish?.failed, finish?.pending], [4, 1, 2, 1]);
  assert.match(finish?.reason ?? "", /max_failures/);
});

Deno.test("study_timeout_seconds kills the run of the moment and leaves the rest pending", async () => {
  using box = new Sandbox();
  const { code, finish, runs } = await box.run(box.study(["ok", "hang", "ok"], { study_timeout_seconds: 1 }));
  assert.equal(code, 1);
  assert.deepEqual(runs.map((run) => run.outcome), ["completed", "timed_out"]);
  assert.match(runs[1]?.error?.message ?? "", /study took longer than 1 s/);
  assert.equal(finish?.pending, 1);
});
