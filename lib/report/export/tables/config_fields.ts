import type { JsonObject } from "../../../base/json.ts";
import type { ExperimentConfig } from "../../../experiment/config.ts";
import { recordConfig } from "../../../results/record_config.ts";
import { flatten } from "../../../results/varied.ts";
import type { Cell, ColumnType } from "../table.ts";
import { declaring, type Field } from "./field.ts";

/** A configuration that a row is of. */
type Configured = { readonly config_hash: string };

/**
 * A column `config.PATH` for every setting that one of these configurations reads, in the order in which they are met. A
 * column whose values are of several types is text.
 */
export function configFields<Source>(
  configs: ReadonlyMap<string, ExperimentConfig>,
  hashOf: (source: Source) => string,
): Field<Source>[] {
  const field = declaring<Source>();
  const values = new Map<string, ReadonlyMap<string, Cell>>();
  const types = new Map<string, ColumnType | null>();
  for (const [hash, config] of configs) {
    const cells = cellsOf(config);
    values.set(hash, cells);
    for (const [path, cell] of cells) types.set(path, commonType(types.get(path) ?? null, cell));
  }
  return [...types].map(([path, type]) =>
    field(`config.${path}`, type ?? "text", (source) => values.get(hashOf(source))?.get(path) ?? null)
      .describe(`\`${path}\` of the configuration.`)
  );
}

/** Every configuration of several studies, by its hash. */
export function configsOf(
  studies: readonly {
    readonly experiments: readonly (Configured & { readonly config: ExperimentConfig })[];
  }[],
): Map<string, ExperimentConfig> {
  return new Map(
    studies.flatMap(({ experiments }) => experiments.map(({ config_hash, config }) => [config_hash, config])),
  );
}

function cellsOf(config: ExperimentConfig): Map<string, Cell> {
  const read = recordConfig(config) as unknown as ExperimentConfig;
  return new Map(
    [...flatten(read)].filter(([path]) => path !== "model" && path !== "backend")
      .map(([path, value]) => [path, cellOf(value)]),
  );
}

function cellOf(value: unknown): Cell {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  return typeof value === "number" ? value : JSON.stringify(value as JsonObject);
}

function commonType(before: ColumnType | null, cell: Cell): ColumnType | null {
  if (cell === null) return before;
  const own = typeof cell === "number" ? Number.isInteger(cell) ? "integer" : "number" : typeof cell;
  const type: ColumnType = own === "integer" || own === "number" || own === "boolean" ? own : "text";
  if (before === null || before === type) return type;
  const areNumbers = [before, type].every((each) => each === "integer" || each === "number");
  return areNumbers ? "number" : "text";
}
