import type { Figure } from "./figure.ts";
import { median } from "./median.ts";
import { noopStudy } from "./noop_study.ts";
import { readRunEndsMs, startStudy } from "./study.ts";

/** The journal's times have whole milliseconds: over so many runs that is fine enough, where there are so many. */
const RUNS_PER_SPAN = 20;
const MEMORY_EVERY_MS = 100;

/** Whether the program slows down or grows over a long study of a no-op worker. */
export async function measureLongStudy({ runs }: { readonly runs: number }): Promise<Figure[]> {
  const { pid, finished } = startStudy(noopStudy(runs));
  let memory = readMemory(pid);
  const watch = setInterval(() => {
    memory = readMemory(pid) ?? memory;
  }, MEMORY_EVERY_MS);
  const studyDir = await finished.finally(() => clearInterval(watch));
  const endsMs = readRunEndsMs(studyDir);
  const sixth = Math.floor(endsMs.length / 6);
  const [first, last] = [spacing(endsMs.slice(0, sixth + 1)), spacing(endsMs.slice(-sixth - 1))];
  return [
    {
      name: "drift_last_sixth_over_first_sixth",
      value: last / first,
      aim: "<= 1.1",
      remark: `${runs} no-op runs: ${first.toFixed(2)} ms a run, then ${last.toFixed(2)} ms`,
    },
    {
      name: "runner_rss_mb_end",
      value: memory?.nowMb ?? null,
      aim: "<= 300",
      remark: `after ${runs} runs`,
    },
    {
      name: "runner_rss_mb_peak",
      value: memory?.peakMb ?? null,
      aim: null,
      remark: `over ${runs} runs`,
    },
  ];
}

/** The median time of a run, taken over spans of runs so that one stall does not count. */
function spacing(endsMs: readonly number[]): number {
  const span = Math.min(RUNS_PER_SPAN, endsMs.length - 1);
  const spacings: number[] = [];
  for (let at = span; at < endsMs.length; at += span) {
    spacings.push(((endsMs[at] ?? NaN) - (endsMs[at - span] ?? NaN)) / span);
  }
  return median(spacings);
}

interface Memory {
  readonly nowMb: number;
  readonly peakMb: number;
}

/** Null once the process has ended. */
function readMemory(pid: number): Memory | null {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    const [now, peak] = ["VmRSS", "VmHWM"].map((key) =>
      new RegExp(`^${key}:\\s+(\\d+) kB`, "m").exec(status)?.[1]
    );
    if (now === undefined || peak === undefined) return null;
    return { nowMb: Number(now) * 1024 / 1e6, peakMb: Number(peak) * 1024 / 1e6 };
  } catch {
    return null;
  }
}
