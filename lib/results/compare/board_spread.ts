import { largest } from "../../base/numbers.ts";
import { meanOf } from "../../statistics/moments.ts";
import { type VarianceComponent, varianceComponent } from "../../statistics/variance_component.ts";
import { type Sample, type SampleRun, valueOf } from "./samples.ts";

/** What machines or boards differ by where a study was made on several. */
export interface PlaceSpread extends VarianceComponent {
  readonly what: "machine" | "board";
}

/**
 * How much a metric differs between machines, and between boards, once the settings are taken out: from the mean distance of
 * a cycle's runs on one place from their rows. Rows that lack a cycle are left out. Empty where no row was made on several, and
 * without boards where each machine has one.
 */
export function placeSpreads(samples: readonly Sample[], metric: string): PlaceSpread[] {
  const [machines, boards] = [machineOf, boardOf].map((placeOf) =>
    samples.some(({ runs }) => new Set(runs.map(placeOf)).size > 1)
  );
  if (machines !== true && boards !== true) return [];
  const cells = cellsOf(samples, metric);
  const nMachines = new Set(cells.map(({ machine }) => machine)).size;
  const nBoards = new Set(cells.map(({ board }) => board)).size;
  const asked = [
    ...machines === true ? ["machine"] as const : [],
    ...boards === true && nBoards > nMachines ? ["board"] as const : [],
  ];
  return asked.flatMap((what): PlaceSpread[] => {
    const places = Map.groupBy(cells, (cell) => cell[what]);
    if (places.has(null)) return [];
    const found = varianceComponent([...places.values()].map((all) => all.map(({ mean }) => mean)));
    return found === null ? [] : [{ what, ...found }];
  });
}

/** The runs of one cycle on one set of boards. */
interface Cell {
  readonly machine: string | null;
  readonly board: string | null;
  /** Of logarithms, less those of the rows. */
  readonly mean: number;
}

function cellsOf(samples: readonly Sample[], metric: string): Cell[] {
  const most = largest(samples.map(({ runs }) => runs.length));
  const residuals = samples.flatMap(({ runs }) => {
    const known = runs.flatMap((run) => {
      const value = valueOf(run, metric);
      return value !== null && value > 0 ? [{ run, log: Math.log(value) }] : [];
    });
    const mean = meanOf(known.map(({ log }) => log));
    return known.length < Math.max(2, most)
      ? []
      : known.map(({ run, log }) => ({ run, residual: log - mean }));
  });
  const cells = Map.groupBy(
    residuals,
    ({ run }) => JSON.stringify([run.cycle, machineOf(run), boardOf(run)]),
  );
  return [...cells.values()].flatMap((all): Cell[] => {
    const [first] = all;
    if (first === undefined) return [];
    const mean = meanOf(all.map(({ residual }) => residual));
    return [{ machine: machineOf(first.run), board: boardOf(first.run), mean }];
  });
}

function machineOf({ circumstances }: SampleRun): string | null {
  return circumstances["machine"] ?? null;
}

function boardOf({ circumstances }: SampleRun): string | null {
  return circumstances["GPU"] ?? null;
}
