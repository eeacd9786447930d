import assert from "node:assert/strict";
import type { JsonObject } from "../../lib/base/json.ts";
import { cell, flatten, variedPaths } from "../../lib/results/varied.ts";
import { configOf } from "../support/plans.ts";

function varied(...drafts: readonly JsonObject[]): string[] {
  return variedPaths(drafts.map(configOf)).sort();
}

Deno.test("variedPaths() names what tells experiments apart, and no more", () => {
  const cases: readonly (readonly [drafts: readonly JsonObject[], paths: readonly string[]])[] = [
    [[], []],
    [[{}], []],
    [[{}, {}], []],
    [[{ n: 1 }, { n: 2 }], ["n"]],
    [[{ n: 1 }, { n: 1 }, { n: 2, model: "other" }], ["model", "n"]],
    [[{ params: { batch: 1, same: 5 } }, { params: { batch: 2, same: 5 } }], ["params.batch"]],
    [[{ params: { list: [1, 2] } }, { params: { list: [1, 3] } }], ["params.list"]],
    [[{ decoder: { temperature: 0 } }, { decoder: { temperature: 1 } }], ["decoder.temperature"]],
    [
      [{ backend: "llamacpp", llamacpp: { n_threads: 1 } }, {
        backend: "llamacpp",
        llamacpp: { n_threads: 2 },
      }],
      ["llamacpp.n_threads"],
    ],
  ];
  for (const [drafts, paths] of cases) assert.deepEqual(varied(...drafts), paths, JSON.stringify(drafts));
});

Deno.test("variedPaths() sees what only some experiments have", () => {
  const cases: readonly (readonly [drafts: readonly JsonObject[], paths: readonly string[]])[] = [
    [[{}, { params: { batch: 2 } }], ["params.batch"]],
    [[{ params: { one: 1 } }, { params: { two: 1 } }], ["params.one", "params.two"]],
    [[{}, { params: { deep: { value: 1 } } }], ["params.deep.value"]],
    // A value that is null is as good as none.
    [[{}, { params: { nothing: null } }], []],
    [[{ backend: "pytorch" }, { backend: "pytorch", pytorch: { batch_size: 4 } }], ["pytorch.batch_size"]],
  ];
  for (const [drafts, paths] of cases) assert.deepEqual(varied(...drafts), paths, JSON.stringify(drafts));
  const datasets = varied({ dataset: "aienergyscore" }, { dataset: { n: 5, input_len: 8, output_len: 4 } });
  assert.ok(datasets.includes("dataset"));
  assert.ok(datasets.includes("dataset.n"));
});

Deno.test("variedPaths() does not take the sections of different backends for differences", () => {
  const paths = varied(
    { backend: "pytorch", pytorch: { batch_size: 4 } },
    { backend: "llamacpp", llamacpp: { n_threads: 2 } },
  );
  assert.deepEqual(paths, ["backend"]);
  const three = varied(
    { backend: "pytorch", pytorch: { batch_size: 4 } },
    { backend: "pytorch", pytorch: { batch_size: 8 } },
    { backend: "llamacpp" },
  );
  assert.deepEqual(three, ["backend", "pytorch.batch_size"]);
});

Deno.test("flatten() makes dotted paths, with lists and empty mappings as values", () => {
  const flat = flatten(configOf({ params: { a: { b: 1 }, list: [{ c: 1 }], empty: {} } }));
  assert.equal(flat.get("params.a.b"), 1);
  assert.deepEqual(flat.get("params.list"), [{ c: 1 }]);
  assert.deepEqual(flat.get("params.empty"), {});
  assert.equal(flat.get("model"), "none");
  assert.equal(flat.get("pytorch"), null);
  assert.ok(!flat.has("params"));
});

Deno.test("cell() shows a value as a person would write it", () => {
  const cases = [
    [undefined, ""],
    [null, ""],
    ["text", "text"],
    [0, "0"],
    [1.5, "1.5"],
    [false, "false"],
    [[1, "a"], '[1,"a"]'],
    [{ a: 1 }, '{"a":1}'],
  ] as const;
  for (const [value, text] of cases) assert.equal(cell(value), text);
});
