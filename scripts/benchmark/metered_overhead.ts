import type { Figure } from "./figure.ts";
import { median } from "./median.ts";
import { NOOP_WORKER, noopStudy } from "./noop_study.ts";
import { meanSpacing } from "./overhead.ts";
import { readResults, readRunEndsMs, startStudy, type StudyFile } from "./study.ts";

/**
 * What metering adds to the runner's overhead: studies of runs that rest for a tenth of a second, less than an engine takes to
 * start, with and without metering take turns, with the same library in sight.
 */
export async function measureMeteredOverhead(
  env: Readonly<Record<string, string>>,
  { rounds, runsPerRound }: { readonly rounds: number; readonly runsPerRound: number },
): Promise<Figure[]> {
  const spacingsMs: Record<"auto" | "none", number[]> = { auto: [], none: [] };
  const turns = ["auto", "none"] as const;
  for (let round = 0; round < rounds; round++) {
    for (const backend of round % 2 === 0 ? turns : turns.toReversed()) {
      const dir = await startStudy(study(backend, runsPerRound), { env }).finished;
      assertMetered(dir, backend === "auto");
      spacingsMs[backend].push(meanSpacing(readRunEndsMs(dir)));
    }
  }
  const [metered, unmetered] = [median(spacingsMs.auto), median(spacingsMs.none)];
  const remark = `runs that rest for ${REST_S} s, ${rounds} rounds of ${runsPerRound}`;
  return [
    { name: "metered_run_spacing_ms", value: metered, aim: null, remark: `eight boards metered, ${remark}` },
    {
      name: "unmetered_run_spacing_ms",
      value: unmetered,
      aim: null,
      remark: `energy.backend null, ${remark}`,
    },
    {
      name: "meter_overhead_ms_per_run",
      value: metered - unmetered,
      aim: "<= 1",
      remark: "effect of the meter on the runner's overhead: the difference of the two",
    },
  ];
}

function study(backend: "auto" | "none", runs: number): StudyFile {
  return {
    ...noopStudy(runs),
    command: { argv: [NOOP_WORKER, String(REST_S)] },
    name: `noop-meter-${backend}`,
    energy: { backend: backend === "auto" ? "auto" : null },
    baseline: { enabled: false },
    warmup: { enabled: false },
  };
}

/** What metering does for a run is done while its worker works: one that takes no time at all would hide nothing of it. */
const REST_S = 0.1;

/** A figure of something that did not happen would be a lie. A run that rests has no window; the reason tells why there is no energy. */
function assertMetered(dir: string, metered: boolean): void {
  for (const { energy, energy_reason } of readResults(dir)) {
    const isMetered = energy !== null || /measure phase/.test(energy_reason ?? "");
    if (isMetered !== metered) throw new Error(`${dir}: energy is ${energy_reason ?? "there"}`);
  }
}
