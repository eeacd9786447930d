import { append } from "../base/numbers.ts";
import type { RunnerPresence } from "../archive/runner_presence.ts";
import { shellWord } from "../base/shell_word.ts";
import { formatDuration } from "../base/duration.ts";
import type { Manifest, ManifestEntry } from "../journal/manifest.ts";
import type { VariedValues } from "../results/varied.ts";
import { variedText } from "./run_name.ts";
import { clip, plural, printable } from "../base/text.ts";

const MOST_FAILURES = 20;

/** A run of a manifest, with the values that tell it from the others where they are known. */
type ShownEntry = ManifestEntry & { readonly varied?: VariedValues };
type ShownManifest = Omit<Manifest, "experiments"> & { readonly experiments: readonly ShownEntry[] };

/** The state of a study for people. `now` is UTC, ISO 8601. */
export function statusText(
  manifest: ShownManifest,
  runner: RunnerPresence,
  { now, dir }: { readonly now: string; readonly dir: string },
): string {
  const { total_experiments: total, completed, failed, interrupted, pending } = manifest;
  const running = manifest.experiments.filter((entry) => entry.status === "running");
  const counts = [`${completed} of ${plural(total, "run")} completed`];
  if (failed > 0) counts.push(`${failed} failed`);
  if (interrupted > 0) counts.push(`${interrupted} interrupted`);
  if (pending > 0) counts.push(`${pending} left`);
  const lines = [
    `${printable(manifest.study_name ?? "study")}: ${stateWord(manifest, runner, dir)}, ${counts.join(", ")}`,
  ];
  if (runner.alive !== false) {
    append(lines, running.map((entry) => `  now: ${describe(entry)}, ${since(entry, now)}`));
  }
  const failures = manifest.experiments.filter((entry) => entry.status === "failed" || hasLostResult(entry));
  append(
    lines,
    failures.slice(0, MOST_FAILURES).map((entry) =>
      `  ${entry.outcome}: ${describe(entry)}: ${reason(entry)}`
    ),
  );
  if (failures.length > MOST_FAILURES) lines.push(`  and ${failures.length - MOST_FAILURES} more failed`);
  return lines.map((line) => `${line}\n`).join("");
}

/** A run that was lost with its runner is told by what the study's state is. */
function hasLostResult({ status, error_type }: ManifestEntry): boolean {
  return status === "lost" && error_type?.startsWith("result_") === true;
}

function stateWord(manifest: ShownManifest, runner: RunnerPresence, dir: string): string {
  if (manifest.status !== "running") return manifest.status;
  if (runner.alive === true) return `running (process ${runner.pid})`;
  if (runner.alive === null) {
    return `running on ${
      printable(runner.host ?? "another machine")
    } (process ${runner.pid}), as far as its lock says`;
  }
  return `cut off (its runner is gone; resume: llem run --resume ${printable(shellWord(dir))})`;
}

function describe(entry: ShownEntry): string {
  const values = variedText(entry.varied ?? {});
  return `run ${entry.index} ${
    printable(values === "" ? entry.config_summary : values)
  } cycle ${entry.cycle}`;
}

function since(entry: ManifestEntry, now: string): string {
  if (entry.started_at === null) return "just started";
  // The wall clock may have been set back meanwhile.
  return `for ${formatDuration(Math.max(0, Date.parse(now) - Date.parse(entry.started_at)) / 1000)}`;
}

function reason(entry: ManifestEntry): string {
  return clip(printable(entry.error_message ?? "no message"), 200);
}
