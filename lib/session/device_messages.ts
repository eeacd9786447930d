/** Texts on the devices of a study and the boards of this machine, for people. */
import type { Gpu } from "../host/gpus.ts";

/** More boards than this are not listed. */
const MOST_LISTED = 16;

type Board = Pick<Gpu, "index" | "uuid">;

/** A device that this machine has not. */
export function deviceUnknown(name: string, known: readonly Board[]): string {
  return `device ${name} does not exist here. ${whatThereIs(known)}`;
}

/** The beginning of a UUID that several boards share. */
export function deviceFitsSeveral(name: string, boards: readonly Board[]): string {
  return `device ${name} fits more than one GPU: ${listed(boards)}. Give more of the UUID, or the number.`;
}

/** One board under two names. */
export function sameBoard(first: string, second: string, board: Board): string {
  return `devices ${first} and ${second} are the same GPU: ${listed([board])}. Name it once.`;
}

/** A MIG device on a machine without MIG. */
export function noMigMode(name: string, known: readonly Board[]): string {
  return `device ${name} does not exist here: no GPU is in MIG mode. ${whatThereIs(known)}`;
}

/** No driver tells of any board. */
export function devicesUnchecked(names: readonly string[]): string {
  return `no driver reports which GPUs this machine has, so devices ${names.join(", ")} could not be checked`;
}

function whatThereIs(known: readonly Board[]): string {
  return `This machine has ${known.length === 1 ? "GPU" : "GPUs"} ${listed(known)}.`;
}

function listed(boards: readonly Board[]): string {
  const shown = boards.slice(0, MOST_LISTED).map(({ index, uuid }) =>
    uuid === null ? `${index}` : `${index} (${uuid})`
  );
  return `${shown.join(", ")}${boards.length > MOST_LISTED ? " ..." : ""}`;
}
