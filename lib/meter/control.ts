/**
 * What the sampling thread and the thread that watches over it share: a few cells of memory, since the one is busy or
 * asleep and never takes a message.
 */
export type Control = Int32Array<SharedArrayBuffer>;

/** Edges that were asked for so far; the thread sleeps on this cell. */
export const EDGES = 0;
/** 1 tells the thread to end as soon as it can. */
export const STOP = 1;
/** Grows with every call that begins or returns. */
export const BEATS = 2;
/** What the thread is in: a place in the list of CALLS, or IDLE. */
export const CALL = 3;
/** The device the call is about; -1 for none. */
export const DEVICE = 4;
/** The last edge that was answered: a thread that takes over goes on from there. */
export const ANSWERED = 5;

export const IDLE = -1;

/**
 * From here on a cell for each device that counters can be asked of, and another for its state: the number of the last edge that
 * asks for it. Devices beyond these are read at every edge.
 */
const WANTED = 6;
const MOST_DEVICES = 256;

/** What an edge reads. */
export type EdgeReads = "counters" | "state";

/** One edge more, which reads that of these devices, by their places in the hello; null for all. Called by one thread alone. */
export function askEdge(
  control: Control,
  edge: number,
  reads: readonly EdgeReads[],
  devices: readonly number[] | null,
): void {
  const places = devices ?? Array.from({ length: MOST_DEVICES }, (_, index) => index);
  for (const read of reads) {
    for (const index of places) {
      const cell = cellOf(read, index);
      if (cell !== null) Atomics.store(control, cell, edge);
    }
  }
  // Last: who sees this number sees what it asks for.
  Atomics.store(control, EDGES, edge);
  Atomics.notify(control, EDGES);
}

/** True where an edge after that one asks for it. */
export function isWanted(control: Control, read: EdgeReads, index: number, after: number): boolean {
  const cell = cellOf(read, index);
  return cell === null || Atomics.load(control, cell) > after;
}

function cellOf(read: EdgeReads, index: number): number | null {
  if (index < 0 || index >= MOST_DEVICES) return null;
  return WANTED + index + (read === "counters" ? 0 : MOST_DEVICES);
}

/** What a thread can be in the middle of. */
export const CALLS = ["open", "power", "counters", "state"] as const;
export type Call = typeof CALLS[number];

/** Cells of a new thread; where it takes over from another, with the edges of that one. */
export function newControl(before: Control | null = null): Control {
  const cells = WANTED + 2 * MOST_DEVICES;
  const control = new Int32Array(new SharedArrayBuffer(cells * Int32Array.BYTES_PER_ELEMENT));
  control[CALL] = IDLE;
  if (before !== null) {
    for (const cell of [EDGES, ANSWERED]) control[cell] = Atomics.load(before, cell);
    for (let cell = WANTED; cell < cells; cell++) control[cell] = Atomics.load(before, cell);
  }
  return control;
}

/** Runs a call that may never return, in sight of whoever watches. */
export function inSight<T>(control: Control, call: Call, device: number, action: () => T): T {
  Atomics.store(control, DEVICE, device);
  Atomics.store(control, CALL, CALLS.indexOf(call));
  Atomics.add(control, BEATS, 1);
  const result = action();
  Atomics.store(control, CALL, IDLE);
  Atomics.add(control, BEATS, 1);
  return result;
}
