/** Texts about what several runs at a time would come to. */
import { roughDuration } from "../../base/duration.ts";
import { formatNumber, plural } from "../../base/text.ts";
import type { AloneReason } from "../../plan/pool/demand.ts";
import type { OutlookBoards, OutlookTime } from "../../plan/pool/outlook.ts";
import type { OffReason } from "../../plan/pool/resolve_mode.ts";

const OFF: Readonly<Record<OffReason, string>> = {
  unknown_demand: "how many devices a run takes is not known (execution.devices_per_run says it)",
  no_gate: "a worker cannot wait to be measured (command.waits_for_gate says that yours can)",
  all_alone: "nothing may run beside any of the runs",
  one_board: "there is only one device",
};

const ALONE: Readonly<Record<AloneReason, string>> = {
  no_gpu: "no GPU is used",
  never: "parallel: never",
  rapl: "energy of the CPUs, which all share",
  load_time: "the study is about load times",
  no_gate: "the worker cannot wait to be measured (see command.waits_for_gate), or the server is not llem's",
  mig: "a MIG device shares its board",
};

const FROM: Readonly<Record<OutlookBoards["from"], string>> = {
  named: "",
  found: "",
  assumed: " (assumed: no GPU was found here; --devices names some)",
};

/** `parallel: auto` that comes to one run at a time. */
export function outlookOff(why: OffReason): string {
  return `parallel: off, since ${OFF[why]}`;
}

/** How many boards work. */
export function outlookWidth(
  mode: string,
  { width, boards, chains, from }: {
    readonly width: number;
    readonly boards: number;
    readonly chains: number;
    readonly from: OutlookBoards["from"];
  },
): string {
  const idle = boards - width;
  return `parallel: ${mode}, up to ${width} of ${plural(boards, "device")} at a time${FROM[from]}, ` +
    `in ${plural(chains, "chain")}${idle === 0 ? "" : `; ${idle} idle`}`;
}

/** How long it takes, against one run at a time. */
export function outlookTime({ seconds, off_seconds }: OutlookTime): string {
  const times = Math.round(10 * off_seconds / Math.max(seconds, 1e-9)) / 10;
  const gain = times > 1 ? `${formatNumber(times)} times as fast` : "no faster";
  return `about ${roughDuration(seconds)} against ${
    roughDuration(off_seconds)
  } with one run at a time: ${gain}`;
}

/** Where these times come from. */
export function outlookSource(studies: number | null, assumed_s: number): string {
  if (studies === null) {
    return `assuming ${assumed_s} s for each load, and for each measured window of unknown length`;
  }
  return `from ${studies === 1 ? "an earlier study" : `${studies} earlier studies`}`;
}

/** What nothing but shorter windows can save. */
export function outlookMeasured(measured_seconds: number): string {
  return `measured windows, one at a time, take ${roughDuration(measured_seconds)} of it`;
}

/** `pair_by` that lets more boards work, and its price. */
export function outlookPairBy(fields: readonly string[], width: number, seconds: number | null): string {
  const time = seconds === null ? "" : ` and takes about ${roughDuration(seconds)}`;
  return `execution.pair_by: [${fields.join(", ")}] would let ${width} work at a time${time}; ` +
    `runs of different ${fields.join(", ")} are then compared across devices`;
}

/** More cycles that let more boards work. */
export function outlookCycles(cycles: number, width: number): string {
  return `${cycles} cycles would let ${width} work at a time`;
}

/** Experiments whose runs are alone. */
export function outlookAlone(experiments: number, reason: AloneReason): string {
  return `${plural(experiments, "experiment")} with nothing beside ${experiments === 1 ? "it" : "them"}: ` +
    ALONE[reason];
}
