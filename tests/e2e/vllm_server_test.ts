/** A real vLLM as a server that llem starts, through the whole program. Only `scripts/test --slow` runs it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { JsonObject } from "../../lib/base/json.ts";
import { readPath } from "../../lib/experiment/read_path.ts";
import { testWithVllmServer, VLLM_SERVER_ENV, vllmServerArgv } from "../support/vllm_server.ts";
import { writeVllmModel } from "../support/vllm_worker.ts";
import { ended, ran, readResult, runFolder, Sandbox, start } from "./llem.ts";

/** Three interpreters import vLLM one after the other before the server is up. */
const LIMIT_MS = 600_000;

/** What each of its runs tells: given ids as they are, lengths that were kept, an empty cache, and the server's own counts. */
const SERVED: readonly (readonly [path: string, value: unknown])[] = [
  ["prompts.made_by", "ids"],
  ["lengths.output_length", "forced"],
  ["lengths.output_differs", 0],
  ["prefix_cache.verdict", "cold"],
  ["prefix_cache.proven_by", "cached_tokens"],
  ["counters.counters.output_tokens.delta", 32],
  ["counters.counters.cache_hits.delta", 0],
  ["server_tokens.input_difference", 0],
];

testWithVllmServer(
  "a study starts vLLM's server for its loads, measures exact work, and leaves nothing",
  async () => {
    using box = new Sandbox();
    const argv = vllmServerArgv("--max-model-len", "256", "--enable-prompt-tokens-details");
    const study = {
      backend: "openai",
      model: writeVllmModel(join(box.dir, "model")),
      dataset: { n: 4, input_len: 32, output_len: 8 },
      warmup: { n_warmup: 1 },
      openai: { server: { kind: "vllm", argv, env: VLLM_SERVER_ENV, lifetime: "group" } },
      sweep: { "openai.load.concurrency": [1, 2] },
      execution: { n_cycles: 1, cycle_order: "sequential", server_ready_timeout_seconds: 500 },
    };
    const file = box.write("vllm.json", JSON.stringify(study));
    const child = start(["run", file, "-o", join(box.dir, "out"), "--json"]);
    const { code, runs, dir, stderr } = ran(await ended(child, LIMIT_MS));
    assert.deepEqual([code, runs.map(({ status }) => status)], [0, ["completed", "completed"]], stderr);
    const records = [1, 2].map((index) => readResult(runFolder(dir, index)));
    for (const record of records) {
      const { requests, input_tokens, output_tokens } = record.measurement ?? {};
      assert.deepEqual([requests, input_tokens, output_tokens], [4, 128, 32]);
      const told = record.measurement as unknown as JsonObject;
      const served = SERVED.map(([path]) => readPath(told, `serving.${path}`));
      assert.deepEqual(served, SERVED.map(([, value]) => value));
      assert.match(record.server?.version ?? "", /^\d+\.\d+/);
    }
    const [first, second] = records.map(({ server }) => server);
    assert.equal(first?.instance, second?.instance);
    const port = Number(first?.argv[first.argv.indexOf("--port") + 1]);
    await assert.rejects(Deno.connect({ hostname: "127.0.0.1", port }), Deno.errors.ConnectionRefused);
  },
);
