/** What a server says of itself at two points of a study. */
import assert from "node:assert/strict";
import { ServerFactsWatch } from "../../lib/runner/server_facts_watch.ts";
import { configOf } from "../support/plans.ts";
import { factsDifference, factWarnings } from "../../lib/results/server_facts.ts";

Deno.test("a server that says other things at another point of the study is told, times and ports are not", () => {
  const at = (maxLength: number, created: number) => ({
    "/v1/models": {
      data: [{ id: "m", created, max_model_len: maxLength, permission: [{ id: `p-${created}` }] }],
    },
    "/props": { media_marker: `<m${created}>`, total_slots: 4 },
    "/server_info": { port: created, nccl_port: created, tp_size: 1 },
  });
  assert.deepEqual(factsDifference(at(4096, 1), at(4096, 2)), []);
  assert.deepEqual(factsDifference(at(4096, 1), { "/props": { total_slots: 4 } }), []);
  const differences = factsDifference(at(4096, 1), at(8192, 2));
  assert.deepEqual(differences, [
    { path: "/v1/models", name: "data[0].max_model_len", before: "4096", after: "8192" },
  ]);
  assert.match(factWarnings(differences)[0]?.text ?? "", /max_model_len was 4096, now 8192/);
  const flags = (value: boolean) => ({
    "/props": Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`flag${index}`, value])),
  });
  assert.equal(
    factWarnings(factsDifference(flags(true), flags(false))).at(-1)?.text,
    "4 more values differ.",
  );
  assert.deepEqual(
    factsDifference({ "/props": { a: 1 } }, { "/props": { b: 1 } }).map(({ after }) => after),
    [
      "absent",
      "1",
    ],
  );
});

Deno.test("servers are compared where a study asks for the same one, whatever their loads", () => {
  const config = (argument: string, rate: number) =>
    configOf({
      backend: "openai",
      model: "mock",
      openai: {
        server: { kind: "vllm", argv: ["serve", argument, "{port}"] },
        load: { arrivals: "poisson", rate },
      },
    });
  const told = (tp_size: number) => ({
    ...{ input_tokens: null, output_tokens: null, requests: null, model: {}, memory: {}, metrics: {} },
    serving: { server_facts: { "/server_info": { tp_size } } },
  });
  const watch = new ServerFactsWatch();
  assert.deepEqual(watch.warnings(config("a", 1), told(1)), []);
  assert.deepEqual(watch.warnings(config("b", 1), told(2)), []);
  assert.deepEqual(watch.warnings(config("a", 2), null), []);
  assert.deepEqual(watch.warnings(config("a", 2), told(2)).map(({ code }) => code), ["server_facts_differ"]);
});
