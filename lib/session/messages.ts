/** The texts of lib/session for people: one pure function for each message. */
import { shellWord } from "../base/shell_word.ts";
import { plural } from "../base/text.ts";
import type { EnvironmentChange } from "../host/environment_changes.ts";
import type { Assumed, AssumedBackend } from "../study/complete_flags.ts";

/** What cannot be saved, before the folder in which it is. */
export const SAVED = {
  inputs: "the inputs in",
  program: "a link to this program in",
  pythonWorker: "the Python worker in",
  stopMark: "the wish to stop in",
};

export function slurmIsAway(): string {
  return "squeue does not answer; the agents see the mark by themselves, and tasks that wait leave as soon as they begin";
}

export function fileNotWritten(name: string, reason: string): string {
  return `${name} could not be written: ${reason}`;
}

/** More failures than this are counted only. */
const MOST_NAMED = 5;

/** A run that did not complete, as a message names it. */
export interface NamedFailure {
  readonly index: number;
  /** The kind of its outcome, such as `timed_out`. */
  readonly outcome: string;
  /** Null where there is none. */
  readonly message: string | null;
}

/** A resume of a study in which every run has ended, with what failed: one line each. */
export function nothingLeft(dir: string, failed: readonly NamedFailure[]): string[] {
  const nothing = `nothing is left to do in ${dir}`;
  if (failed.length === 0) return [`${nothing}: every run has completed.`];
  const named = failed.slice(0, MOST_NAMED).map(({ index, outcome, message }) =>
    `  run ${index} ${outcome}${message === null ? "" : `: ${message}`}`
  );
  const more = failed.length - named.length;
  const rest = more > 0 ? [`  and ${more} more`] : [];
  const again = `${failed.length} failed; to rerun ${failed.length === 1 ? "it" : "them"}: ` +
    `llem run --resume ${shellWord(dir)} --retry-failed`;
  return [`${nothing}: ${again}`, ...named, ...rest];
}

/** A model that stands where a study file is expected. */
export function modelAsStudy(path: string): { readonly message: string; readonly hint: string } {
  return { message: "this is a model, not a study file", hint: `llem run -m ${shellWord(path)}` };
}

/** A file that stands where a folder for results is to be. */
export function resultsInFile(path: string): string {
  return `${path} is a file, not a folder. Choose another folder for results with -o.`;
}

/** A warning of a plan; `problem` is the sentence with which a run refuses. */
export function refusedByRun(problem: string): string {
  return `llem run would refuse this study here: ${problem}`;
}

/** A notice before the first run; `load` says what other processes use. */
export function warnOfLoad(load: string): string {
  return `warning: ${load}, so results will scatter. Stop them before you measure (see top).`;
}

/** What a command line without a study file left open; null where it left nothing open. */
export function assumedSettings(
  { backend, synthetic, n, input_len, output_len, file }: Assumed,
): string | null {
  const parts = backend === null ? [] : [assumedBackend(backend)];
  if (file !== null) {
    parts.push(
      file.has_more
        ? `the first ${file.n} prompts of ${file.path} (-n takes more)`
        : `${file.n === 1 ? "the one prompt" : `all ${file.n} prompts`} of ${file.path}`,
    );
  }
  if (synthetic) {
    const prompts = n === null ? "synthetic prompts" : `${n} synthetic prompts`;
    if (input_len !== null && output_len !== null) {
      parts.push(`${prompts} ${input_len} -> ${output_len} tokens`);
    } else if (input_len !== null) parts.push(`${prompts} of ${input_len} tokens`);
    else if (output_len !== null) parts.push(`${prompts} -> ${output_len} tokens`);
    else if (n !== null) parts.push(prompts);
  }
  return parts.length === 0 ? null : parts.join(", ");
}

export function resumeOfShared(dir: string): string {
  return `Agents share ${dir}: join them with llem run --join ${shellWord(dir)}, or name it after --resume.`;
}

export function studyFileChanged(path: string): string {
  return `${path} has changed since the study began. Restore it, or start a new study with it.`;
}

export function studyFileUnreadable(path: string, reason: string): string {
  return `Cannot read ${path}: ${reason}. Restore it, or start a new study.`;
}

export function studyFileHasErrors(file: string, dir: string): string {
  return `${file} has errors; ${dir} is unchanged.`;
}

/** A study file given with a resume, of another study; each difference is on a line of its own. */
export function otherStudy(file: string, dir: string, differences: readonly string[]): string {
  const list = differences.map((difference) => `\n  ${difference}`).join("");
  return `${file} no longer describes the study in ${dir}:${list}\nStart a new study, or resume without the file.`;
}

/** Null is a study without a name. */
export function nameDiffers(before: string | null, now: string | null): string {
  const shown = (name: string | null): string => name === null ? "not given" : JSON.stringify(name);
  return `name was ${shown(before)}, is ${shown(now)}`;
}

export function settingsKept(changes: readonly string[]): string {
  return `keeping the original settings: ${changes.join("; ")}.`;
}

/** `slo` in words; null where the study file has none any more. */
export function judgedByNewSlo(slo: string | null): string {
  return slo === null
    ? "the study file has no slo any more: results are judged by none"
    : `results are judged by the slo of the study file: ${slo}`;
}

/** Results of earlier runs, by a promise that is new to them. */
export function resultsJudged(runs: number): string {
  return `${plural(runs, "earlier result")} judged anew, without running anything`;
}

export function resultsReanalysed(runs: number): string {
  return `${plural(runs, "result")} computed again from ${runs === 1 ? "its" : "their"} requests`;
}

/** Runs whose results stay as they are, with the first of them and why. */
export function notReanalysed(runs: number, first: number, reason: string): string {
  const who = runs === 1 ? `run ${first}` : `${runs} runs`;
  return `the result of ${who} stays as it is: ${runs === 1 ? "" : `run ${first}: `}${reason}`;
}

export function notEnoughSpace(folder: string, state: string, isNew: boolean): string {
  return `Not enough space in ${folder}: ${state}. Free some${
    isNew ? ", or choose another folder with -o" : ""
  }.`;
}

export function littleSpace(folder: string, free: string): string {
  return `warning: only ${free} free in ${folder}.`;
}

export function umaskRefused(trouble: string, remedy: string): string {
  return `Cannot save anything: ${trouble}. Before you run llem, ${remedy}.`;
}

export function containmentUnavailable(wanted: string, reason: string): string {
  return `execution.containment: ${wanted} does not work here: ${reason}. ` +
    "Remove execution.containment to use the best method that works.";
}

export function processesNotKilled(pids: readonly number[], runId: string, dir: string): string {
  return `processes ${pids.join(", ")} of ${runId}, left by the last session of ${dir}, cannot be killed`;
}

export function processesKilled(pids: readonly number[], runId: string): string {
  return `processes ${pids.join(", ")} of ${runId} outlived the last session and were killed.`;
}

/** In place of a run's id. */
export function serverOf(runId: string): string {
  return `the server of ${runId}`;
}

export function containersNotRemoved(runId: string, dir: string, reason: string): string {
  return `containers of ${runId}, left by the last session of ${dir}, cannot be removed: ${reason}`;
}

export function containersRemoved(ids: readonly string[], runId: string): string {
  return `containers ${ids.join(", ")} of ${runId} outlived the last session and were removed.`;
}

export function environmentChanged(changes: readonly EnvironmentChange[]): string {
  const shown = changes.map(({ path, before, after }) => `${path} was ${before}, is ${after}`);
  return `Changed since the study began: ${shown.join("; ")}`;
}

export function programChanged(path: string, change: string): string {
  return `Changed since the study began: ${path} ${change}`;
}

export function promptsChanged(files: readonly string[]): string {
  const [were, them] = files.length === 1 ? ["was", "it"] : ["were", "them"];
  return `${files.join(", ")} ${were} changed or removed after the study began. ` +
    `Restore ${them}, or start a new study.`;
}

export function inputsUnreadable(path: string, reason: string): string {
  return `Cannot read ${path}: ${reason}. It is damaged, or another version of llem wrote it. ` +
    "Restore it, use that version, or start a new study.";
}

export function stoppedBeforeFirstRun(signal: string): string {
  return `stopped by ${signal} before the first run.`;
}

export function meteringOff(): string {
  return "energy.backend is null";
}

export function notMetered(reason: string): string {
  return `not metered: ${reason}`;
}

/** What is metered, such as `NVIDIA H100 PCIe x 2 by nvml`. */
export function meteredBy(names: readonly string[], meter: string): string {
  return `${names.join(", ")} by ${meter}`;
}

export function metering(parts: readonly string[]): string {
  return `metering ${parts.join("; ")}`;
}

/** Runs without a GPU on a machine with GPUs; `host` is what is read of its CPUs and memory, empty for nothing. */
export function onlyCpuMetered(host: readonly string[]): string {
  const what = host.length > 0
    ? metering(host)
    : "none for these runs (CPU only, and no RAPL counter is read)";
  return `${what}; GPUs are recorded as idle peers`;
}

export function metersMissing(missing: readonly string[], reason: string): string {
  return `energy.backend requires ${missing.join(" and ")}, which cannot be read here${
    reason === "" ? "" : `: ${reason}`
  }. See llem doctor. Use energy.backend: auto for the meters that work, or null for none.`;
}

export function energyNotice(text: string): string {
  return `energy: ${text}`;
}

export function meterOwnUse(share: number): string {
  return `energy: the meter itself used ${(share * 100).toFixed(2)} % of a CPU core`;
}

export function noDirectoryOfStudy(folder: string): string {
  return `${folder} has no directory of this study; starting a new one.`;
}

export function startingAfterFinished(dir: string): string {
  return `nothing is left to do in ${dir}; starting a new study.`;
}

export function pathNotUtf8(folder: string): string {
  return `${folder} leads to a folder whose path is not UTF-8. Rename that folder, or choose another with -o.`;
}

export function fileMissing(): string {
  return "the file does not exist; check the path";
}

export function fileForbidden(): string {
  return "permission denied; check the permissions of the file";
}

export function fileIsFolder(): string {
  return "this is a folder, not a file";
}

export function fileUnreadable(reason: string): string {
  return `the file cannot be read: ${reason}`;
}

/** `reasons` is such as `1 lost, 2 pending`. */
export function resuming(runs: number, reasons: string): string {
  return `resuming: ${plural(runs, "run")} to do (${reasons})`;
}

export function rerunning(index: number, reason: string): string {
  return `run ${index} will be rerun. ${reason}.`;
}

export function savedBeforeDeath(index: number): string {
  return `run ${index} had finished, and its result was saved, when the runner died.`;
}

export function journalRepaired(bytes: number): string {
  return `a crash left an incomplete line at the end of the journal; removed its ${plural(bytes, "byte")}.`;
}

export function guardReplaced(): string {
  return "The guard process was killed; a new one has taken over";
}

export function notQuarantined(reason: string): string {
  return `The devices could not be quarantined: ${reason}`;
}

export function busyNow(problem: string): string {
  return `${problem}; use --wait SECONDS to wait for it`;
}

export function waitingFor(problem: string, seconds: number): string {
  return `waiting up to ${seconds} s: ${problem}`;
}

export function stoppedWhileWaiting(problem: string, signal: string): string {
  return `stopped by ${signal} while waiting: ${problem}`;
}

function assumedBackend({ name, model, is_default }: AssumedBackend): string {
  return is_default
    ? `backend ${name} (the default: ${model} is not the name of a GGUF file)`
    : `backend ${name} (from the name ${model})`;
}

/** In a page, in place of a comparison. */
export function oneExperiment(count: number): string {
  return count === 0
    ? "The study has no experiment."
    : "One experiment: there is nothing to compare it with.";
}
