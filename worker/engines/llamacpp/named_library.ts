import { pathFrom } from "../../../lib/base/expand_home.ts";
import { ownVariable } from "../../../lib/base/own_environment.ts";
import type { Assignment } from "../../../lib/protocol/assignment.ts";

/** The library folder that the study names, else the one of LLEM_LLAMACPP_DIR, absolute; null for our own. */
export function namedLibraryFolder({ config, base_dir }: Assignment): string | null {
  const named = config.llamacpp?.library_dir ?? ownVariable("LLEM_LLAMACPP_DIR") ?? "";
  return named === "" ? null : pathFrom(base_dir, named, { HOME: ownVariable("HOME") });
}
