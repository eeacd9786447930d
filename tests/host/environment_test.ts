import assert from "node:assert/strict";
import { LLEM_VERSION } from "../../lib/base/version.ts";
import { hasGpu, readEnvironment } from "../../lib/host/environment.ts";

Deno.test("readEnvironment() tells what the numbers depend on, null where it is unknown", () => {
  const environment = readEnvironment();
  assert.equal(environment.schema, "llem.environment/1");
  assert.equal(environment.llem_version, LLEM_VERSION);
  assert.equal(environment.deno_version, Deno.version.deno);
  assert.equal(environment.host, Deno.hostname());
  assert.ok(environment.cpus > 0 && environment.memory_bytes > 0);
  assert.ok(Array.isArray(environment.gpus));
  for (const [name, value] of Object.entries(environment)) {
    assert.ok(value === null || value !== "" && value !== undefined, name);
  }
  assert.deepEqual(JSON.parse(JSON.stringify(environment)), environment);
});

Deno.test("hasGpu() answers without an error on any machine", () => {
  assert.equal(typeof hasGpu(), "boolean");
});
