import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Json, JsonObject } from "../../lib/base/json.ts";
import { configHash } from "../../lib/experiment/identity.ts";
import { resolveConfig } from "../../lib/experiment/resolve_config.ts";
import { planOf, tell } from "../study/_tell.ts";

const ONCE = [
  { path: "execution.n_cycles", source: "--cycles", value: 1 },
  { path: "execution.cycle_order", source: "--order", value: "sequential" },
] as const;

/** Sweepable keys with values to draw from, and the one backend that has them. */
const POOL: readonly (readonly [key: string, values: readonly Json[], owner: string | null])[] = [
  ["n", [1, 2, 3], null],
  ["random_seed", [5, 6], null],
  ["decoder.temperature", [0, 0.5, 1.5], null],
  ["warmup.n_warmup", [1, 2], null],
  ["pytorch.batch_size", [2, 4, 8], "pytorch"],
  ["pytorch.num_beams", [2, 3], "pytorch"],
  ["vllm.engine.max_num_seqs", [8, 16], "vllm"],
  ["vllm.engine.attention.backend", ["a", "b"], "vllm"],
  ["llamacpp.n_threads", [1, 2, 3], "llamacpp"],
];
const BACKENDS = ["pytorch", "vllm", "llamacpp"];

for (const location of ["stated", "swept"] as const) {
  Deno.test(`expandGrid() agrees with a slow and obvious model, backends ${location}`, () => {
    const random = drawer(location === "stated" ? 11 : 12);
    for (let round = 0; round < 150; round++) {
      const sweep = drawSweep(random, location);
      const file = location === "stated"
        ? { model: "m", backend: sweep.backends, sweep: sweep.keys }
        : { model: "m", sweep: sweep.keys };
      const { runs } = planOf(JSON.stringify(file), ONCE);
      deepStrictEqual(runs.map(({ config_hash }) => config_hash), slowModel(sweep), JSON.stringify(file));
    }
  });
}

interface Sweep {
  readonly keys: JsonObject;
  readonly backends: readonly string[];
}

/** Every combination of everything, in nesting order; one whose foreign keys are past their first value is no point. */
function slowModel({ keys, backends }: Sweep): string[] {
  const all = Object.hasOwn(keys, "backend") ? keys : { backend: backends, ...keys };
  let combinations: JsonObject[] = [{}];
  for (const [key, values] of Object.entries(all)) {
    combinations = combinations.flatMap((point) =>
      (values as Json[]).map((value) => ({ ...point, [key]: value }))
    );
  }
  const points = combinations.filter((point) =>
    foreignKeys(point).every((key) => point[key] === (all[key] as Json[])[0])
  );
  return points.map((point) => {
    const foreign = foreignKeys(point);
    const draft: Record<string, Json> = { model: "m" };
    for (const [key, value] of Object.entries(point)) {
      if (!foreign.includes(key)) put(draft, key.split("."), value ?? null);
    }
    const config = resolveConfig(draft);
    if (config === null) throw new Error(JSON.stringify(draft));
    return configHash(config);
  });
}

function foreignKeys(point: JsonObject): string[] {
  const owners = new Map(POOL.map(([key, , owner]) => [key, owner]));
  return Object.keys(point).filter((key) => (owners.get(key) ?? point.backend) !== point.backend);
}

function put(target: Record<string, Json>, keys: readonly string[], value: Json): void {
  const [key = "", ...rest] = keys;
  if (rest.length === 0) target[key] = value;
  else {
    const below = (target[key] ?? {}) as Record<string, Json>;
    target[key] = below;
    put(below, rest, value);
  }
}

function drawSweep(random: (limit: number) => number, location: "stated" | "swept"): Sweep {
  const backends = shuffle(random, BACKENDS).slice(0, 1 + random(3));
  const usable = POOL.filter(([, , owner]) => owner === null || backends.includes(owner));
  const drawn = shuffle(random, usable).slice(0, 1 + random(4));
  const keys = drawn.map(([key, values]) => [key, values.slice(0, 1 + random(values.length))] as const);
  if (location === "swept") keys.splice(random(keys.length + 1), 0, ["backend", backends]);
  return { keys: Object.fromEntries(keys), backends };
}

function drawer(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor(state / 65536) % limit;
  };
}

function shuffle<Item>(random: (limit: number) => number, items: readonly Item[]): Item[] {
  return items.map((item) => [random(30000), item] as const).sort(([one], [other]) => one - other).map((
    [, item],
  ) => item);
}

Deno.test("expandGrid() does not multiply the dimensions of backends that take no part", () => {
  const values = Array.from({ length: 300 }, (_, index) => index + 1);
  const file = {
    model: "m",
    backend: BACKENDS,
    sweep: { "pytorch.batch_size": values, "vllm.engine.max_num_seqs": values, "llamacpp.n_threads": values },
  };
  strictEqual(planOf(JSON.stringify(file)).n_experiments, 900);
});

Deno.test("expandGrid() puts a whole section before the keys inside it, in whatever order they are swept", () => {
  for (
    const sweep of [
      "decoder.top_k: [1, 2], decoder: [{ top_p: 0.5 }, { top_p: 0.6 }]",
      "decoder: [{ top_p: 0.5 }, { top_p: 0.6 }], decoder.top_k: [1, 2]",
    ]
  ) {
    const { runs } = planOf(`model: m\nsweep: { ${sweep} }\n`, ONCE);
    const pairs = runs.map(({ config }) => `${config.decoder.top_p} ${config.decoder.top_k}`);
    deepStrictEqual(pairs.sort(), ["0.5 1", "0.5 2", "0.6 1", "0.6 2"]);
  }
});

Deno.test("expandGrid() takes the backends from swept sections where the file names none", () => {
  const { runs } = planOf(
    "model: m\nsweep: { vllm.engine.block_size: [8, 16], pytorch.batch_size: [1] }\n",
    ONCE,
  );
  deepStrictEqual(runs.map(({ config }) => config.backend), ["vllm", "vllm", "pytorch"]);
});

Deno.test("expandGrid() takes a list of backends without any sweep", () => {
  const plan = planOf("model: m\nbackend: [llamacpp, pytorch]\n", ONCE);
  deepStrictEqual(plan.runs.map(({ config }) => config.backend), ["llamacpp", "pytorch"]);
  strictEqual(plan.kind, "study");
});

Deno.test("expandGrid() leaves out points that break a rule between swept fields, each with its reason", () => {
  const { plan } = tell(
    "model: m\nbackend: llamacpp\nsweep: { llamacpp.flash_attn: [off, on], llamacpp.cache_type_v: [f16, q8_0] }\n",
    ONCE,
  );
  strictEqual(plan?.n_experiments, 3);
  deepStrictEqual(plan?.skipped, [{
    reason: "llamacpp.cache_type_v is q8_0, which needs flash attention, but llamacpp.flash_attn is off",
    label: "llamacpp",
    config: { model: "m", backend: "llamacpp", llamacpp: { flash_attn: "off", cache_type_v: "q8_0" } },
  }]);
});

Deno.test("expandGrid() leaves out the points of a backend nobody knows", () => {
  const { plan } = tell("model: m\nsweep: { backend: [pytorch, tensorflow], n: [1, 2] }\n", ONCE);
  deepStrictEqual(plan?.runs.map(({ config }) => [config.backend, config.n]), [["pytorch", 1], [
    "pytorch",
    2,
  ]]);
  deepStrictEqual(plan?.skipped.map(({ label }) => label), ["tensorflow, bf16", "tensorflow, bf16"]);
});

Deno.test("makePlan() tells a rule that fixed fields break as a mistake, not as points left out", () => {
  const { errors, plan } = tell(
    "model: m\npytorch: { load_in_4bit: true, load_in_8bit: true }\nsweep: { n: [1, 2] }\n",
  );
  strictEqual(plan, null);
  deepStrictEqual(errors, [
    "study.yaml:2:32 pytorch.load_in_8bit: cannot be true together with pytorch.load_in_4bit (keep one)",
  ]);
});

Deno.test("makePlan() sweeps a list-valued field by lists of lists", () => {
  const { runs } = planOf("model: m\nbackend: command\nsweep: { command.argv: [[a, x], [b]] }\n", ONCE);
  deepStrictEqual(runs.map(({ config }) => config.command?.argv), [["a", "x"], ["b"]]);
});
