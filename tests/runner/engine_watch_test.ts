import assert from "node:assert/strict";
import { EngineWatch } from "../../lib/runner/engine_watch.ts";
import type { RecordWorker } from "../../lib/results/record.ts";
import { configOf } from "../support/plans.ts";

function worker(versions: Readonly<Record<string, string>>): RecordWorker {
  return { backend: "vllm", versions, devices: [], pid: 1 };
}

const VLLM = configOf({ backend: "vllm", model: "m" });

Deno.test("EngineWatch names what of an engine is not as in the first run with it", () => {
  const watch = new EngineWatch(() => null);
  assert.deepEqual(watch.warnings(VLLM, null), [], "a worker that said nothing");
  assert.deepEqual(watch.warnings(VLLM, worker({ llem: "1", vllm: "0.11.2", cuda: "13.0" })), []);
  assert.deepEqual(
    watch.warnings(VLLM, worker({ llem: "2", vllm: "0.11.2", cuda: "13.0" })),
    [],
    "llem is no engine",
  );
  const [warning, ...more] = watch.warnings(VLLM, worker({ llem: "1", vllm: "0.32.0", hip: "7" }));
  assert.deepEqual([warning?.code, more], ["engine_changed", []]);
  assert.match(
    warning?.text ?? "",
    /vllm was 0\.11\.2 and is 0\.32\.0, cuda was 13\.0 and is absent, hip was absent and is 7/,
  );
  assert.equal(
    watch.warnings(VLLM, worker({ vllm: "0.32.0" })).length,
    1,
    "it is held against the first, every time",
  );
});

Deno.test("EngineWatch tells interpreters and backends apart, and leaves a user's own worker alone", () => {
  const watch = new EngineWatch(() => null);
  const other = configOf({ backend: "vllm", model: "m", vllm: { python: "/other/python" } });
  const torch = configOf({ backend: "pytorch", model: "m" });
  for (const config of [VLLM, other, torch, configOf(), configOf()]) {
    assert.deepEqual(watch.warnings(config, worker({ vllm: crypto.randomUUID() })), []);
  }
});

Deno.test("EngineWatch holds a resumed study against its first session", () => {
  const asked: string[] = [];
  const watch = new EngineWatch((engine) => {
    asked.push(engine);
    return worker({ vllm: "0.11.2" });
  });
  assert.equal(watch.warnings(VLLM, worker({ vllm: "0.32.0" })).length, 1);
  assert.equal(watch.warnings(VLLM, worker({ vllm: "0.11.2" })).length, 0);
  assert.equal(asked.length, 1, "records are read once");
});
