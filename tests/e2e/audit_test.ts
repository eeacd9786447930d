/** The audit of neighbours on boards that are not there, whose power follows how many runs are measured. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { StudyAudit } from "../../lib/results/audit.ts";
import type { ResultRecord } from "../../lib/results/record.ts";
import { meterEnv } from "../support/meters.ts";
import { C_COMPILER, testWith } from "../support/needs.ts";
import { buildNvmlStub, type StubBoard } from "../support/nvml_stub.ts";
import { llem, type Ran, ran, readJson, readManifest, Sandbox, WORKERS } from "./llem.ts";

const WATTS = 200;

/** Two boards that each take so much more while runs are measured on both. */
async function audited(box: Sandbox, share: number): Promise<Ran & { readonly env: Record<string, string> }> {
  const open = join(box.dir, `open-${share}`);
  Deno.mkdirSync(open);
  const boards = ["a", "b"].map((letter): StubBoard => ({
    uuid: `GPU-${letter.repeat(8)}-0000-0000-0000-000000000000`,
    power: { kind: "shared", watts: WATTS, share, folder: open },
    publish_ms: 1,
    counter_period_ms: 1,
  }));
  const env = {
    ...meterEnv(),
    ...buildNvmlStub().env({ boards }),
    XDG_CACHE_HOME: join(box.dir, "cache"),
    LLEM_LOCK_DIR: box.dir,
    // For the worker's Python.
    PATH: Deno.env.get("PATH") ?? "",
  };
  const study = box.write(
    `share-${share}.yaml`,
    JSON.stringify({
      name: "audited",
      backend: "command",
      model: "none",
      baseline: { enabled: false },
      warmup: { enabled: false },
      command: {
        argv: [join(WORKERS, "minds_others.py"), open, "0.45", "0"],
        waits_for_gate: true,
      },
      execution: {
        n_cycles: 2,
        parallel: "shared",
        devices_per_run: 1,
        experiment_gap_seconds: 0,
        cycle_gap_seconds: 0,
        audit: { experiments: 1, pairs: 4, tolerance: 0.02 },
      },
    }),
  );
  const made = ran(await llem(["run", study, "-o", join(box.dir, "out"), "--json"], { clearEnv: true, env }));
  return { ...made, env };
}

function records(dir: string): ResultRecord[] {
  return [...Deno.readDirSync(join(dir, "runs"))].map(({ name }) =>
    readJson<ResultRecord>(join(dir, "runs", name, "result.json"))
  );
}

const energyOf = ({ numbers }: StudyAudit) => numbers.find(({ metric }) => metric === "j_per_output_token");

testWith(
  [C_COMPILER],
  "an audit of boards that take 3 % more beside others finds it, and the study goes on staged",
  async () => {
    using box = new Sandbox();
    const { code, stderr, stdout, dir, finish } = await audited(box, 0.03);
    assert.equal(code, 0, stderr);
    const { audit } = readManifest(dir);
    assert.ok(audit !== undefined);
    assert.equal(audit.answer, "differs", JSON.stringify(audit));
    assert.ok(Math.abs((energyOf(audit)?.ratio ?? 0) - 1.03) < 0.012, JSON.stringify(energyOf(audit)));
    assert.deepEqual(audit.numbers.filter(({ answer }) => answer === "differs").map(({ metric }) => metric), [
      "j_per_output_token",
    ]);
    assert.equal(stdout.split("\n").filter((line) => line.startsWith('{"event":"audit"')).length, 1);
    assert.deepEqual(records(dir).map(({ run }) => run.parallel?.mode), ["staged", "staged"]);
    assert.deepEqual([finish?.total, finish?.completed], [2, 2], "its runs are none of the study's");
    const status = await llem(["status", dir]);
    assert.match(
      status.stdout,
      /audit: beside others j_per_output_token differs by [23](\.\d+)? % \[.*\(staged\)/,
    );
  },
);

testWith(
  [C_COMPILER],
  "an audit of boards that neighbours change nothing on lets windows overlap, with its word",
  async () => {
    using box = new Sandbox();
    const { code, stderr, dir } = await audited(box, 0);
    assert.equal(code, 0, stderr);
    const { audit } = readManifest(dir);
    assert.equal(audit?.answer, "within_tolerance", JSON.stringify(audit));
    const made = records(dir);
    assert.deepEqual(made.map(({ run }) => [run.parallel?.mode, run.parallel?.shared_is]), [
      ["shared", "audited"],
      ["shared", "audited"],
    ]);
    const doubts = made.flatMap(({ energy }) => energy?.verdict_reasons ?? []);
    assert.ok(doubts.every((reason) => !/audit/.test(reason)), doubts.join("; "));
    assert.match(
      (await llem(["status", dir])).stdout,
      /audit: neighbours change nothing beyond 2 % \(4 numbers/,
    );
  },
);
