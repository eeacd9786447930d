import { ASSUMED_SECONDS, type Outlook, type OutlookTime } from "../../plan/pool/outlook.ts";
import {
  outlookAlone,
  outlookCycles,
  outlookMeasured,
  outlookOff,
  outlookPairBy,
  outlookSource,
  outlookTime,
  outlookWidth,
} from "./messages.ts";

/** What several runs at a time would come to, one line each: the first says how many, what follows is set in. */
export function outlookLines(outlook: Outlook): string[] {
  const { mode, why, width, boards, boards_from: from, chains, time, alone, advice } = outlook;
  const aloneLines = alone.map(({ reason, experiments }) => outlookAlone(experiments, reason));
  if (mode === "off") return why === null ? [] : [outlookOff(why), ...setIn(aloneLines)];
  return [
    outlookWidth(mode, { width, boards, chains, from }),
    ...setIn([
      ...time === null ? [] : timeLines(time),
      ...advice.map(({ kind, value, width, seconds }) =>
        kind === "pair_by" && typeof value !== "number"
          ? outlookPairBy(value, width, seconds)
          : outlookCycles(Number(value), width)
      ),
      ...aloneLines,
    ]),
  ];
}

function timeLines(time: OutlookTime): string[] {
  const { studies, measured_seconds } = time;
  return [
    outlookTime(time),
    ...setIn([
      outlookSource(studies, ASSUMED_SECONDS),
      ...measured_seconds === null ? [] : [outlookMeasured(measured_seconds)],
    ]),
  ];
}

function setIn(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
