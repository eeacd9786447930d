import type { Cell, Column, ColumnType, Row } from "../table.ts";

/** A column with where its value comes from. */
export interface Field<Source> extends Column {
  readonly of: (source: Source) => Cell;
}

/** A column that does not say yet what it holds. */
export interface Undescribed<Source> {
  /** `definition`: for docs/results.md and for the metadata of Parquet files. */
  describe(definition: string): Field<Source>;
}

/** Declares a column by where its value comes from; `unit` is left out for what has none. */
export type Declare<Source> = (
  name: string,
  type: ColumnType,
  of: (source: Source) => Cell,
  unit?: string | null,
) => Undescribed<Source>;

/** For the columns of a table whose rows come from such sources. */
export function declaring<Source>(): Declare<Source> {
  return (name, type, of, unit = null) => ({
    describe: (definition) => ({ name, type, unit, definition, of }),
  });
}

export function rowOf<Source>(fields: readonly Field<Source>[], source: Source): Row {
  return fields.map(({ of }) => of(source));
}

/** The columns alone, as they stand in a table. */
export function columnsOf(fields: readonly Column[]): Column[] {
  return fields.map(({ name, type, unit, definition }) => ({ name, type, unit, definition }));
}
