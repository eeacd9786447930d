import type { Figure } from "./figure.ts";
import { ROOT } from "./places.ts";
import { readFirstResult, startStudy } from "./study.ts";
import { watchProcess } from "./watch_process.ts";

const KINDS = [
  { kind: "requests", remark: "of requests with 128 tokens, checked, sampled and kept in requests.jsonl" },
  { kind: "text", remark: "of text of a kilobyte" },
] as const;

/** How fast the runner takes in frames, and what it holds meanwhile. */
export async function measureFrames({ megabytes }: { readonly megabytes: number }): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const { kind, remark } of KINDS) {
    const { pid, finished } = startStudy({
      name: `frames-${kind}`,
      backend: "command",
      model: "none",
      command: { argv: [`${ROOT}scripts/benchmark/frames.sh`, kind, String(megabytes)] },
      execution: { n_cycles: 1 },
    });
    using watch = watchProcess(pid);
    const { measurement, timing } = readFirstResult(await finished);
    const sent = Number(measurement?.metrics["sent_bytes"]) / 1e6;
    figures.push(
      {
        name: `frames_of_${kind}_mb_per_s`,
        value: sent / (timing.run_s ?? NaN),
        aim: ">= 120",
        remark: `${Math.round(sent)} MB ${remark}`,
      },
      {
        name: `frames_of_${kind}_rss_mb`,
        value: Math.max(...watch.samples.map((sample) => sample.peakRssMb)),
        aim: "<= 150",
        remark: "the runner meanwhile, at most",
      },
    );
  }
  return figures;
}
