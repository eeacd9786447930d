import type { LeftOutBoard, MeterTrouble, OpenWish, ReportTrouble } from "../meter.ts";
import { NvmlBoard } from "./board.ts";
import { callIfThere, type CallTrouble } from "./calls.ts";
import type { SystemFacts } from "./facts.ts";
import { boardLeftOut, readingsFailed } from "./messages.ts";
import { returnCode, type Verdict, withRetry } from "./return_codes.ts";
import { textOf } from "./simple_calls.ts";
import type { NvmlSymbols } from "./symbols.ts";

/** How boards are opened. */
export interface BoardOpening {
  readonly system: SystemFacts;
  readonly report: ReportTrouble;
  readonly wish: OpenWish;
}

/** A board, why it is left out, or null for one that is to be avoided. */
export type OpenedBoard = NvmlBoard | LeftOutBoard | null;

/** Opens the board of that number. One that cannot be metered is told as one trouble, whatever fails of it. */
export function openBoard(
  symbols: NvmlSymbols,
  index: number,
  { system, report, wish }: BoardOpening,
): OpenedBoard {
  const handle = new BigUint64Array(1);
  let code = withRetry(() => callIfThere(symbols.nvmlDeviceGetHandleByIndex_v2, index, handle));
  const known = wish.known.get(index) ?? null;
  if (code !== 0) return leaveOut(index, known, code, report);
  const device = handle[0] ?? 0n;
  const uuid = textOf((call) => (code = withRetry(call)) === 0, symbols.nvmlDeviceGetUUID, device);
  if (uuid === null) return leaveOut(index, known, code, report);
  if (wish.avoid.includes(uuid)) return null;
  let early: CallTrouble[] | null = [];
  const board = new NvmlBoard(symbols, device, index, uuid, system, (trouble: CallTrouble) => {
    if (early === null) report(plain(trouble));
    else early.push(trouble);
  });
  const troubles = early;
  early = null;
  if (board.isLost || !board.hasAnswered) {
    const worst = troubles.find((trouble) => trouble.code === "lost") ?? troubles[0];
    if (worst?.call !== undefined) return leaveOut(index, uuid, worst.call.returned, report);
  }
  for (const trouble of merged(troubles)) report(trouble);
  return board;
}

/** Tells it and says why. */
function leaveOut(index: number, uuid: string | null, code: number, report: ReportTrouble): LeftOutBoard {
  const { verdict, text, remedy } = returnCode(code);
  const trouble = troubleOf(verdict);
  report({ code: trouble, device: uuid, text: boardLeftOut(index, uuid, text), remedy });
  return { meter: "nvml", index, uuid, code: trouble, reason: text, remedy };
}

function troubleOf(verdict: Verdict): LeftOutBoard["code"] {
  return verdict === "lost" || verdict === "permission" ? verdict : "read";
}

/** One trouble for what fails alike: a board of which nothing can be read would be told a dozen times. */
function merged(troubles: readonly CallTrouble[]): MeterTrouble[] {
  const alike = Map.groupBy(
    troubles,
    ({ code, call }, index) => call === undefined ? index : `${code} ${call.returned}`,
  );
  return [...alike.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const features = group.flatMap(({ call }) => call === undefined ? [] : [call.feature]);
    if (first.call === undefined || first.device === null || features.length < 2) return [plain(first)];
    return [{
      ...plain(first),
      text: readingsFailed(features, first.device, returnCode(first.call.returned).text),
    }];
  });
}

function plain({ code, device, text, remedy }: CallTrouble): MeterTrouble {
  return { code, device, text, remedy };
}
