import type { Issue } from "../base/issue.ts";
import { mergeBase } from "./base.ts";
import { decodeText } from "./decode_text.ts";
import { aMapping, emptyFile, mustBe, spaceAfterColon, startWithModel } from "./messages.ts";
import { applyOverrides } from "./overrides.ts";
import { parseText } from "./yaml/parse.ts";
import { countOptions, settleCount } from "./prompt_count.ts";
import { settleRepeats } from "./repeats/repeats.ts";
import { issueAt, optionText } from "./source_text.ts";
import type { Override, StudySource } from "./study.ts";
import type { MapTree } from "./tree.ts";
import type { UserConfig } from "./user_config.ts";
import { withUserLayer } from "./user_layer.ts";
import { found } from "./wording.ts";

/** Everything that a study is made from, highest first: the command line, the file and its base files, the user's. */
export interface Layers {
  /** Null where the command line alone makes the study. */
  readonly source: StudySource | null;
  readonly overrides: readonly Override[];
  readonly user: UserConfig;
}

/** All layers in one tree, every value with its place, or the mistakes that keep them from being so. */
export interface LayeredTree {
  /** Null where there is no mapping to check at all. */
  readonly root: MapTree | null;
  /** False where a base file could not be read: what is missing may stand in it. */
  readonly whole: boolean;
  readonly issues: readonly Issue[];
  readonly warnings: readonly Issue[];
}

/** Puts the layers of a study over each other. */
export function layeredTree({ source, overrides, user }: Layers): LayeredTree {
  const file = source === null
    ? { root: emptyMap(), whole: true, issues: [], warnings: [] }
    : parseStudy(source);
  if (file.root === null) return file;
  const overridden = applyOverrides(file.root, overrides);
  const contradictions: Issue[] = [];
  const settled = settleCount(
    overridden.root,
    countOptions(overridden.root),
    "",
    (issue) => contradictions.push(issue),
  );
  const repeats = settleRepeats(settled);
  const based = mergeBase(repeats.root, source ?? { file: "", text: "" });
  return {
    root: withUserLayer(based.root, user),
    whole: based.issues.length === 0,
    issues: [...overridden.issues, ...contradictions, ...repeats.issues, ...based.issues],
    warnings: [...overridden.warnings, ...based.warnings],
  };
}

function emptyMap(): MapTree {
  return { kind: "map", entries: new Map(), source: optionText(null), offset: 0 };
}

function parseStudy(source: StudySource): LayeredTree {
  const text = decodeText(source.file, source.text);
  if ("message" in text) return refused([text]);
  const { tree, issues } = parseText(text);
  if (issues.length > 0) return refused(issues);
  if (tree === null) return refused([issueAt({ source: text, offset: 0 }, "", emptyFile())]);
  if (tree.kind === "map") return { root: tree, whole: true, issues: [], warnings: [] };
  const isGlued = tree.kind === "scalar" && /^\w+:\S/.test(String(tree.value));
  const hint = isGlued ? spaceAfterColon() : startWithModel();
  return refused([issueAt(tree, "", { message: mustBe(aMapping(), found(tree)), hint })]);
}

function refused(issues: readonly Issue[]): LayeredTree {
  return { root: null, whole: false, issues, warnings: [] };
}
