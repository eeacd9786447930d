import assert from "node:assert/strict";
import type { RunDetails } from "../../../lib/archive/report/run_details.ts";
import { clientParts } from "../../../lib/report/html/charts/client/client_parts.ts";
import { packTraces } from "../../../lib/report/html/charts/runs/packed_traces.ts";

const RUN: RunDetails = {
  study: 0,
  index: 1,
  run_id: "0001",
  config_hash: "a",
  cycle: 1,
  phases_from_ms: null,
  phases: [{ name: "measure", begin_s: 1, end_s: 2 }],
  energy: null,
  energy_reason: null,
  heat: null,
  latency: {},
  power: [
    { device: "GPU-0", from_s: 0.5, column_s: 1, low_w: [100, null, 99.96], high_w: [110.04, null, 300] },
    { device: "GPU-1", from_s: 0.5, column_s: 1, low_w: [0, 6400, 0], high_w: [0, 6400, 10] },
  ],
};

/** As the page's script does it. */
async function unpacked(packed: string): Promise<Int16Array> {
  const stream = new Blob([Uint8Array.fromBase64(packed)]).stream().pipeThrough(
    new DecompressionStream("deflate-raw"),
  );
  return new Int16Array(await new Response(stream).arrayBuffer());
}

Deno.test("packTraces() gives back the readings to a tenth of a watt, or to what fits into 16 bits", async () => {
  const { runs, packed } = await packTraces([{ run: RUN, label: "batch=1" }]);
  assert.deepEqual(runs.map(({ label, step_w, columns }) => [label, step_w, columns]), [
    ["batch=1 (1)", 0.1, 3],
    ["batch=1 (2)", 0.2, 3],
  ]);
  assert.deepEqual(runs[0]?.measured, [[1, 2]]);
  const numbers = [...await unpacked(packed)];
  // Differences of the smallest, then how far the largest lies above it; the column without readings repeats the one before.
  assert.deepEqual(numbers.slice(0, 6), [1000, 100, 0, 100, 0, 2000]);
  assert.deepEqual(numbers.slice(6), [0, 0, 32000, 0, -32000, 50]);
});

Deno.test("clientParts() has the library of the traces only where a page has some, and nothing that ends a script", async () => {
  const chart = {
    id: "power",
    title: "",
    description: "",
    svg: "",
    absent: null,
    table: { head: [], rows: [], left_out: 0 },
  };
  assert.deepEqual(clientParts([chart]), { script: "", style: "" });
  const interaction = await packTraces([{ run: RUN, label: "batch=1" }]);
  const { script, style } = clientParts([{ ...chart, interaction }]);
  assert.match(script, /MIT License/);
  assert.ok(script.length > 50_000 && script.length < 60_000);
  assert.ok(
    !/<\/script|<!--|\beval\(|new Function|localStorage|fetch\(|XMLHttpRequest|https?:\/\/(?!github\.com\/leeoniya|opensource\.org)/i
      .test(script),
  );
  assert.ok(!/<\/style|url\(|@import/i.test(style));
});
