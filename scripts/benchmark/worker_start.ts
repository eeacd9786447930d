import type { Figure } from "./figure.ts";
import { median } from "./median.ts";
import { readResults, startStudy, type StudyFile } from "./study.ts";

/** How long the embedded engine's worker takes from its spawn to its hello: process, library, devices. */
export async function measureWorkerStart({ runs }: { readonly runs: number }): Promise<Figure[]> {
  await startStudy(tinyStudy(1)).finished; // unpacks the engine
  const results = readResults(await startStudy(tinyStudy(runs)).finished);
  const startsMs = results.map(({ timing }) => (timing.startup_s ?? NaN) * 1000);
  const wholeMs = results.map(({ timing }) => timing.duration_s * 1000);
  return [
    {
      name: "llamacpp_worker_start_ms",
      value: median(startsMs),
      aim: null,
      remark: `spawn to hello with tiny-random, ${runs} runs`,
    },
    {
      name: "llamacpp_worker_life_ms",
      value: median(wholeMs),
      aim: null,
      remark: "spawn to end, one token generated",
    },
  ];
}

function tinyStudy(runs: number): StudyFile {
  return {
    name: "worker-start",
    backend: "llamacpp",
    model: "tiny-random",
    dataset: { n: 1, input_len: 8, output_len: 1 },
    llamacpp: { n_threads: 1 },
    warmup: { enabled: false },
    execution: { n_cycles: runs },
  };
}
