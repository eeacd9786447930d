/** How the fields of llem's files are declared: docs/results.md is made of it, and tests hold files against it. */

/** A value without fields of its own that are listed. */
export interface Leaf<Kind extends string = string> {
  readonly kind: Kind;
  readonly unit: string | null;
  readonly text: string;
}

/** An object with its fields; `each` where it is a list of such objects. */
export interface Group<Fields> {
  readonly kind: "object" | "objects";
  readonly text: string;
  readonly fields: Fields;
}

type IsUnion<T, All = T> = T extends unknown ? ([All] extends [T] ? false : true) : never;
type IsFree<T> = string extends keyof T ? true : false;

/** The declaration that a value of this type must have; null and absent are told in words. */
export type FieldOf<V> = [V] extends [number] ? Leaf<"number">
  : [V] extends [boolean] ? Leaf<"boolean">
  : [V] extends [string] ? Leaf<"text">
  : [V] extends [readonly (infer E)[]] ? [E] extends [object] ? Leaf<"list"> | Group<FieldsOf<E>> : Leaf<"list">
  : [V] extends [object] ? IsFree<V> extends true ? Leaf<"object">
    : IsUnion<V> extends false ? Group<FieldsOf<V>>
    : Leaf<"object">
  : Leaf;

/** A declaration for every field of a type, and for no other. */
export type FieldsOf<T> = { readonly [K in keyof T]-?: FieldOf<NonNullable<T[K]>> };

/** The same without types, as pages and tests walk it. */
export interface Fields {
  readonly [name: string]: Leaf | Group<Fields>;
}

export const text = (about: string): Leaf<"text"> => ({ kind: "text", unit: null, text: about });
export const number = (unit: string | null, about: string): Leaf<"number"> => ({
  kind: "number",
  unit,
  text: about,
});
export const flag = (about: string): Leaf<"boolean"> => ({ kind: "boolean", unit: null, text: about });
/** Texts or numbers. */
export const list = (about: string, unit: string | null = null): Leaf<"list"> => ({
  kind: "list",
  unit,
  text: about,
});
/** An object whose keys depend on the study, engine or machine. */
export const open = (about: string): Leaf<"object"> => ({ kind: "object", unit: null, text: about });
export const any = (about: string): Leaf => ({ kind: "number or text", unit: null, text: about });
export const group = <F>(about: string, fields: F): Group<F> => ({ kind: "object", text: about, fields });
export const groups = <F>(about: string, fields: F): Group<F> => ({ kind: "objects", text: about, fields });

/** Whether a declared field has fields of its own. */
export function isGroup(field: Leaf | Group<Fields>): field is Group<Fields> {
  return "fields" in field;
}
