import { BACKENDS } from "../experiment/engines.ts";
import type { Findings } from "./findings.ts";
import {
  exampleRunners,
  knownRunner,
  mappingOfRunners,
  mustBe,
  notABackend,
  oneOfNames,
  singularityUnsupported,
} from "./messages.ts";
import { joinPath } from "./paths.ts";
import { runnerSchema } from "./runner_schema.ts";
import { issueAt, type SourceLocation } from "./source_text.ts";
import { didYouMean, nearestName } from "./spelling.ts";
import { isNothing, type Tree } from "./tree.ts";
import { found } from "./wording.ts";

/** How each backend's worker is started: `local`, `docker` or `docker:<image>`. */
export function readRunners(
  findings: Findings,
  tree: Tree | null,
  path = "runners",
): Readonly<Record<string, string>> {
  if (tree === null || isNothing(tree)) return {};
  const tell = (location: SourceLocation, at: string, message: string, hint: string | null): void => {
    findings.found.push({ kind: "value", issue: issueAt(location, at, { message, hint }) });
  };
  if (tree.kind !== "map") {
    tell(tree, path, mustBe(mappingOfRunners(), found(tree)), exampleRunners());
    return {};
  }
  const runners: Record<string, string> = {};
  for (const [backend, { key, value }] of tree.entries) {
    const at = joinPath(path, backend);
    const runner = value.kind === "scalar" ? value.value : null;
    if (!BACKENDS.some((name) => name === backend)) {
      tell(
        key,
        at,
        notABackend(),
        didYouMean(nearestName(backend, BACKENDS)) ?? oneOfNames(BACKENDS),
      );
    } else if (typeof runner !== "string" || !isRunner(runner)) {
      const isKnown = typeof runner === "string" && runner.startsWith("singularity:");
      const hint = isKnown ? singularityUnsupported() : null;
      tell(value, at, mustBe(knownRunner(), found(value)), hint);
    } else runners[backend] = runner;
  }
  return runners;
}

/**
 * How a backend's worker is started: on this machine, or in a container of an image (null: the backend's
 * usual one).
 */
export type Runner = { readonly type: "local" } | { readonly type: "docker"; readonly image: string | null };

/** The runner of a backend, of checked ones; a backend that is left out is local. */
export function runnerOf(runners: Readonly<Record<string, string>>, backend: string): Runner {
  const text = Object.hasOwn(runners, backend) ? runners[backend] ?? "local" : "local";
  if (text === "local") return { type: "local" };
  return { type: "docker", image: text === "docker" ? null : text.slice("docker:".length) };
}

function isRunner(text: string): boolean {
  return runnerSchema.safeParse(text).success;
}
