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

/** What a thread can be in the middle of. */
export const CALLS = ["open", "power", "counters", "state"] as const;
export type Call = typeof CALLS[number];

/** Cells of a new thread; where it takes over from another, with the edges of that one. */
export function newControl(before: Control | null = null): Control {
  const control = new Int32Array(new SharedArrayBuffer(6 * Int32Array.BYTES_PER_ELEMENT));
  control[CALL] = IDLE;
  if (before !== null) {
    for (const cell of [EDGES, ANSWERED]) control[cell] = Atomics.load(before, cell);
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
