/** Sentences for people that list engines, in the order of the table. */
import { type Backend, ENGINE_DECLARATIONS } from "../experiment/engines.ts";
import type { Engine, FailureHints } from "./engine.ts";
import { ENGINES } from "./engines.ts";
import { allOf } from "./messages.ts";

/** Every backend, in the order in which engines are told of. */
export const LISTED_BACKENDS = Object.keys(ENGINES) as readonly Backend[];

/** The backends whose worker a container of ours can hold. */
export function enginesForContainers(): readonly Backend[] {
  return backendsWhose(({ worker }) => worker.kind === "python");
}

/** The fields that name the interpreter of a run, by their dotted paths. */
export function interpreterFields(): string {
  const fields = LISTED_BACKENDS.map((backend) => ENGINES[backend].worker)
    .flatMap((worker) => worker.kind === "python" ? [worker.python.field] : []);
  return fields.join(" or ");
}

/** The fields of all sections that are for one thing, by their dotted paths. */
export function optionsFor(purpose: keyof FailureHints["options"]): string {
  return LISTED_BACKENDS.flatMap((backend) => ENGINES[backend].failures.options[purpose] ?? []).join(" or ");
}

/** The backends that load models which llem finds for them: `llamacpp, pytorch and vllm`. */
export function enginesWithModels(): string {
  return allOf(
    backendsWhose((_engine, backend) => ENGINE_DECLARATIONS[backend].models !== "elsewhere"),
  );
}

function backendsWhose(fits: (engine: Engine, backend: Backend) => boolean): readonly Backend[] {
  return LISTED_BACKENDS.filter((backend) => fits(ENGINES[backend], backend));
}
