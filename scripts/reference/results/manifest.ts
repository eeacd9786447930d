/** manifest.json. */
import type { Manifest } from "../../../lib/journal/manifest.ts";
import { type FieldsOf, flag, group, groups, list, number, open, text } from "./field.ts";

export const MANIFEST: FieldsOf<Manifest> = {
  schema: text("`llem.manifest/1`"),
  llem_version: text("version that wrote it"),
  study_name: text("`name` of the study file"),
  study_design_hash: text("the study, by its experiments"),
  started_at: text("UTC, ISO 8601; null before the first run"),
  completed_at: text("UTC, ISO 8601; null while it is not over"),
  status: text("`running`, `completed`, `failed` or `interrupted`"),
  total_experiments: number("runs", "runs of the study"),
  completed: number("runs", "runs that completed"),
  failed: number("runs", "runs that did not"),
  interrupted: number("runs", "runs that the user stopped"),
  pending: number("runs", "everything else: the four add up to the total"),
  open_ended: flag("with `execution.until`: whether further cycles may follow; left out for a fixed number"),
  order: text("order of the cycles"),
  n_cycles: number("cycles", "repetitions that the study has by now"),
  seed: number(null, "of a shuffled order"),
  gaps: group("pauses between runs", {
    experiment_s: number("s", "after a run"),
    cycle_s: number("s", "after a cycle"),
  }),
  skipped: groups("points of the sweep that no rule lets through", {
    reason: text("why"),
    label: text("a short name"),
    config: open("the configuration, as the file gives it"),
  }),
  shard: group("the part of the study that is made here (`--shard`); left out where that is all of it", {
    index: number(null, "from 1"),
    of: number(null, "how many parts there are"),
  }),
  experiments: groups("one for each run, in order", {
    config_hash: text("the configuration, by its content"),
    config_summary: text("a short name"),
    cycle: number(null, "repetition, from 1"),
    status: text("`pending`, `running`, `completed`, `failed`, `interrupted` or `lost`"),
    result_file: text("its result.json, relative to the study directory"),
    error_type: text("what went wrong, as a code"),
    error_message: text("in words"),
    started_at: text("UTC, ISO 8601"),
    completed_at: text("UTC, ISO 8601"),
    index: number(null, "position in the order, from 1"),
    attempt: number(null, "last attempt; 0 while it is pending"),
    outcome: text("`outcome.kind` of result.json"),
    exit_code: number(null, "exit code of the worker"),
    signal: text("signal that ended it"),
    duration_s: number("s", "from spawn until nothing of the attempt was left"),
    warnings: list("codes of its warnings"),
    pending_reason: text("why it stays pending here: `another shard's`; left out for any other run"),
  }),
};
