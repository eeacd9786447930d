import assert from "node:assert/strict";
import { circumstancesOf, studyCircumstances } from "../../lib/results/circumstances.ts";
import { measurementOf, recordOf } from "../support/records.ts";
import { syntheticEnergy } from "../support/synthetic_energy.ts";

const ENERGY = { joules: 100, window_s: 1, output_tokens: 10 };

Deno.test("circumstancesOf() tells what a run depends on besides its configuration, and nothing that is not known", () => {
  const record = {
    ...recordOf({
      host: "node7",
      worker: {
        backend: "b",
        versions: { python: "3.12", torch: "2.9", llem: "9" },
        devices: ["H100"],
        pid: 7,
      },
      measurement: measurementOf({ model: { sha256: "abc" } }),
      environment_changes: [
        { path: "nvidia_driver", before: "550", after: "560" },
        { path: "devices.GPU-1.power_limit_enforced_w", before: 700, after: 300.2 },
        { path: "devices.GPU-1.max_clock", before: 1, after: 2 },
      ],
    }),
    energy: syntheticEnergy({ uuid: "GPU-1", name: "NVIDIA H100", ...ENERGY }),
  };
  const { llem: _, ...found } = circumstancesOf(record);
  assert.deepEqual(found, {
    machine: "node7",
    GPU: "GPU-1",
    "GPU model": "NVIDIA H100",
    // It was lowered while the study ran.
    "power limit": "300 W",
    device: "H100",
    engine: "torch 2.9",
    Python: "3.12",
    "model content": "abc",
    launch: "local",
    containment: "group",
    driver: "560",
  });
});

Deno.test("records of earlier versions, which lack much, have circumstances all the same", () => {
  const { host: _h, inputs: _i, runner: _r, environment_changes: _e, ...old } = recordOf();
  const found = circumstancesOf(old as ReturnType<typeof recordOf>);
  assert.deepEqual(Object.keys(found), ["containment", "llem"]);
});

Deno.test("studyCircumstances() reads environment.json, whatever is in it", () => {
  assert.deepEqual(studyCircumstances(null), {});
  assert.deepEqual(studyCircumstances({ kernel: 5, devices: "none", cpu_model: null }), { kernel: "5" });
  const board = (power_limit_enforced_w: number): { kind: string; facts: object } => ({
    kind: "gpu",
    facts: { power_limit_enforced_w, persistence_mode: true },
  });
  assert.deepEqual(
    studyCircumstances({
      host: "a",
      nvidia_driver: "550",
      cpu_governor: "performance",
      devices: [board(700), board(699.8), { kind: "cpu", facts: {} }],
    } as never),
    {
      machine: "a",
      governor: "performance",
      driver: "550",
      "power limit": "700 W",
      "persistence mode": "true",
    },
  );
});
