/** An engine that renames itself, as setproctitle does it: of its environment /proc shows nothing any more. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { isAlive, readProcStat } from "../../lib/process/proc_stat.ts";
import type { ResultRecord } from "../../lib/results/record.ts";
import { assertGone, ended, llem, pidsOf, ran, readJson, runFolder, Sandbox, WORKERS } from "../e2e/llem.ts";
import { meterEnv } from "../support/meters.ts";
import { C_COMPILER, CGROUP, type Need, SETPROCTITLE, TEST_PYTHON, testWith } from "../support/needs.ts";
import { buildNvmlStub } from "../support/nvml_stub.ts";
import { killWithoutGuard, startStudy } from "./_running_study.ts";

const lives = (pid: number): boolean => isAlive(readProcStat(pid));

/** A study of renaming workers, one for each set of parameters. */
function renamingStudy(
  box: Sandbox,
  params: readonly Readonly<Record<string, unknown>>[],
  execution: Readonly<Record<string, unknown>> = {},
): string {
  const study = {
    name: "renames",
    backend: "command",
    model: "none",
    command: { argv: [TEST_PYTHON, join(WORKERS, "renames.py")] },
    baseline: { enabled: false },
    warmup: { enabled: false },
    experiments: params.map((one) => ({ params: one })),
    execution: { n_cycles: 1, cycle_order: "sequential", ...execution },
  };
  return box.write("renames.yaml", JSON.stringify(study));
}

testWith(
  [SETPROCTITLE, C_COMPILER],
  "fault 42: an engine that renames itself is the run's own on a board, whatever of its environment is left",
  async () => {
    using box = new Sandbox();
    const processes = box.write("processes", "");
    const power = { kind: "constant", value: 50 } as const;
    const boards = {
      boards: [{ uuid: "GPU-busy", power, processes_file: processes }, { uuid: "GPU-idle", power }],
    };
    const modes = ["keeps", "wipes", "orphan"];
    const study = renamingStudy(box, modes.map((mode) => ({ mode, processes })), { containment: "group" });
    const env = { ...meterEnv(), ...buildNvmlStub().env(boards), XDG_CACHE_HOME: join(box.dir, "cache") };
    const args = ["run", study, "-o", join(box.dir, "out"), "--json"];
    const end = ran(await llem(args, { clearEnv: true, env }));
    assert.deepEqual(end.runs.map((run) => [run.outcome, run.flags]), modes.map(() => ["completed", []]));
    assert.equal(end.code, 0, end.stderr);
    for (const [index, mode] of modes.entries()) {
      const { energy, phases }: ResultRecord = readJson(join(runFolder(end.dir, index + 1), "result.json"));
      assert.deepEqual(energy?.neighbours, [], mode);
      assert.notEqual(energy.verdict, "unattributable", mode);
      assert.deepEqual(energy.devices.map(({ uuid }) => uuid), ["GPU-busy"], mode);
      const drawnJ = 50 * (phases.find(({ name }) => name === "measure")?.duration_s ?? 0);
      const { headline_j, uncertainty_j } = energy;
      const most = Math.max(0.05 * drawnJ, uncertainty_j ?? 0);
      assert.ok(
        Math.abs((headline_j ?? 0) - drawnJ) <= most,
        `${mode}: ${headline_j} +- ${uncertainty_j} J, not ${drawnJ}`,
      );
    }
  },
);

const CONTAINMENTS: readonly (readonly [kind: string, needs: readonly Need[]])[] = [
  ["group", []],
  ["cgroup", [CGROUP]],
];

for (const [containment, needs] of CONTAINMENTS) {
  testWith(
    [SETPROCTITLE, ...needs],
    `fault 42: an engine that renames itself dies with its runner, also as a daemon (${containment})`,
    async () => {
      for (const mode of ["wipes", "orphan"]) {
        using box = new Sandbox();
        const study = renamingStudy(box, [{ mode, hangs: true }], { containment });
        const { child, folder } = await startStudy(box, study);
        const [, engine = 0] = pidsOf(folder);
        assert.notEqual(readProcStat(engine)?.session, child.pid);
        child.kill("SIGKILL");
        await ended(child);
        await assertGone(pidsOf(folder));
      }
    },
  );

  testWith(
    [SETPROCTITLE, ...needs],
    `fault 42: a resume finds a renamed engine that outlived its runner and its guard (${containment})`,
    async () => {
      using box = new Sandbox();
      const study = renamingStudy(box, [{ mode: "wipes", hangs: true }], {
        containment,
        // The runner has to be caught before that has passed, on a busy machine as well.
        experiment_timeout_seconds: 5,
      });
      const [worker = 0, engine = 0] = await killWithoutGuard(await startStudy(box, study));
      assert.deepEqual([worker, engine].filter(lives), [worker, engine]);
      const dir = [...Deno.readDirSync(join(box.dir, "out"))].map(({ name }) =>
        join(box.dir, "out", name)
      )[0];
      // With the worker gone only the control group tells.
      if (containment === "cgroup") Deno.kill(worker, "SIGKILL");
      const end = ran(await llem(["run", "--resume", dir ?? "", "--json"]));
      assert.match(end.stderr, new RegExp(`\\b${engine}\\b.* outlived the last session and were killed`));
      assert.deepEqual(end.runs.map((run) => [run.attempt, run.outcome]), [[2, "timed_out"]]);
      await assertGone([worker, engine]);
    },
  );
}
