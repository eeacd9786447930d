/**
 * lib/study owns the language of study files: from bytes and overrides to a checked study, with every mistake told
 * at its place. It opens no file (contents come in), expands nothing and decides no order.
 */
import type { Issue } from "../base/issue.ts";
import { isJsonObject, type JsonObject } from "../base/json.ts";
import { backendsUsed, statedBackends } from "./backends.ts";
import { mergeBase } from "./base.ts";
import { checkMap } from "./check.ts";
import { decodeText } from "./decode_text.ts";
import { readEntries } from "./entries.ts";
import { resolveExecution } from "./execution.ts";
import { type Findings, newFindings } from "./findings.ts";
import { readGrid } from "./grid.ts";
import { orderIssues } from "./order_issues.ts";
import { applyOverrides } from "./overrides.ts";
import { parseText } from "./parse.ts";
import { readRunners } from "./runners.ts";
import { checkSections } from "./section_use.ts";
import { issueAt, optionText } from "./source_text.ts";
import type { Override, Study, StudyReading, StudySource } from "./study.ts";
import { STUDY_ONLY_KEYS, studyShape } from "./study_schema.ts";
import { childOf, isNothing, type MapTree, withoutKeys } from "./tree.ts";
import { NO_USER_CONFIG, type UserConfig } from "./user_config.ts";
import { withUserExecution } from "./user_layer.ts";
import { found } from "./wording.ts";

const HOW_TO_START = "a study file starts with model: ...";

/** Reads a study file and the overrides given over it. Never throws; all mistakes come at once. */
export function readStudy(
  source: StudySource,
  overrides: readonly Override[],
  user: UserConfig = NO_USER_CONFIG,
): StudyReading {
  const text = decodeText(source.file, source.text);
  if ("message" in text) return refused([text]);
  const { tree, issues } = parseText(text);
  if (issues.length > 0) return refused(issues);
  if (tree === null) return refused([issueAt({ source: text, offset: 0 }, "", "is empty", HOW_TO_START)]);
  if (tree.kind === "map") return readRoot(tree, { source, overrides, user });
  const isGlued = tree.kind === "scalar" && /^\w+:\S/.test(String(tree.value));
  const hint = isGlued ? "put a space after the colon" : HOW_TO_START;
  return refused([issueAt(tree, "", `must be a mapping (key: value), found ${found(tree)}`, hint)]);
}

/** A study without a file, from overrides alone (`model`, `backend`, ...). */
export function studyFromFlags(
  overrides: readonly Override[],
  user: UserConfig = NO_USER_CONFIG,
): StudyReading {
  const root: MapTree = { kind: "map", entries: new Map(), source: optionText(null), offset: 0 };
  const reading = readRoot(root, { source: { file: "", text: "" }, overrides, user });
  return { ...reading, study: reading.study === null ? null : { ...reading.study, file: null } };
}

function refused(issues: readonly Issue[]): StudyReading {
  return { study: null, issues, warnings: [] };
}

/** What a study is made from beside its file's own tree. */
interface Layers {
  readonly source: StudySource;
  readonly overrides: readonly Override[];
  readonly user: UserConfig;
}

function readRoot(given: MapTree, { source, overrides, user }: Layers): StudyReading {
  const overridden = applyOverrides(given, overrides);
  const based = mergeBase(overridden.root, source);
  const findings = newFindings();
  const study = readParts(findings, withUserExecution(based.root, user), { source, user });
  const told = findings.found.map(({ issue }) => issue);
  const issues = orderIssues([...overridden.issues, ...based.issues, ...told], source.file);
  const warnings = orderIssues(
    [...overridden.warnings, ...based.warnings, ...findings.warnings],
    source.file,
  );
  return { study: issues.length === 0 ? study : null, issues, warnings };
}

function readParts(findings: Findings, root: MapTree, { source, user }: Omit<Layers, "overrides">): Study {
  const [sweep, experiments] = [childOf(root, "sweep"), childOf(root, "experiments")];
  // These blocks have checks of their own.
  const top = checkMap(
    findings,
    studyShape(),
    withoutKeys(root, new Set(["sweep", "experiments", "runners"])),
    "",
  );
  const shared = withoutKeys(root, new Set([...STUDY_ONLY_KEYS, "backend"]));
  const draft = Object.fromEntries(Object.entries(top).filter(([key]) => shared.entries.has(key)));
  const backends = statedBackends(!isNothing(childOf(root, "backend")), top.backend);
  const { entries, runners } = readEntries(findings, { shared, backends, experiments });
  const hasGrid = !isNothing(sweep) || isNothing(experiments);
  const grid = hasGrid ? readGrid(findings, { shared, draft, backends, sweep }) : null;
  checkSections(findings, shared, backendsUsed(grid, entries));
  const isStudy = !isNothing(sweep) || !isNothing(experiments) || Array.isArray(top.backend);
  const kind = isStudy ? "study" : "experiment";
  const given = { ...readRunners(findings, childOf(root, "runners")), ...runners };
  return {
    file: source.file,
    kind,
    name: typeof top.name === "string" ? top.name : null,
    execution: resolveExecution(objectOf(top, "execution"), kind),
    runners: { ...user.runners, ...given, ...user.forced_runners },
    grid,
    entries,
  };
}

function objectOf(top: JsonObject, key: string): JsonObject {
  const value = top[key];
  return isJsonObject(value) ? value : {};
}
