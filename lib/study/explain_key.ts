import type { Issue } from "../base/issue.ts";
import type { JsonObject } from "../base/json.ts";
import { ownerOf } from "../experiment/sections.ts";
import { shownAt } from "../experiment/secrets.ts";
import type { Slot } from "../experiment/shape.ts";
import { backendsUsed } from "./backends.ts";
import { configOrigins } from "./config_origins.ts";
import { checkedValue, valueAt } from "./checked_value.ts";
import { followPath } from "./follow_path.ts";
import { STUDY_LANGUAGE } from "./language.ts";
import { layeredTree, type Layers } from "./layered_tree.ts";
import { defaultOrigin, layerOf, type Origin, originAt, type OriginFiles } from "./origin.ts";
import { optionFor } from "./option_for.ts";
import { joinPath, withinConfig } from "./paths.ts";
import {
  datasetHasOwnCount,
  idleFor,
  type IssueText,
  noSingleValue,
  otherDatasetForm,
  unknownKey,
} from "./messages.ts";
import { countPlaces } from "./prompt_count.ts";
import type { Study } from "./study.ts";
import { STUDY_ONLY_KEYS, studyShape } from "./study_schema.ts";
import { childOf, type MapTree } from "./tree.ts";
import { explainUnknownKey } from "./unknown_key.ts";

/** Every value that a path has in a study, and where each comes from. */
export interface KeyExplanation {
  readonly path: string;
  readonly origins: readonly Origin[];
  /** Why the path matters to nothing here; null where it does. */
  readonly idle: string | null;
}

/** What explaining stands on: all that the study was made from, and what it came to. */
export interface Explaining {
  readonly layers: Layers;
  readonly study: Study;
  /** The execution block with everything settled, what planning draws included. */
  readonly execution: JsonObject;
}

/** Says where the values of a path come from, for a section of every path in it; an issue where there is no such path. */
export function explainKey(key: string, explaining: Explaining): readonly KeyExplanation[] | Issue {
  const path = withinConfig(key);
  const { root } = layeredTree(explaining.layers);
  const end = followPath(studyShape(), path);
  if (end.kind === "unknown" || root === null) return unknownPath(key, end);
  if (path === "sweep" || path === "experiments") {
    return issueOf(key, noSingleValue());
  }
  const slot = end.kind === "slot" ? end.slot : null;
  return leavesOf(path, slot, explaining.study).map((leaf) => explainLeaf(leaf, root, explaining));
}

/** The path itself, or the paths in a section: those declared and those swept. */
function leavesOf(path: string, slot: Slot | null, study: Study): readonly string[] {
  if (slot?.shape.kind !== "map") {
    const below = sweptBelow(path, study);
    return below.length > 0 ? below : [path];
  }
  const declared = [...slot.shape.keys].flatMap(([key, child]) =>
    leavesOf(joinPath(path, key), child, study)
  );
  return [...new Set([...declared, ...sweptBelow(path, study)])];
}

function sweptBelow(path: string, { grid }: Study): string[] {
  return (grid?.dimensions ?? []).map((dimension) => dimension.path).filter((swept) =>
    swept.startsWith(`${path}.`)
  );
}

function explainLeaf(path: string, root: MapTree, { layers, study, execution }: Explaining): KeyExplanation {
  const files = { study: study.file, user: layers.user.file };
  const [field = ""] = path.split(".", 1);
  const origins = STUDY_ONLY_KEYS.has(field)
    ? [studyOrigin(path, root, { files, layers, execution })]
    : configOrigins(path, { root, study, files });
  const keys = path.split(".");
  const shown = origins.map((origin) => ({ ...origin, value: shownAt(keys, origin.value) }));
  return {
    path,
    origins: shown,
    idle: idleReason(path, study) ?? otherForm(path, root) ?? otherCount(path, root),
  };
}

interface StudyKeyFacts {
  readonly files: OriginFiles;
  readonly layers: Layers;
  readonly execution: JsonObject;
}

/** The one value of a key that belongs to the whole study. */
function studyOrigin(path: string, root: MapTree, { files, layers, execution }: StudyKeyFacts): Origin {
  const [field = "", key = ""] = path.split(".");
  const forced = field === "runners" && layers.user.forced_runners !== null
    ? childOf(layers.user.forced_runners, key)
    : null;
  const found = forced ?? valueAt(root, path.split("."));
  const { value, fallback } = checkedValue(path, found);
  if (found === null || value === undefined || value === null) {
    return defaultOrigin(field === "execution" ? execution[key] ?? null : fallback);
  }
  return originAt(found, { value, kind: layerOf(found, files, "study") });
}

function idleReason(path: string, { grid, entries }: Study): string | null {
  const owner = ownerOf(path);
  const used = backendsUsed(grid, entries);
  if (owner === null || used.has(owner)) return null;
  return idleFor(owner, [...used]);
}

/** A dataset that is a name, or of its other form, has no such key. */
function otherForm(path: string, root: MapTree): string | null {
  const [field, key = ""] = path.split(".");
  if (field !== "dataset" || key === "" || sweptOrListed(root)) return null;
  const found = childOf(root, "dataset");
  const option = found?.kind === "map" ? followPath(studyShape(), "dataset") : null;
  const shape = option?.kind === "slot" && option.slot.shape.kind === "either" ? option.slot.shape : null;
  const form = shape === null || found === null ? null : optionFor(shape, found)?.shape ?? null;
  return form?.kind === "map" && form.keys.has(key) ? null : otherDatasetForm();
}

/** The number of synthetic prompts that a dataset gives is the one that counts. */
function otherCount(path: string, root: MapTree): string | null {
  if (path !== "n" || sweptOrListed(root)) return null;
  const { n, own } = countPlaces(root);
  const sweep = childOf(root, "sweep");
  const isSwept = sweep !== null && childOf(sweep, "n") !== null;
  return n === null && own !== null && !isSwept ? datasetHasOwnCount() : null;
}

function sweptOrListed(root: MapTree): boolean {
  const sweep = childOf(root, "sweep");
  const isSwept = sweep?.kind === "map" &&
    [...sweep.entries.keys()].some((path) => path.split(".")[0] === "dataset");
  return isSwept || childOf(root, "experiments") !== null;
}

function unknownPath(key: string, end: ReturnType<typeof followPath>): Issue {
  const hint = end.kind === "slot" || end.shape === null
    ? null
    : explainUnknownKey(STUDY_LANGUAGE, end.shape, end.key, end.path).hint;
  return issueOf(key, { message: unknownKey(), hint });
}

function issueOf(key: string, text: IssueText): Issue {
  return { file: "--explain", line: null, column: null, path: key, ...text };
}
