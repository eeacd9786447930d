import assert from "node:assert/strict";
import type { Boards } from "../../lib/host/boards.ts";
import type { LeftOutBoard } from "../../lib/meter/meter.ts";
import { heldDevices } from "../../lib/archive/locks.ts";
import { machineBoards } from "../../lib/metering/machine_boards.ts";
import {
  boardsLeftOut,
  deadBoard,
  dependsOnBoards,
  refuseUnknown,
} from "../../lib/session/boards/check_boards.ts";
import { cudaNames, runDevices } from "../../lib/session/boards/run_boards.ts";
import { CommandError } from "../../lib/base/refusal.ts";
import { gpuDevice } from "../support/meter_devices.ts";
import { configOf, planOf } from "../support/plans.ts";

const board = (index: number, more: Record<string, number> = {}) =>
  gpuDevice({ uuid: `GPU-${index}`, facts: { index, minor_number: index, ...more } });
const LOST: LeftOutBoard = {
  meter: "nvml",
  index: 0,
  uuid: null,
  code: "lost",
  reason: "it is lost",
  remedy: null,
};
const lame = machineBoards({ devices: [board(1), board(2)], left_out: [LOST] }, []);
const dead = machineBoards({ devices: [], left_out: [LOST] }, []);

function study(devices: readonly string[], parallel: "off" | "staged" = "off") {
  return planOf([configOf()], { execution: { devices: [...devices], parallel } });
}

Deno.test("a dead board stops what cannot do without it: a study that names it, and one that is left with none", () => {
  const cases: readonly (readonly [plan: ReturnType<typeof study>, machine: Boards, said: RegExp | null])[] =
    [
      [study(["1"]), lame, null],
      [study(["0"]), lame, /^device 0 is GPU 0, which does not open: it is lost\./],
      [study(["all"]), lame, null],
      [study(["0", "1"], "staged"), lame, null],
      [study([], "staged"), lame, null],
      [study(["0"], "staged"), lame, /^none of the GPUs that the study is to use opens: 0: it is lost\./],
      [study(["all"]), dead, /^device all is GPU 0, which does not open/],
      [study([], "staged"), dead, /^none of the GPUs/],
      // No driver tells of any.
      [study(["all"]), machineBoards(null, []), null],
      [study([], "staged"), machineBoards(null, []), null],
    ];
  for (const [plan, machine, said] of cases) {
    const { devices, parallel } = plan.execution;
    const error = deadBoard(plan, machine, {});
    if (said === null) assert.equal(error, null, `${devices} ${parallel}`);
    else {
      assert.match(error?.message ?? "", said);
      assert.equal(error?.exitCode, 3);
    }
  }
  const left = "GPU 0 is left out, since it does not open: it is lost.";
  assert.deepEqual(boardsLeftOut(study(["all"]), lame, {}), [left]);
  assert.deepEqual(boardsLeftOut(study(["0", "2"], "staged"), lame, {}), [left]);
  assert.deepEqual(boardsLeftOut(study(["2"], "staged"), lame, {}), []);
  assert.deepEqual(boardsLeftOut(study(["0"]), lame, {}), []);
});

Deno.test("a device that is not here is wrong usage, and all of none is not", () => {
  const code = (devices: readonly string[], machine: Boards): number | null => {
    try {
      refuseUnknown(study(devices), machine);
      return null;
    } catch (error) {
      assert.ok(error instanceof CommandError);
      return error.exitCode;
    }
  };
  assert.deepEqual([
    code(["9"], lame),
    code(["all"], lame),
    code(["0"], lame),
    code(["9"], machineBoards(null, [])),
  ], [
    2,
    null,
    null,
    null,
  ]);
});

Deno.test("the boards are looked at where a study names some, makes several runs at a time, or a job counts its own", () => {
  const asks = (
    devices: readonly string[],
    env: Record<string, string> = {},
    parallel: "off" | "staged" = "off",
  ) => dependsOnBoards(study(devices, parallel), env);
  assert.deepEqual(
    [asks([]), asks(["0"]), asks([], {}, "staged"), asks([], { SLURM_JOB_ID: "7" })],
    [false, true, true, false],
  );
  assert.ok(asks([], { SLURM_JOB_ID: "7", SLURM_JOB_GPUS: "3" }));
});

Deno.test("locks, metering and workers mean the same boards: those of a pool, all, or a job's", () => {
  const told = { devices: [board(0, { minor_number: 3 }), board(1, { minor_number: 6 })] };
  const same = (
    plan: ReturnType<typeof study>,
    env: Record<string, string>,
    keys: readonly string[],
  ): void => {
    const held = heldDevices(plan, machineBoards(told, []), { env, base_dir: "/" });
    assert.deepEqual(held, keys);
    assert.deepEqual(runDevices(plan.execution.devices, told, env), keys);
    assert.deepEqual(cudaNames(plan.execution.devices, told, env), keys);
  };
  same(study(["all"]), {}, ["GPU-0", "GPU-1"]);
  same(study(["all"]), { SLURM_JOB_ID: "7", SLURM_JOB_GPUS: "6" }, ["GPU-1"]);
  same(study(["GPU-1"]), { SLURM_JOB_ID: "7", SLURM_JOB_GPUS: "3" }, ["GPU-1"]);
  // A pool without names has all boards as soon as any run may use one.
  const held = heldDevices(study([], "staged"), machineBoards(told, []), { env: {}, base_dir: "/" });
  assert.deepEqual(held, ["GPU-0", "GPU-1"]);
});
