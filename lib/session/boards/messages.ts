/** The texts of lib/session/boards for people: one pure function for each message. */
import type { Gpu } from "../../host/gpus.ts";

/** More boards than this are not listed. */
const MOST_BOARDS = 16;

type Board = Pick<Gpu, "index" | "uuid">;

/** A device that the study names, and the board that it is or may be. */
export interface DeadBoard {
  readonly index: number;
  readonly uuid: string | null;
  readonly reason: string;
  readonly remedy: string | null;
  /** True where the board hides its UUID, so that the device may be another one. */
  readonly isGuess: boolean;
}

export function boardNotOpen(device: string, { index, uuid, reason, remedy, isGuess }: DeadBoard): string {
  const board = uuid === null ? `GPU ${index}` : `GPU ${index} (${uuid})`;
  const what = isGuess
    ? `device ${device} is none of the GPUs that open, and ${board} does not open`
    : `device ${device} is ${board}, which does not open`;
  return `${what}: ${reason}. ${remedy === null ? "" : `${remedy} `}Or choose another GPU.`;
}

/** A board that does not open. */
type ClosedGpu = Board & {
  readonly closed: { readonly reason: string; readonly remedy: string | null } | null;
};

/** A warning: `devices: all`, or a pool, does without that board. */
export function boardLeftOut(board: ClosedGpu): string {
  const { reason = "", remedy = null } = board.closed ?? {};
  return `GPU ${listed([board])} is left out, since it does not open: ${reason}.${
    remedy === null ? "" : ` ${remedy}`
  }`;
}

/** A notice before the first run; `text` says which board is left out. */
export function warnOfBoard(text: string): string {
  return `warning: ${text}`;
}

/** None of the boards that a study is to use opens. */
export function noBoardOpens(boards: readonly ClosedGpu[]): string {
  const [first] = boards;
  const { reason = "", remedy = null } = first?.closed ?? {};
  return `none of the GPUs that the study is to use opens: ${listed(boards)}: ${reason}.${
    remedy === null ? "" : ` ${remedy}`
  }`;
}

/** A device that this machine does not have. */
export function deviceUnknown(name: string, known: readonly Board[]): string {
  return `device ${name} does not exist here. ${whatThereIs(known)}`;
}

/** The beginning of a UUID that several boards share. */
export function deviceFitsSeveral(name: string, boards: readonly Board[]): string {
  return `device ${name} matches more than one GPU: ${listed(boards)}. ` +
    "Use more of the UUID, or the number.";
}

/** One board under two names. */
export function sameBoard(first: string, second: string, board: Board): string {
  return `devices ${first} and ${second} are the same GPU: ${listed([board])}. Name it once.`;
}

/** A MIG device on a machine without MIG. */
export function noMigMode(name: string, known: readonly Board[]): string {
  return `device ${name} does not exist here: no GPU is in MIG mode. ${whatThereIs(known)}`;
}

/** A MIG device that the driver does not have, on a machine with MIG. */
export function noMigDevice(name: string, known: readonly Board[]): string {
  return `device ${name} does not exist here: the driver has no such MIG device (nvidia-smi -L lists them). ${
    whatThereIs(known)
  }`;
}

/** A board and a MIG device of it. */
export function boardAndSlice(whole: string, slice: string, board: Board): string {
  return `device ${slice} is a slice of device ${whole}: ${listed([board])}. Name one of them.`;
}

/** No driver lists any board. */
export function devicesUnchecked(names: readonly string[]): string {
  return `no driver lists the GPUs of this machine, so devices ${names.join(", ")} could not be checked`;
}

function whatThereIs(known: readonly Board[]): string {
  return `This machine has ${known.length === 1 ? "GPU" : "GPUs"} ${listed(known)}.`;
}

function listed(boards: readonly Board[]): string {
  const shown = boards.slice(0, MOST_BOARDS).map(({ index, uuid }) =>
    uuid === null ? `${index}` : `${index} (${uuid})`
  );
  return `${shown.join(", ")}${boards.length > MOST_BOARDS ? " ..." : ""}`;
}
