import assert from "node:assert/strict";
import { runNamer, shortLabel } from "../../lib/report/run_name.ts";
import type { JsonObject } from "../../lib/base/json.ts";
import { configOf } from "../support/plans.ts";

Deno.test("runNamer() names a run by what tells it from the others", () => {
  const one = configOf({ params: { batch: 1, same: 1 } });
  const two = configOf({ params: { batch: 2, same: 1 }, n: 7 });
  const name = runNamer([one, two], 3);
  assert.equal(name({ config: one, cycle: 1 }), "n=100 batch=1 cycle 1");
  assert.equal(name({ config: two, cycle: 3 }), "n=7 batch=2 cycle 3");
});

Deno.test("runNamer() says backend and model where nothing varies, and no cycle where there is one", () => {
  const config = configOf({ model: "gpt2", backend: "pytorch" });
  assert.equal(runNamer([config], 1)({ config, cycle: 1 }), "pytorch gpt2");
  assert.equal(runNamer([config], 2)({ config, cycle: 2 }), "pytorch gpt2 cycle 2");
});

Deno.test("runNamer() leaves out what a run does not have and lets no control character through", () => {
  const [none, some] = [configOf(), configOf({ params: { text: "a\x1b[31m\nb" } })];
  const name = runNamer([none, some], 1);
  assert.equal(name({ config: none, cycle: 1 }), "command none");
  assert.equal(name({ config: some, cycle: 1 }), "text=a?[31m / b");
});

Deno.test("runNamer() calls a load by its name, and what the name does not tell by its key", () => {
  const served = (load: JsonObject) =>
    configOf({ model: "m", backend: "openai", openai: { base_url: "http://h/v1", load } });
  const [closed, poisson, seeded] = [
    served({ concurrency: 4 }),
    served({ arrivals: "poisson", rate: 2 }),
    served({ arrivals: "poisson", rate: 2, seed: 7 }),
  ];
  const name = runNamer([closed, poisson], 2);
  assert.equal(name({ config: closed, cycle: 1 }), "closed 4 cycle 1");
  assert.equal(name({ config: poisson, cycle: 2 }), "poisson 2/s cycle 2");
  assert.equal(runNamer([poisson, seeded], 1)({ config: seeded, cycle: 1 }), "seed=7");
  assert.equal(runNamer([closed, seeded], 1)({ config: seeded, cycle: 1 }), "poisson 2/s seed=7");
});

Deno.test("shortLabel() is the last part of a path", () => {
  assert.equal(shortLabel("llamacpp.n_threads"), "n_threads");
  assert.equal(shortLabel("n"), "n");
});
