import assert from "node:assert/strict";
import { gapFacts, type PlanningPlace } from "../../lib/session/plan_facts.ts";
import type { JsonObject } from "../../lib/base/json.ts";
import type { ExperimentConfig } from "../../lib/experiment/config.ts";
import { elsewhereOnly, findServers } from "../../lib/session/find_servers.ts";
import { idlePowerSeconds } from "../../lib/session/idle_power_time.ts";
import { configOf, planOf } from "../support/plans.ts";
import { TempFolder } from "../support/temp_folder.ts";

const GPU_GAPS = { experiment_s: 60, cycle_s: 300 };

function facts(place: Partial<PlanningPlace> = {}): ReturnType<typeof gapFacts> {
  return gapFacts({ env: {}, base_dir: "/", devices: [], has_gpu: true, ...place });
}

Deno.test("gapFacts() asks the engines which runs hold a GPU on a machine that has one", () => {
  const { gaps, holdsGpu = () => true } = facts();
  assert.deepEqual(gaps, GPU_GAPS);
  const holds = (draft: Parameters<typeof configOf>[0]): boolean => holdsGpu(configOf(draft));
  // The library inside the program computes on the CPU.
  assert.equal(holds({ backend: "llamacpp", model: "tiny-random" }), false);
  assert.equal(holds({ backend: "llamacpp", model: "m", llamacpp: { library_dir: "/opt/gpu" } }), true);
  assert.equal(holds({ backend: "pytorch", model: "m" }), true);
  assert.equal(holds({ backend: "pytorch", model: "m", pytorch: { device_map: "cpu" } }), false);
  assert.equal(holds({}), false, "a worker of the user's own, and no device named");
  assert.equal(facts({ devices: ["0"] }).holdsGpu?.(configOf()), true);
  const served = (base_url: string): ExperimentConfig =>
    configOf({ backend: "openai", openai: { base_url } });
  assert.equal(facts({ devices: ["0"] }).holdsGpu?.(served("http://localhost:8000/v1")), true);
  assert.equal(facts({ devices: ["0"] }).holdsGpu?.(served("http://203.0.113.7:8000/v1")), false);
});

Deno.test("gapFacts() leaves no gaps where there is no GPU or where all are hidden from the runs", () => {
  const none = { experiment_s: 0, cycle_s: 0 };
  assert.deepEqual(facts({ has_gpu: false }).gaps, none);
  assert.deepEqual(facts({ env: { CUDA_VISIBLE_DEVICES: "-1" } }).gaps, none);
  assert.deepEqual(facts({ env: { CUDA_VISIBLE_DEVICES: "" } }).gaps, none);
  assert.deepEqual(facts({ env: { CUDA_VISIBLE_DEVICES: "" }, devices: ["0"] }).gaps, GPU_GAPS);
  assert.deepEqual(facts({ env: { CUDA_VISIBLE_DEVICES: "0" } }).gaps, GPU_GAPS);
  // In a job the list may be hidden.
  assert.deepEqual(facts({ env: { CUDA_VISIBLE_DEVICES: "", SLURM_JOB_ID: "7" } }).gaps, GPU_GAPS);
});

Deno.test("idlePowerSeconds() counts idle power before and after runs that may use a GPU, where one can be metered", () => {
  using folder = new TempFolder();
  const env = { HOME: folder.path, XDG_CACHE_HOME: folder.path, LLEM_METER_REPLAY: "/a/trace" };
  const secondsOf = (draft: JsonObject, more: Readonly<Record<string, string>> = {}): number =>
    idlePowerSeconds(planOf([configOf(draft)]), {
      env: { ...env, ...more },
      base_dir: folder.path,
      has_gpu: true,
    });
  assert.equal(secondsOf({ command: { argv: ["w"] }, baseline: { duration_seconds: 10 } }), 20);
  assert.equal(secondsOf({ command: { argv: ["w"] }, baseline: { enabled: false } }), 0);
  assert.equal(secondsOf({ command: { argv: ["w"] }, energy: { backend: null } }), 0);
  assert.equal(secondsOf({ command: { argv: ["w"] } }, { CUDA_VISIBLE_DEVICES: "" }), 0);
  assert.equal(secondsOf({ backend: "pytorch", pytorch: { device_map: "cpu" } }), 0);
  const openai = { base_url: "http://localhost:8000/v1" };
  assert.equal(
    secondsOf({ backend: "openai", openai }),
    0,
    "a server that is there draws what no baseline is",
  );
});

Deno.test("findServers() tells servers of this machine from others; runs of others alone need no meter", async () => {
  const served = (base_url: string): { config: ExperimentConfig } => ({
    config: configOf({ backend: "openai", openai: { base_url } }),
  });
  const [here, there] = [served("http://[::1]:8001/v1"), served("https://203.0.113.7/v1")];
  const own = { config: configOf() };
  const serverOf = await findServers([here, there, own]);
  assert.deepEqual([here, there, own].map(({ config }) => serverOf(config)), [
    { kind: "beside", port: 8001 },
    { kind: "elsewhere", hostname: "203.0.113.7" },
    null,
  ]);
  assert.equal(elsewhereOnly([there], serverOf)?.code, "server_elsewhere");
  assert.deepEqual([[here, there], [there, own], []].map((runs) => elsewhereOnly(runs, serverOf)), [
    null,
    null,
    null,
  ]);
});
