/** Texts about what several runs at a time would come to. */
import { roughDuration } from "../../base/duration.ts";
import { formatNumber, plural } from "../../base/text.ts";
import type { AloneReason } from "../../plan/pool/demand.ts";
import type { OutlookBoards, OutlookTime } from "../../plan/pool/outlook.ts";
import type { OffReason } from "../../plan/pool/resolve_mode.ts";

const OFF: Readonly<Record<OffReason, string>> = {
  unknown_demand: "how many devices a run takes is not known (execution.devices_per_run says it)",
  no_gate: "the worker of a run cannot wait to be measured",
  all_alone: "nothing may run beside any of the runs",
  one_board: "there is only one device",
};

const ALONE: Readonly<Record<AloneReason, string>> = {
  no_gpu: "uses no GPU",
  never: "parallel: never",
  rapl: "energy of the CPUs, which all share",
  load_time: "the study is about load times",
  no_gate: "its worker cannot wait to be measured, or its server is not llem's",
  mig: "a MIG device shares its board",
};

const FROM: Readonly<Record<OutlookBoards["from"], string>> = {
  named: "",
  found: "",
  assumed: " (assumed: there are none here; --devices names some)",
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
export function outlookTime(
  { studies, seconds, off_seconds, measured_seconds }: OutlookTime,
  assumed_s: number,
): string {
  const times = formatNumber(Math.round(10 * off_seconds / Math.max(seconds, 1e-9)) / 10);
  const source = studies === null
    ? `assuming ${assumed_s} s to load and ${assumed_s} s to measure where nothing is known of a run`
    : `from ${studies === 1 ? "an earlier study" : `${studies} earlier studies`}`;
  const measured = measured_seconds === null
    ? ""
    : `; measured windows, one at a time, take ${roughDuration(measured_seconds)} of it`;
  return `about ${roughDuration(seconds)} against ${roughDuration(off_seconds)} with one run at a time, ` +
    `${times} times as fast (${source})${measured}`;
}

/** `pair_by` that lets more boards work. */
export function outlookPairBy(fields: readonly string[], width: number, seconds: number | null): string {
  const time = seconds === null ? "" : ` and takes about ${roughDuration(seconds)}`;
  return `execution.pair_by: [${fields.join(", ")}] would let ${width} work at a time${time}; ` +
    `then only runs of equal ${fields.join(", ")} share a device`;
}

/** More cycles that let more boards work. */
export function outlookCycles(cycles: number, width: number): string {
  return `${cycles} cycles would let ${width} work at a time`;
}

/** Experiments whose runs are alone. */
export function outlookAlone(experiments: number, reason: AloneReason): string {
  return `${plural(experiments, "experiment")} with nothing beside ${experiments === 1 ? "it" : "them"}: ${
    ALONE[reason]
  }`;
}
