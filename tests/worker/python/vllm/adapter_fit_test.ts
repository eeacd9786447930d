/** Whether an adapter was made for the model: vLLM itself fills up what is too small, and says nothing. */
import assert from "node:assert/strict";
import { PYTHON_FOLDER } from "../../../support/python_forks.ts";
import { testPython } from "../../../support/python_worker.ts";

type Shapes = Readonly<Record<string, readonly number[]>>;

/** What does not fit a model of one layer with a matrix of 128 x 64 weights. */
function misfits(
  adapters: readonly { readonly shapes: Shapes; readonly settings?: Shapes | { r: number } }[],
): unknown {
  const child = new Deno.Command(testPython(), {
    args: ["-c", PROGRAM],
    env: { PYTHONPATH: PYTHON_FOLDER, ADAPTERS: JSON.stringify(adapters) },
    stderr: "inherit",
  }).outputSync();
  return JSON.parse(new TextDecoder().decode(child.stdout));
}

const PROGRAM = `
import json, os
from llem_worker.engines.vllm.adapter_fit import misfit
from llem_worker.weights_files import Weight
model = {"model.layers.0.self_attn.q_proj.weight": Weight(128 * 64, 2, "float32")}
adapters = json.loads(os.environ["ADAPTERS"])
print(json.dumps([misfit(a["shapes"], model, {"r": 4, **a.get("settings", {})}) for a in adapters]))
`;

function pair(module: string, down: readonly number[], up: readonly number[]): Shapes {
  const name = `base_model.model.${module}`;
  return { [`${name}.lora_A.weight`]: down, [`${name}.lora_B.weight`]: up };
}

Deno.test("an adapter of another model, or of another rank than it says, is refused", () => {
  const q = "model.layers.0.self_attn.q_proj";
  const [fits, wide, rank, ranks, deep, foreign, odd] = misfits([
    { shapes: pair(q, [4, 64], [128, 4]) },
    { shapes: pair(q, [4, 64], [64, 4]) },
    { shapes: pair(q, [4, 64], [128, 4]), settings: { r: 512 } },
    { shapes: pair(q, [2, 64], [128, 2]), settings: { rank_pattern: [2] } },
    { shapes: pair("model.layers.7.self_attn.q_proj", [4, 64], [128, 4]) },
    { shapes: pair("vision.blocks.0.qkv", [4, 64], [128, 4]) },
    { shapes: { [`base_model.model.${q}.lora_A.weight`]: [4, 64], "x.lora_embedding_A": [4, 9] } },
  ]) as (string | null)[];
  // Names that the model does not have need not be wrong: vLLM has its own ways to map them.
  assert.deepEqual([fits, ranks, foreign, odd], [null, null, null, null]);
  assert.equal(wide, `${q} is for 64 x 64 weights, and the model has 8192 there`);
  assert.equal(rank, `${q} has rank 4, and its adapter_config.json says 512`);
  assert.equal(deep, "the model has no model.layers.7.self_attn.q_proj");
});
