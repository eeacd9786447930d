import type { Json } from "../base/json.ts";

/** What a field's declaration says beyond its type. */
export interface FieldNotes {
  /** The engine's own default, which null stands for: giving it is no difference. */
  readonly libraryDefault?: Json;
  /** The field says where or how to write, not what is measured. */
  readonly outsideIdentity?: boolean;
  /** An empty mapping is not the same as none: its presence alone turns something on. */
  readonly presenceMatters?: boolean;
  /** One text with commas is taken for a list, and numbers in it for text. */
  readonly commaList?: boolean;
  /** Words that are none of the choices, though somebody may mean one by them: what to write instead. */
  readonly wordsOfOthers?: Readonly<Record<string, string>>;
  /** Words that are taken for one of the choices, with a warning. */
  readonly formerValues?: Readonly<Record<string, string>>;
}

// Kept apart from zod's own metadata, so that none of it leaks into the editor schema.
const notesBySchema = new WeakMap<object, FieldNotes>();

/** Attaches notes to a declaration and gives the declaration back. */
export function note<Schema extends object>(schema: Schema, notes: FieldNotes): Schema {
  notesBySchema.set(schema, notes);
  return schema;
}

/** The notes of a declaration; empty where it has none. */
export function notesOf(schema: object): FieldNotes {
  return notesBySchema.get(schema) ?? {};
}
