/** Servers under load through the whole program: a real llama-server, started by llem and by hand. */
import assert from "node:assert/strict";
import { freePort } from "../../lib/servers/free_port.ts";
import { HAS_SMOLLM2, LLAMA_SERVER, SMOLLM2, testWithLlamaServer } from "../support/llama_server.ts";
import { lives } from "../support/program.ts";
import { LIMIT_MS, llem, readResult, runFolder, Sandbox } from "./llem.ts";

const SETTINGS = ["-t", "1", "-c", "256", "-np", "2"];
const COMMON = {
  backend: "openai",
  dataset: { n: 3, input_len: 8, output_len: 6 },
  warmup: { n_warmup: 1 },
  slo: { ttft_ms: 60_000 },
  execution: { n_cycles: 1 },
};

testWithLlamaServer("a study starts llama-server for its loads, and nothing of it is left", async () => {
  using box = new Sandbox();
  const argv = [LLAMA_SERVER, "-m", "{model}", "--port", "{port}", ...SETTINGS];
  const study = {
    ...COMMON,
    model: SMOLLM2,
    openai: { server: { kind: "llama-server", argv, lifetime: "group" } },
    sweep: { "openai.load.concurrency": [1, 2] },
  };
  const { code, runs, dir, stderr } = await box.run(box.write("managed.json", JSON.stringify(study)));
  assert.deepEqual([code, runs.map(({ status }) => status)], [0, ["completed", "completed"]], stderr);
  const records = [1, 2].map((index) => readResult(runFolder(dir, index)));
  for (const { measurement, latency, slo } of records) {
    const { requests, input_tokens, output_tokens } = measurement ?? {};
    assert.deepEqual([requests, input_tokens, output_tokens], [3, 24, 18]);
    assert.ok((latency?.ttft_ms?.median ?? 0) > 0 && (latency?.tpot_ms?.median ?? 0) > 0);
    assert.equal(slo?.met, true);
  }
  const [first, second] = records.map(({ server }) => server);
  assert.deepEqual([first?.instance, first?.position, second?.position], [second?.instance, 1, 2]);
  const port = Number(first?.argv[4]);
  await assert.rejects(Deno.connect({ hostname: "127.0.0.1", port }), Deno.errors.ConnectionRefused);
}, [HAS_SMOLLM2]);

testWithLlamaServer(
  "a server that runs already is asked what it serves, measured, and left alone",
  async () => {
    using box = new Sandbox();
    const port = freePort();
    const args = ["-m", SMOLLM2, "--port", String(port), "-a", "smol", ...SETTINGS];
    const child = new Deno.Command(LLAMA_SERVER, { args, stdin: "null", stdout: "null", stderr: "null" })
      .spawn();
    try {
      const base_url = `http://127.0.0.1:${port}`;
      await healthy(base_url);
      const studyOf = (model: string): string =>
        box.write(`${model}.json`, JSON.stringify({ ...COMMON, model, openai: { base_url } }));
      assert.match((await llem(["plan", studyOf("x")])).stderr, /serves smol, not x/);
      const { code, dir, stderr } = await box.run(studyOf("served"));
      assert.equal(code, 0, stderr);
      const { measurement } = readResult(runFolder(dir, 1));
      assert.deepEqual([measurement?.model["name"], measurement?.output_tokens], ["smol", 18]);
      assert.ok(lives(child.pid));
    } finally {
      child.kill("SIGKILL");
      await child.status;
    }
  },
  [HAS_SMOLLM2],
);

async function healthy(base_url: string): Promise<void> {
  const endMs = performance.now() + LIMIT_MS;
  while (performance.now() < endMs) {
    const response = await fetch(`${base_url}/health`).catch(() => null);
    await response?.body?.cancel();
    if (response?.status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail("llama-server is not up");
}
