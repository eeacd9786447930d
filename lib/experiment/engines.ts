/** The engines that a configuration can name: a file or a folder each in engines/, one name and one line each here. */
import { z } from "zod";
import type { EngineDeclaration, ServerFields } from "./engine_declaration.ts";
import { command } from "./engines/command.ts";
import { llamacpp } from "./engines/llamacpp.ts";
import { openai } from "./engines/openai/declaration.ts";
import { BACKENDS_OF_OTHERS } from "./engines/other_names.ts";
import { pytorch } from "./engines/pytorch.ts";
import { tensorrt } from "./engines/tensorrt.ts";
import { vllm } from "./engines/vllm.ts";
import { note } from "./field_notes.ts";

/** The values of `backend`, in the order in which messages list them. */
export const BACKENDS = ["llamacpp", "command", "pytorch", "vllm", "tensorrt", "openai"] as const;
export type Backend = typeof BACKENDS[number];

/** The value of `backend`: one of them. */
export const backendSchema = note(z.enum(BACKENDS), { wordsOfOthers: BACKENDS_OF_OTHERS });

/** What a file that names no backend means. */
export const DEFAULT_BACKEND = "pytorch" satisfies Backend;

/** In the order of their fields in a configuration. */
const TABLE = { command, llamacpp, pytorch, vllm, tensorrt, openai } satisfies Record<
  Backend,
  EngineDeclaration
>;

/** What each engine adds to the configuration of an experiment. */
export const ENGINE_DECLARATIONS: Readonly<Record<Backend, EngineDeclaration>> = TABLE;

/** The fields of each engine that is measured under load. */
export const SERVER_FIELDS: readonly ServerFields[] = BACKENDS.map((backend) =>
  ENGINE_DECLARATIONS[backend].serves
).filter((fields) => fields !== null);

/** The declaration of a backend by a name that may be none of ours; undefined then. */
export function declarationOf(backend: unknown): EngineDeclaration | undefined {
  const name = BACKENDS.find((known) => known === backend);
  return name === undefined ? undefined : ENGINE_DECLARATIONS[name];
}

/** The engine that alone runs a model of this name; null where the name does not tell. */
export function backendOfModel(model: string): Backend | null {
  const named = BACKENDS.filter((name) =>
    ENGINE_DECLARATIONS[name].model_names.some((pattern) => pattern.test(model))
  );
  return named.length === 1 ? named[0] ?? null : null;
}

type Table = typeof TABLE;
type Sections = {
  [Name in Backend as Table[Name]["section"] extends z.ZodType ? Name : never]: Table[Name]["section"];
};
type Together<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;

/** The fields of an experiment that belong to one engine each, in their order in a configuration. */
export const ENGINE_FIELDS: Sections & Together<Table[Backend]["fields"]> = Object.assign(
  {},
  ...Object.entries(ENGINE_DECLARATIONS).map(([name, { section, fields }]) => ({
    ...fields,
    ...section === null ? {} : { [name]: section },
  })),
);
