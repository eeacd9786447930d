import type { SlotVariables } from "../../engines/slot_variables.ts";
import type { AttemptPlace } from "../attempt_request.ts";

type Env = Readonly<Record<string, string>>;

/**
 * Variables by which libraries learn how many threads to begin: openmp.org, OMP_NUM_THREADS; Intel's MKL; OpenBLAS; numexpr, whose
 * default is every core of the machine; rayon, on which tokenizers stands. TOKENIZERS_PARALLELISM is the user's.
 */
const THREADS = [
  "OMP_NUM_THREADS",
  "MKL_NUM_THREADS",
  "OPENBLAS_NUM_THREADS",
  "NUMEXPR_MAX_THREADS",
  "RAYON_NUM_THREADS",
];

/** A thread for each core. */
export function threadVariables(cores: number): Record<string, string> {
  return Object.fromEntries(THREADS.map((name) => [name, String(cores)]));
}

/** llem's own environment with what keeps a slot apart; without a place nothing is added. */
export function slotEnvironment(
  inherited: Env,
  place: AttemptPlace | undefined,
  { ours, defaults }: SlotVariables,
): Record<string, string> {
  if (place === undefined) return { ...inherited };
  const given = Object.entries({ ...place.env, ...defaults }).filter((entry) => entry[1] !== null);
  return { ...Object.fromEntries(given) as Record<string, string>, ...inherited, ...ours };
}

/** By what a worker learns of its slot; nobody may set them. */
export function slotTags({ place }: { readonly place?: AttemptPlace }): Record<string, string> {
  if (place === undefined) return {};
  const { slot, own } = place;
  return {
    LLEM_SLOT: String(slot),
    ...own === undefined ? {} : { LLEM_SLOT_PORT: String(own.port) },
    ...(own?.cores ?? null) === null ? {} : { LLEM_SLOT_CORES: String(own?.cores) },
  };
}
