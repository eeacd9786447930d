/** Texts about servers under load, and what they promise. */
import { basename } from "node:path";
import { plural } from "../../base/text.ts";
import type { ServedLoad } from "../../experiment/load.ts";
import type { SloVerdict } from "../../results/goodput.ts";
import { type Slo, SLO_LIMITS } from "../../study/slo_schema.ts";

/** The load of all runs. */
export function planLoad(load: string): string {
  return `load ${load}`;
}

/** How many servers of a plan are started, for so many runs. */
export function planServers(starts: number, runs: number): string {
  const count = `${plural(starts, "server")} for ${plural(runs, "run")}`;
  if (starts === runs) return `${count}: every run has one of its own`;
  return `${count}: runs in a row that need the same one share it, and every cycle has new ones`;
}

/** A load in a name, a cell or a line: `closed 4`, `poisson 2/s`. */
export function servedLoadText(load: ServedLoad): string {
  switch (load.kind) {
    case "closed":
      return `closed ${load.concurrency}`;
    case "constant":
    case "poisson":
      return `${load.kind} ${load.rate}/s`;
    case "gamma":
      return `gamma ${load.rate}/s shape ${load.shape}`;
    case "ramp":
      return `ramp ${load.rate}/s to ${load.to}/s in ${load.seconds} s`;
    case "trace":
      return `trace ${basename(load.file)}${load.speed === 1 ? "" : ` x${load.speed}`}`;
  }
}

const LIMIT_NAMES: Readonly<Record<typeof SLO_LIMITS[number], string>> = {
  ttft_ms: "TTFT",
  tpot_ms: "TPOT",
  itl_ms: "ITL",
  e2e_ms: "E2E",
};

/** What is promised: `TTFT <= 500 ms and TPOT <= 50 ms for 99 % of the requests`. */
export function sloText(slo: Slo): string {
  const limits = SLO_LIMITS.flatMap((name) => {
    const limit = slo[name];
    return limit === null ? [] : [`${LIMIT_NAMES[name]} <= ${limit} ms`];
  });
  return `${limits.join(" and ")} for ${Number((slo.share * 100).toPrecision(6))} % of the requests`;
}

/** What a plan is going to be judged by. */
export function planSlo(slo: Slo): string {
  return `slo ${sloText(slo)}`;
}

/** How many of the runs of a row kept the promise. */
export function runsMet({ met, missed, unknown }: RunsByVerdict): string {
  const total = met + missed + unknown;
  if (total === 0) return "";
  if (met === total) return "met";
  if (missed === total) return "missed";
  if (unknown === total) return "unknown";
  return `met ${met}/${total}`;
}

export interface RunsByVerdict {
  readonly met: number;
  readonly missed: number;
  readonly unknown: number;
}

/** The verdict on one run, in its line. */
export function sloFact({ met, share }: Pick<SloVerdict, "met" | "share">): string {
  if (met === null) return "slo unknown";
  // A share that is not reached is not rounded to one that is.
  const kept = share === null ? "" : ` (${Math.floor(share * 1000) / 10} %)`;
  return met ? "slo met" : `slo missed${kept}`;
}

export function goodputWithVerdict(number: string, verdict: string): string {
  return verdict === "" ? number : `${number} ${verdict}`;
}

/** Below the table. */
export function legendGoodput(slo: Slo): string {
  return `goodput: requests per second that keep the slo; met: ${sloText(slo)}, failed ones included`;
}

export function legendIdleShare(): string {
  return "idle share: what the loaded model would have drawn anyway, of the energy of the window";
}

/** Below the table: results that were judged by other limits. */
export function legendOtherSlo(runs: number): string {
  return `${runs} ${
    runs === 1 ? "run was" : "runs were"
  } judged by another slo and count for no goodput: llem reanalyse judges them by this one`;
}

/** Of a study that is looked at: what it promises and what became of it. */
export function sloOfStatus(slo: Slo, { met, missed, unknown }: RunsByVerdict): string {
  const more = unknown === 0 ? "" : `, ${unknown} unknown`;
  return `slo ${sloText(slo)}: ${met} met, ${missed} missed${more}`;
}
