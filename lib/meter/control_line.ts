/** Lines that ask the meter process for something: `edge` or `look`, of all devices or, as in `edge 0,3`, of some. */
import type { EdgeReads } from "./control.ts";

/** `edge` reads counters, power and states; `look` reads states alone. */
export type Ask = "edge" | "look";

/** Devices by their places in the hello; null for all. */
export function edgeLine(ask: Ask, devices: readonly number[] | null): string {
  return devices === null ? ask : `${ask} ${devices.join(",")}`;
}

/** What a line asks for. One that says nothing else asks for all there is. */
export function readEdgeLine(
  line: string,
): { readonly reads: readonly EdgeReads[]; readonly devices: readonly number[] | null } {
  const [ask, list] = line.split(" ");
  return {
    reads: ask === "look" ? ["state"] : ["counters", "state"],
    devices: list === undefined ? null : list.split(",").filter((place) => place !== "").map(Number),
  };
}
