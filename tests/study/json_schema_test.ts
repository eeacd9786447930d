/** Proves the editor schema with a validator that knows nothing of llem. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { parse } from "yaml";
import { isJsonObject, type Json, type JsonObject } from "../../lib/base/json.ts";
import { studyJsonSchema } from "../../lib/study/json_schema.ts";
import { tell } from "./_tell.ts";

const schema = studyJsonSchema();
const validate = validator(schema);

function validator(of: JsonObject): ValidateFunction {
  return new Ajv2020({
    strict: true,
    allowUnionTypes: true,
    allowMatchingProperties: true,
    strictTypes: false,
  }).compile(of);
}

/** Where a text does not follow the schema; empty where it does. */
function complaints(text: string): string[] {
  validate(parse(text, { merge: true }));
  return (validate.errors ?? []).map(({ instancePath, message, params }) =>
    `${instancePath} ${message} ${JSON.stringify(params)}`
  );
}

const root = new URL("../../", import.meta.url);

function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(new URL(folder, root))].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesIn(`${folder}${name}/`) : name.endsWith(".yaml") ? [`${folder}${name}`] : []
  ).sort();
}

const read = (path: string): string => Deno.readTextFileSync(new URL(path, root));

for (const path of filesIn("examples/")) {
  Deno.test(`studyJsonSchema() accepts ${path}`, () => deepStrictEqual(complaints(read(path)), []));
}

/** Spellings that llem takes with a warning, and a swept value that it leaves out: an editor should show them. */
const SHOWN = ["lax-values", "lax-yaml11-words", "sweep-partly-invalid"];
const conformance = "tests/fixtures/conformance/";

function isGood(name: string): boolean {
  if (name === "base-experiment") return true;
  return JSON.parse(read(`${conformance}${name}.json`)).errors === null;
}

for (const path of filesIn(conformance)) {
  const name = path.slice(conformance.length).replace(".yaml", "");
  if (!isGood(name)) continue;
  const isShown = SHOWN.includes(name);
  Deno.test(`studyJsonSchema() ${isShown ? "tells what is odd in" : "accepts"} ${name}`, () => {
    strictEqual(complaints(read(path)).length > 0, isShown, complaints(read(path)).join("\n"));
  });
}

const TYPOS = [
  "bad-enum",
  "bad-execution-range",
  "bad-nested-unknown",
  "bad-study-unknown-key",
  "bad-v1-campaign",
  "bad-nan",
  "bad-infinite-gap",
  "bad-not-a-mapping",
];

for (const name of TYPOS) {
  Deno.test(`studyJsonSchema() refuses ${name}`, () => {
    ok(complaints(read(`${conformance}${name}.yaml`)).length > 0);
  });
}

/** One slip each; llem refuses them all, too. */
const SLIPS: readonly string[] = [
  "modle: m\nmodel: m",
  "model: 7",
  "model: m\nn: 0",
  "model: m\nn: 1.5",
  "model: m\nbackend: lamacpp",
  "model: m\nbackend: []",
  "model: m\ndecoder: { temprature: 1 }",
  "model: m\ndecoder: { preset: greedy }",
  "model: m\ndataset: { input_len: 3, jsonl: f }",
  "model: m\nbackend: llamacpp\nllamacpp: { n_thread: 2 }",
  "model: m\nbackend: command\ncommand: { argv: [] }",
  "model: m\nexecution: { n_cycle: 2 }",
  "model: m\nexecution: { grace_seconds: 0 }",
  "model: m\nrunners: { vlm: docker }",
  "model: m\nrunners: { vllm: podman }",
  "model: m\nsweep: { nn: [1] }",
  "model: m\nsweep: { n: [] }",
  "model: m\nbackend: llamacpp\nsweep: { llamacpp.n_thread: [1] }",
  "model: m\nsweep: { execution.n_cycles: [1] }",
  "model: m\nexperiments: []",
  "model: m\nexperiments: [{ nn: 1 }]",
  "model: m\nexperiments: [{ n: 0 }]",
];

for (const text of SLIPS) {
  Deno.test(`studyJsonSchema() and readStudy() refuse ${JSON.stringify(text)}`, () => {
    ok(complaints(text).length > 0, "the schema accepts it");
    ok(tell(text).errors.length > 0, "llem accepts it");
  });
}

/** What may stand in a file that an editor should not mark. */
const FINE: readonly string[] = [
  "model: m\ndecoder:\nwarmup:\nexecution:\nsweep:\nexperiments:\n",
  "model: m\nexecution: { devices: 0 }",
  "model: m\nexecution: { devices: '0,1' }",
  "model: m\nexecution: { devices: [0, cuda:1] }",
  "model: m\npytorch: { anything_else: { deep: [1] } }",
  "model: m\nsweep: { pytorch.anything_else: [1, x], n: 5, decoder: [{ top_k: 1 }, null] }",
  "model: m\nbackend: command\ncommand: { argv: [x] }\nsweep: { params.a.b: [1, { c: 2 }], command.env.A: [x, y] }",
  "model: m\nbackend: command\nsweep: { command.argv: [[a], [b, c]] }",
  "model: m\nexperiments: [{ backend: [pytorch, vllm], runners: { vllm: docker:x } }]",
  "model: m\ndataset: { jsonl: f }\nversion: 2",
];

for (const text of FINE) {
  Deno.test(`studyJsonSchema() and readStudy() accept ${JSON.stringify(text)}`, () => {
    deepStrictEqual(complaints(text), []);
    deepStrictEqual(tell(text).errors, []);
  });
}

Deno.test("studyJsonSchema() describes every field and offers its default", () => {
  const missing: string[] = [];
  const visit = (field: Json | undefined, path: string): void => {
    if (!isJsonObject(field)) return;
    for (const option of Array.isArray(field.anyOf) ? field.anyOf : [field]) {
      if (!isJsonObject(option) || !isJsonObject(option.properties)) continue;
      for (const [key, child] of Object.entries(option.properties)) {
        const isKnown = path !== "/sweep" && path !== "/experiments";
        if (isKnown && isJsonObject(child) && !child.description) missing.push(`${path}/${key}`);
        if (isKnown) visit(child, `${path}/${key}`);
      }
    }
  };
  visit(schema, "");
  deepStrictEqual(missing, []);
  const { n } = schema.properties as JsonObject;
  deepStrictEqual(n, {
    default: 100,
    description: "number of prompts per run, for any dataset",
    type: "integer",
    minimum: 1,
  });
});

/** Slips, and the key or value that an editor is to name; nothing is to be said of options that were not meant. */
const NAMED: readonly (readonly [text: string, named: string])[] = [
  ["sweep: { llamacpp.n_thread: [1] }", '"additionalProperty":"llamacpp.n_thread"'],
  ["sweep: { decoder: [{ top_kk: 1 }] }", '"additionalProperty":"top_kk"'],
  ["sweep: { n: [1, x] }", "/sweep/n/1 must be integer"],
  ["llamacpp: { n_thread: 1 }", '"additionalProperty":"n_thread"'],
  ["execution: { n_cycle: 1 }", '"additionalProperty":"n_cycle"'],
  ["dataset: { n: 1, input_length: 3 }", '"additionalProperty":"input_length"'],
  ["dataset: { n: 1, jsonl: f }", "/dataset/jsonl "],
  ["experiments: [{ decoder: { temprature: 1 } }]", '"additionalProperty":"temprature"'],
  ["backend: lamacpp", "/backend must be equal to one of the allowed values"],
];

for (const [text, named] of NAMED) {
  Deno.test(`studyJsonSchema() names what is wrong in ${JSON.stringify(text)}`, () => {
    const all = complaints(`model: m\n${text}`);
    ok(all.some((one) => one.includes(named)), all.join("\n"));
    ok(!all.some((one) => one.includes("anyOf") || one.includes("oneOf")), all.join("\n"));
  });
}

Deno.test("studyJsonSchema() has an $id and is small", () => {
  strictEqual(schema.$id, "urn:llem:study-file:1");
  const bytes = new TextEncoder().encode(JSON.stringify(schema)).length;
  ok(bytes < 80_000, `${bytes} bytes`);
  ok(!JSON.stringify(schema).includes("anyOf"));
});

Deno.test("a schema that accepts everything would be noticed", () => {
  const loose = validator({ ...schema, additionalProperties: true });
  ok(loose({ modle: "m" }));
  ok(!validate({ modle: "m" }));
});
