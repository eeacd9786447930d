import type { Cell, Column, ColumnType, Row } from "../table.ts";

/** A column with where its value comes from. */
export interface Field<Source> extends Column {
  readonly of: (source: Source) => Cell;
}

/** Declares one; `unit` is left out for what has none. */
export function field<Source>(
  name: string,
  type: ColumnType,
  definition: string,
  of: (source: Source) => Cell,
  unit: string | null = null,
): Field<Source> {
  return { name, type, unit, definition, of };
}

export function rowOf<Source>(fields: readonly Field<Source>[], source: Source): Row {
  return fields.map(({ of }) => of(source));
}

/** The columns alone, as they stand in a table. */
export function columnsOf(fields: readonly Column[]): Column[] {
  return fields.map(({ name, type, unit, definition }) => ({ name, type, unit, definition }));
}
