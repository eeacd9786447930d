import { append } from "../base/numbers.ts";
import type { RunnerPresence } from "../archive/runner_presence.ts";
import { shellWord } from "../base/shell_word.ts";
import type { ServedLoad } from "../experiment/load.ts";
import type { Manifest, ManifestEntry } from "../journal/manifest.ts";
import { auditText } from "../results/audit.ts";
import type { VariedValues } from "../results/varied.ts";
import {
  anotherMachine,
  failureOfStatus,
  failuresExplained,
  moreFailures,
  runningAs,
  runningNow,
  runOfStatus,
  stoppedUnexpectedly,
  studyState,
} from "./messages.ts";
import { boardsLabel } from "./live/messages.ts";
import { variedText } from "./run_name.ts";
import { sloOfStatus } from "./served/messages.ts";
import { isPart, rerunMissing } from "./studies/messages.ts";
import type { StatusRecord } from "./status_record.ts";
import { clip, printable } from "../base/text.ts";

const MOST_FAILURES = 20;

/** A run of a manifest, with the values that tell it from the others where they are known. */
type ShownEntry = ManifestEntry & { readonly varied?: VariedValues; readonly load?: ServedLoad };
type ShownManifest = Omit<Manifest, "experiments"> & {
  readonly experiments: readonly ShownEntry[];
  readonly slo?: StatusRecord["slo"];
};

/** The state of a study for people. `now` is UTC, ISO 8601. */
export function statusText(
  manifest: ShownManifest,
  runner: RunnerPresence,
  { now, dir, boards = new Map() }: {
    readonly now: string;
    readonly dir: string;
    /** Numbers of boards by their UUIDs, as far as they are known. */
    readonly boards?: ReadonlyMap<string, number>;
  },
): string {
  const { total_experiments: total, completed, failed, interrupted, pending } = manifest;
  const running = manifest.experiments.filter((entry) => entry.status === "running");
  const others = manifest.experiments.filter(({ pending_reason }) => pending_reason !== undefined).length;
  const lines = [
    studyState(printable(manifest.study_name ?? "study"), stateWord(manifest, runner, dir), {
      total,
      completed,
      failed,
      interrupted,
      pending: pending - others,
    }),
  ];
  if (manifest.shard !== undefined) lines.push(`  ${isPart(manifest.shard, others)}`);
  if (runner.alive !== false) {
    append(
      lines,
      running.map((entry) => runningNow(describe(entry), secondsSince(entry, now), placeOf(entry, boards))),
    );
  }
  const { slo = null } = manifest;
  if (manifest.audit !== undefined) lines.push(`  ${auditText(manifest.audit)}`);
  if (slo !== null) lines.push(`  ${sloOfStatus(slo.limits, slo)}`);
  const failures = manifest.experiments.filter((entry) => entry.status === "failed" || hasLostResult(entry));
  append(
    lines,
    failures.slice(0, MOST_FAILURES).map((entry) =>
      failureOfStatus(entry.outcome ?? entry.status, describe(entry), reason(entry))
    ),
  );
  if (failures.length > MOST_FAILURES) lines.push(moreFailures(failures.length - MOST_FAILURES));
  if (failures.length > 0) lines.push(`  ${failuresExplained(printable(shellWord(dir)))}`);
  const lost = failures.filter(hasLostResult).length;
  if (lost > 0) lines.push(`  ${rerunMissing(printable(dir), lost)}`);
  return lines.map((line) => `${line}\n`).join("");
}

/** A run that was lost with its runner is not listed: the study's state says it. */
function hasLostResult({ status, error_type }: ManifestEntry): boolean {
  return status === "lost" && error_type?.startsWith("result_") === true;
}

function stateWord(manifest: ShownManifest, runner: RunnerPresence, dir: string): string {
  if (manifest.status !== "running") return manifest.status;
  if (runner.alive === true) return runningAs(runner.pid, null);
  if (runner.alive === null) return runningAs(runner.pid, printable(runner.host ?? anotherMachine()));
  return stoppedUnexpectedly(printable(shellWord(dir)));
}

/** The boards that a run is on; null where runs are made one at a time, or it uses none. */
function placeOf({ placed }: ShownEntry, boards: ReadonlyMap<string, number>): string | null {
  const { devices = [] } = placed ?? {};
  if (devices.length === 0) return null;
  const indices = devices.map((device) => boards.get(device));
  const known = indices.filter((index) => index !== undefined);
  return known.length === indices.length ? boardsLabel(known) : printable(devices.join(", "));
}

function describe(entry: ShownEntry): string {
  const values = variedText(entry.varied ?? {}, entry.load);
  return runOfStatus(entry.index, printable(values === "" ? entry.config_summary : values), entry.cycle);
}

/** Null where the run has no start yet. */
function secondsSince(entry: ManifestEntry, now: string): number | null {
  if (entry.started_at === null) return null;
  // The wall clock may have been set back meanwhile.
  return Math.max(0, Date.parse(now) - Date.parse(entry.started_at)) / 1000;
}

function reason({ error_message }: ManifestEntry): string | null {
  return error_message === null ? null : clip(printable(error_message), 200);
}
