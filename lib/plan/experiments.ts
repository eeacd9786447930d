import { append } from "../base/numbers.ts";
import type { Issue } from "../base/issue.ts";
import { type ExperimentConfig } from "../experiment/config.ts";
import { configHash } from "../experiment/identity.ts";
import { resolveConfig } from "../experiment/resolve_config.ts";
import { brokenRules } from "../experiment/rules.ts";
import { hideSecrets, type Secret } from "../experiment/secrets.ts";
import { draftFor } from "../experiment/sections.ts";
import { explainDraft } from "../study/explain_draft.ts";
import type { Draft, Grid, IssueLocation, Study } from "../study/study.ts";
import { expandGrid, type Point, sweptCounts } from "./expand_grid.ts";
import { labelOf } from "./label.ts";
import { sweptCountsDiffer } from "./messages.ts";
import type { SkippedPoint } from "./plan.ts";

/** A configuration with its identity and the place it comes from. */
export interface Experiment {
  /** Without its secrets. */
  readonly config: ExperimentConfig;
  readonly secrets: readonly Secret[];
  readonly hash: string;
  readonly location: IssueLocation;
}

/** The experiments of a study, the grid's before the listed ones, and what was left out. */
export interface Experiments {
  readonly experiments: readonly Experiment[];
  readonly skipped: readonly SkippedPoint[];
  readonly issues: readonly Issue[];
}

/** Makes every experiment of a study. A grid point that breaks a rule is left out; elsewhere that is a mistake. */
export function makeExperiments(study: Study): Experiments {
  const fromGrid = study.grid === null ? none() : makeGrid(study.grid);
  const listed = study.entries.map(({ draft, backend, location }) => ({
    draft: draftFor(backend, draft),
    location,
  }));
  const fromList = makeListed(listed);
  return {
    experiments: [...fromGrid.experiments, ...fromList.experiments],
    skipped: fromGrid.skipped,
    issues: [...fromGrid.issues, ...fromList.issues],
  };
}

function none(): Experiments {
  return { experiments: [], skipped: [], issues: [] };
}

function makeGrid(grid: Grid): Experiments {
  const points = expandGrid(grid);
  const isSwept = grid.dimensions.length > 1 ||
    grid.dimensions[0]?.values.some(({ problem }) => problem !== null);
  if (isSwept !== true) return makeListed(points.map(({ draft }) => ({ draft, location: grid.location })));
  const experiments: Experiment[] = [];
  const skipped: SkippedPoint[] = [];
  for (const point of points) {
    const reasons = pickProblems(point);
    const made = reasons.length > 0 ? reasons : makeExperiment(point.draft, locationOf(point, grid));
    if (Array.isArray(made)) {
      skipped.push({
        reason: made.join("; "),
        label: labelOf(point.draft),
        config: hideSecrets(point.draft).config,
      });
    } else experiments.push(made);
  }
  return { experiments, skipped, issues: [] };
}

function makeListed(
  drafts: readonly { readonly draft: Draft; readonly location: IssueLocation }[],
): Experiments {
  const experiments: Experiment[] = [];
  const issues: Issue[] = [];
  for (const { draft, location } of drafts) {
    const made = makeExperiment(draft, location);
    if (!Array.isArray(made)) experiments.push(made);
    else append(issues, made.map((message) => ({ ...location, path: "", message, hint: null })));
  }
  return { experiments, skipped: [], issues };
}

/** The experiment of a draft, or why it is none. */
function makeExperiment(draft: Draft, location: IssueLocation): Experiment | string[] {
  const broken = brokenRules(draft).map(({ at, message }) => `${at} ${message}`);
  if (broken.length > 0) return broken;
  const config = resolveConfig(draft);
  if (config === null) return explainDraft(draft);
  const hidden = hideSecrets(config);
  return { ...hidden, hash: configHash(hidden.config), location };
}

function pickProblems({ picks }: Point): string[] {
  const problems = picks.map(({ value }) => value.problem).filter((problem) => problem !== null);
  const { n, own } = sweptCounts(picks);
  return n === null || own === null || n === own ? problems : [...problems, sweptCountsDiffer({ n, own })];
}

function locationOf({ picks }: Point, grid: Grid): IssueLocation {
  return picks.at(-1)?.value.location ?? grid.location;
}
