import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import type { JsonObject } from "../../lib/base/json.ts";
import { servedLoad } from "../../lib/experiment/engines/openai/load.ts";
import { experimentSchema } from "../../lib/experiment/config.ts";
import {
  BACKENDS,
  declarationOf,
  DEFAULT_BACKEND,
  ENGINE_DECLARATIONS,
  ENGINE_FIELDS,
} from "../../lib/experiment/engines.ts";
import { resolveConfig } from "../../lib/experiment/resolve_config.ts";
import { brokenRules } from "../../lib/experiment/rules.ts";
import type { Read } from "../../lib/experiment/rule.ts";
import { SECTION_OWNERS } from "../../lib/experiment/sections.ts";
import { mapShapeOf, slotOf } from "../../lib/experiment/shape.ts";

Deno.test("every backend of the list is declared, and no other", () => {
  deepStrictEqual(Object.keys(ENGINE_DECLARATIONS).sort(), [...BACKENDS].sort());
  ok(BACKENDS.includes(DEFAULT_BACKEND));
  strictEqual(declarationOf("pytorch"), ENGINE_DECLARATIONS.pytorch);
  for (const name of ["torch", "toString", undefined, null, 3]) strictEqual(declarationOf(name), undefined);
});

Deno.test("fields of one engine stand last in a configuration, in an order that records and schema keep", () => {
  const fields = Object.keys(ENGINE_FIELDS);
  // Others may follow.
  const known = ["params", "command", "llamacpp", "pytorch", "vllm", "tensorrt", "openai"];
  deepStrictEqual(fields.slice(0, known.length), known);
  deepStrictEqual(Object.keys(experimentSchema.shape).slice(-fields.length), fields);
  deepStrictEqual(Object.keys(resolveConfig({ model: "gpt2" }) ?? {}).slice(-fields.length), fields);
});

Deno.test("every field of one engine has an owner, which is the engine that declares it", () => {
  deepStrictEqual([...SECTION_OWNERS.keys()].sort(), Object.keys(ENGINE_FIELDS).sort());
  strictEqual(SECTION_OWNERS.get("params"), "command");
  for (const backend of BACKENDS) {
    if (ENGINE_DECLARATIONS[backend].section !== null) strictEqual(SECTION_OWNERS.get(backend), backend);
  }
});

for (const backend of BACKENDS) {
  const { section, fields, needs_section, rules, former_names, revision, upstream, models } =
    ENGINE_DECLARATIONS[backend];

  /** True for a dotted path of this engine's own fields that is declared. */
  const isOwn = (path: string): boolean => {
    const [field = "", ...keys] = path.split(".");
    let slot = mapShapeOf(experimentSchema).keys.get(field);
    for (const key of keys) slot = slot?.shape.kind === "map" ? slot.shape.keys.get(key) : undefined;
    return slot !== undefined && (field === backend || Object.hasOwn(fields, field));
  };

  Deno.test(`the declaration of ${backend} asks for its section exactly where an empty one would not do`, () => {
    const shape = section === null ? null : slotOf(section).shape;
    const mustBeGiven = shape?.kind === "map" &&
      [...shape.keys.values()].some(({ fallback }) => fallback === undefined);
    const broken = section === null ? [] : brokenRules({ backend, [backend]: {} });
    strictEqual(needs_section !== null, mustBeGiven || broken.length > 0);
  });

  Deno.test(`the declaration of ${backend} names paths of its own fields only`, () => {
    const paths = [...Object.values(former_names), ...revision === null ? [] : [revision]];
    deepStrictEqual(paths.filter((path) => !isOwn(path)), []);
    deepStrictEqual(upstream?.keys_of_ours.filter((key) => !isOwn(`${backend}.${key}`)) ?? [], []);
    const read: string[] = [];
    const listen: Read = (path) => {
      read.push(path);
      return undefined;
    };
    for (const rule of rules) strictEqual(rule(listen), null);
    deepStrictEqual(read.filter((path) => !isOwn(path)), []);
    ok(revision === null || models === "hub");
  });
}

Deno.test("servedLoad() fills in what each way of arriving needs, and throws for what no rule lets through", () => {
  const of = (load: JsonObject, concurrency: number | null = null): unknown => {
    const config = resolveConfig({
      model: "m",
      backend: "openai",
      openai: { base_url: "u", load, concurrency },
    });
    return config?.openai ? servedLoad(config.openai) : null;
  };
  const open = { seed: 42, max_in_flight: null };
  deepStrictEqual(of({}), { kind: "closed", concurrency: 1 });
  deepStrictEqual(of({}, 4), { kind: "closed", concurrency: 4 });
  deepStrictEqual(of({ concurrency: 8 }), { kind: "closed", concurrency: 8 });
  deepStrictEqual(of({ arrivals: "constant", rate: 2, seed: 1, max_in_flight: 9 }), {
    kind: "constant",
    seed: 1,
    max_in_flight: 9,
    rate: 2,
  });
  deepStrictEqual(of({ arrivals: "gamma", rate: 2 }), { kind: "gamma", ...open, rate: 2, shape: 1 });
  deepStrictEqual(of({ arrivals: "ramp", rate: 1, to: 8, seconds: 60 }), {
    kind: "ramp",
    ...open,
    rate: 1,
    to: 8,
    seconds: 60,
  });
  deepStrictEqual(of({ arrivals: "trace", file: "t.csv" }), {
    kind: "trace",
    ...open,
    file: "t.csv",
    speed: 1,
  });
  throws(() => of({ arrivals: "poisson" }), /poisson arrivals has no rate/);
});
