import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { JsonObject } from "../../lib/base/json.ts";
import { vllmAdvice } from "../../lib/engines/vllm/advice.ts";
import { vllm } from "../../lib/engines/vllm/engine.ts";
import { compilesOnCpu, shareOfMachine, slowPrecision } from "../../lib/engines/vllm/messages.ts";
import { remember } from "../../lib/python/known_facts.ts";
import { configOf } from "../support/plans.ts";
import { BARE, having } from "../support/pythons.ts";
import { TempFolder } from "../support/temp_folder.ts";

const AVX2 = new Set(["avx2"]);
const EAGER = { enforce_eager: true };

function adviceOn(
  drafts: readonly JsonObject[],
  { has_gpu = false, flags = AVX2 }: Partial<{
    has_gpu: boolean;
    flags: ReadonlySet<string>;
  }> = {},
): string[] {
  const configs = drafts.map((draft) => configOf({ backend: "vllm", model: "m", ...draft }));
  return vllmAdvice(configs, { env: {}, base_dir: "/", cwd: "/", results: null }, has_gpu, flags);
}

Deno.test("vllmAdvice() tells what vLLM does unasked on a CPU, and says nothing of runs on a GPU", () => {
  const all = [slowPrecision("bf16"), compilesOnCpu()];
  deepStrictEqual(adviceOn([{}, { vllm: { engine: EAGER } }]), all);
  deepStrictEqual(adviceOn([{}], { has_gpu: true }), []);
  deepStrictEqual(adviceOn([{}], { flags: new Set(["avx2", "avx512f"]) }), all.slice(1));
  deepStrictEqual(adviceOn([{ precision: "fp32", vllm: { engine: EAGER } }]), []);
  const share = { precision: "fp32", vllm: { engine: { ...EAGER, gpu_memory_utilization: 0.9 } } };
  deepStrictEqual(adviceOn([share, share]), [shareOfMachine(0.9)]);
  deepStrictEqual(adviceOn([share], { has_gpu: true }), []);
});

Deno.test("a run of vLLM holds no GPU where its interpreter is known to have a torch for CPUs alone", () => {
  using folder = new TempFolder();
  const python = folder.write("python", "#!/bin/sh\n");
  const config = configOf({ backend: "vllm", model: "m", vllm: { python } });
  const host = { env: {}, base_dir: "/", has_gpu: true };
  deepStrictEqual(vllm.gpus(config, host), { kind: "some", count: 1 });
  remember(python, {
    facts: { ...BARE, packages: having("vllm", "torch"), torch_build: { cuda: null, hip: null } },
  });
  deepStrictEqual(vllm.gpus(config, host), { kind: "none" });
  deepStrictEqual(vllm.gpus(config, { ...host, has_gpu: false }), { kind: "none" });
});

Deno.test("a vLLM that is too old is told by all of its numbers, before a run", async () => {
  using folder = new TempFolder();
  const python = folder.write("python", "#!/bin/sh\n");
  const { worker } = vllm;
  ok(worker?.kind === "python");
  const place = { env: {}, base_dir: folder.path, cwd: folder.path, results: null };
  const config = configOf({ backend: "vllm", model: "m", vllm: { python } });
  const problemsWith = (release: string): string[] => {
    remember(python, { facts: { ...BARE, packages: { ...having("torch", "transformers"), vllm: release } } });
    return worker.obstacles([config], place);
  };
  const [problem = ""] = problemsWith("0.11.1");
  ok(problem.includes("has vllm 0.11.1, older than 0.11.2. "), problem);
  for (const release of ["0.11.2", "0.11.2+cpu", "0.20.0rc1", "1.0", "unknown"]) {
    deepStrictEqual(problemsWith(release), [], release);
  }
  strictEqual((await worker.tryOut([], place)).length, 0);
});
