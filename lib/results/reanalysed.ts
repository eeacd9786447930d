import { utcNow } from "../base/clock.ts";
import { LLEM_VERSION } from "../base/version.ts";
import { idleShare, perUnit } from "./energy/per_unit.ts";
import type { EnergyRecord } from "./energy/record.ts";
import type { ResultRecord } from "./record.ts";
import type { RequestTally } from "./request_tally.ts";
import { runNumbers, type WindowCounts, windowCounts } from "./run_numbers.ts";

/**
 * A record with all that follows from its requests computed again: latencies, rates, joules per token, the verdict on the
 * promise by which `requests` were judged. What was measured (windows, tokens of the worker, joules) stays as it is.
 */
export function reanalysed(record: ResultRecord, requests: RequestTally): ResultRecord {
  const { measurement, throughput, energy } = record;
  const { samples, counts, slo, itlUntold: itl_untold } = requests;
  const numbers = runNumbers({ samples, counts, slo, itl_untold }, measurement, {
    window_s: throughput?.window_s ?? null,
    headline_j: energy?.headline_j ?? null,
  });
  const { requests: _, slo: __, ...rest } = record;
  return {
    ...rest,
    ...numbers,
    energy: energy === null ? null : energyAgain(energy, windowCounts(measurement, counts)),
    reanalysed: { at: utcNow(), llem_version: LLEM_VERSION },
  };
}

function energyAgain(energy: EnergyRecord, counts: WindowCounts | null): EnergyRecord {
  const { headline_j, net_j } = energy;
  const loaded = net_j.loaded ?? null;
  return { ...energy, ...perUnit(headline_j, loaded, counts), idle_share: idleShare(headline_j, loaded) };
}
