/**
 * lib/study owns the language of study files: from bytes and overrides to a checked study, with every mistake told
 * at its place. It opens no file (contents come in), expands nothing and decides no order.
 */
import type { Issue } from "../base/issue.ts";
import { isJsonObject, type JsonObject } from "../base/json.ts";
import { backendsUsed, statedBackends } from "./backends.ts";
import { checkEnvironment } from "./devices/check_environment.ts";
import { checkAudit } from "./audit.ts";
import { checkMap } from "./check.ts";
import { withReadDevices } from "./devices/devices.ts";
import { readEntries } from "./entries.ts";
import { resolveCluster } from "./cluster.ts";
import { resolveExecution } from "./execution.ts";
import { findSecrets, NO_SECRETS, withoutSecrets } from "./find_secrets.ts";
import { type Findings, newFindings } from "./findings.ts";
import { readGrid } from "./grid.ts";
import { layeredTree, type Layers } from "./layered_tree.ts";
import { orderIssues } from "./order_issues.ts";
import { checkPairBy } from "./pair_by.ts";
import { withoutEchoes } from "./prompt_count.ts";
import { readUntil } from "./repeats/repeats.ts";
import { readRunners } from "./runners.ts";
import { readSearch } from "./search.ts";
import { readSlo } from "./slo.ts";
import { checkSections } from "./section_use.ts";
import { issueLocation } from "./source_text.ts";
import type { IssueLocation, Override, Study, StudyReading, StudySource } from "./study.ts";
import { STUDY_ONLY_KEYS, studyShape } from "./study_schema.ts";
import { childOf, isNothing, type MapTree, withoutKeys } from "./tree.ts";
import { forcedRunners, NO_USER_CONFIG, type UserConfig } from "./user_config.ts";

/** Reads a study file and the overrides given over it. Never throws; all mistakes come at once. */
export function readStudy(
  source: StudySource,
  overrides: readonly Override[],
  user: UserConfig = NO_USER_CONFIG,
): StudyReading {
  return readLayers({ source, overrides, user });
}

/** Makes a study without a file, from overrides alone (`model`, `backend`, ...). */
export function studyFromFlags(
  overrides: readonly Override[],
  user: UserConfig = NO_USER_CONFIG,
): StudyReading {
  return readLayers({ source: null, overrides, user });
}

/** Reads a study from all that it is made from. */
export function readLayers(layers: Layers): StudyReading {
  const { root, whole, issues: told, warnings } = layeredTree(layers);
  if (root === null) return { study: null, issues: told, warnings, secrets: NO_SECRETS };
  const findings = newFindings();
  const study = readParts(findings, root, layers);
  const file = layers.source?.file ?? "";
  const secrets = findSecrets(root);
  const environment = checkEnvironment(root, study.execution);
  const found = findings.found.filter(({ kind }) => whole || kind !== "missing").map(({ issue }) => issue);
  const shown = (all: readonly Issue[]): Issue[] =>
    orderIssues(withoutEchoes(all).map((issue) => withoutSecrets(issue, secrets)), file);
  const issues = shown([...told, ...found, ...environment.issues]);
  return {
    study: issues.length === 0 ? study : null,
    issues,
    warnings: shown([...warnings, ...findings.warnings, ...environment.warnings, ...secrets.warnings]),
    secrets,
  };
}

function readParts(findings: Findings, root: MapTree, { source, user }: Layers): Study {
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
  const slo = readSlo(findings, root, top.slo);
  const searched = readSearch(findings, root, { value: top.search, slo });
  const hasGrid = !isNothing(sweep) || isNothing(experiments);
  const first = searched === null ? [] : [searched.first];
  const grid = hasGrid ? readGrid(findings, { shared, draft, backends, sweep, first }) : null;
  checkSections(findings, shared, backendsUsed(grid, entries));
  const isStudy = searched !== null || !isNothing(sweep) || !isNothing(experiments) ||
    Array.isArray(top.backend);
  const kind = isStudy ? "study" : "experiment";
  checkPairBy(findings, root);
  const own = { ...readRunners(findings, childOf(root, "runners")), ...runners };
  const execution = resolveExecution(objectOf(top, "execution"), kind);
  checkAudit(findings, root, execution);
  return {
    file: source?.file ?? null,
    kind,
    name: typeof top.name === "string" ? top.name : null,
    execution: withReadDevices(findings, root, execution),
    cluster: resolveCluster(objectOf(top, "cluster")),
    until_places: readUntil(findings, root, { execution, kind }),
    runners: { ...own, ...forcedRunners(user) },
    grid,
    entries,
    slo,
    search: searched?.search ?? null,
    min_seconds_place: placeOf(root, "measure", "min_seconds"),
    parallel_places: {
      parallel: placeOf(root, "execution", "parallel"),
      devices_per_run: placeOf(root, "execution", "devices_per_run"),
      devices: placeOf(root, "execution", "devices"),
    },
  };
}

/** Where a value of the file stands; null where it is not given. */
function placeOf(root: MapTree, block: string, key: string): IssueLocation | null {
  const map = childOf(root, block);
  const entry = map?.kind === "map" ? map.entries.get(key) : undefined;
  return entry === undefined || isNothing(entry.value) ? null : issueLocation(entry.key);
}

function objectOf(top: JsonObject, key: string): JsonObject {
  const value = top[key];
  return isJsonObject(value) ? value : {};
}
