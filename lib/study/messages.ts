/**
 * The texts of lib/study for people: one pure function for each message. A message follows the path of a key, as in
 * `n: must be a whole number >= 1, found 0`.
 */
import type { Issue } from "../base/issue.ts";
import { plural } from "../base/text.ts";

/** The message of an issue, and its hint. */
export type IssueText = Pick<Issue, "message" | "hint">;

function text(message: string, hint: string | null = null): IssueText {
  return { message, hint };
}

/** Both numbers of prompts are given and differ. `place` is where `n` stands. */
export function countsDiffer(
  { own, n, place }: { readonly own: string; readonly n: string; readonly place: string },
): IssueText {
  return text(`is ${own}, but n is ${n} (${place}): both set the number of prompts`, "remove one of them");
}

/** Why `n` has no effect where a synthetic dataset gives its own number. */
export function datasetHasOwnCount(): string {
  return "dataset.n sets the number of synthetic prompts";
}

/** What to write in place of a dataset that is a number. */
export function writeCount(count: number): string {
  return `write { n: ${count} } for ${plural(count, "synthetic prompt")}`;
}

export function sweepReplaced(key: string): string {
  return `this value replaces the sweep of ${key}`;
}

export function listIsSwept(count: number): string {
  return `sweeps ${
    plural(count, "value")
  }, one per experiment; to pass one list as the value, write [[a, b]]`;
}

// Values and keys.

/** A value that does not fit. `expected` and `found` are phrases of wording.ts. */
export function mustBe(expected: string, found: string): string {
  return `must be ${expected}, found ${found}`;
}

export function isMissing(expected: string): string {
  return `is missing, must be ${expected}`;
}

export function nonEmptyText(): string {
  return "non-empty text";
}

export function nonEmptyList(): string {
  return "a non-empty list";
}

export function aMapping(): string {
  return "a mapping (key: value)";
}

export function mappingOfRunners(): string {
  return "a mapping (backend: runner)";
}

export function mappingOfLists(): string {
  return "a mapping (dotted key: list of values)";
}

export function listOfExperiments(): string {
  return "a list of experiments";
}

export function knownRunner(): string {
  return "local, docker or docker:<image>";
}

export function finiteNumber(): string {
  return "a finite number";
}

export function listOfValues(): string {
  return "a list of values";
}

export function mappingOfListsFound(): string {
  return "a mapping of lists";
}

export function trySeveralValues(path: string): string {
  return `to try several values, write sweep: { ${path}: [...] }`;
}

export function roundsToZero(found: string): IssueText {
  return text(`rounds to 0 as a 64-bit number, found ${found}`, "write 0, or put it in quotes");
}

export function writeZero(): string {
  return "it rounds to 0 as a 64-bit number: write 0";
}

export function losesDigits(found: string): IssueText {
  return text(`cannot be stored exactly as a number, found ${found}`, "put it in quotes");
}

export function fewerDigits(): string {
  return "use at most 15 digits";
}

export function putInQuotes(quoted: string): string {
  return `put it in quotes: ${quoted}`;
}

export function readAs(found: string, value: string): IssueText {
  return text(`read ${found} as ${value}`, `write ${value}`);
}

export function readAsNumber(found: string, number: number): IssueText {
  return text(`read ${found} as the number ${number}`, `write ${number}`);
}

export function readAsWhole(found: string, number: number): IssueText {
  return text(`read ${found} as the whole number ${number}`, `write ${number}`);
}

export function readAsDecimal(found: string, number: number): IssueText {
  return text(`read ${found} as the decimal number ${number}, not as octal`, `write ${number}`);
}

export function unknownKey(): string {
  return "is not a known key";
}

export function passedToEngine(): string {
  return "is not a known key; it is passed to the engine unchanged";
}

export function notASection(path: string): string {
  return `is not a known key: ${path} is not a section`;
}

export function spaceAfterColon(): string {
  return "put a space after the colon";
}

export function keysExclude(): string {
  return "it cannot be combined with the other keys here";
}

export function moveToTop(): string {
  return "move it to the top level of the file";
}

/** `value` is in the spelling of a study file. */
export function writeText(value: string): string {
  return `write ${value}`;
}

export function meantName(name: string): string {
  return `did you mean "${name}"?`;
}

export function knownKeys(names: readonly string[]): string {
  return `known keys: ${names.join(", ")}`;
}

export function oneOfNames(names: readonly string[]): string {
  return `one of ${names.join(", ")}`;
}

export function oneOfPaths(paths: readonly string[]): string {
  return `did you mean ${paths.join(" or ")}?`;
}

export function renamedTo(path: string): IssueText {
  return text(`has been renamed: read as ${path}`, `write ${path}`);
}

export function replacesSection(path: string): IssueText {
  return text(
    `each value replaces the whole shared ${path} section`,
    `to change one key, sweep ${path}.<key>`,
  );
}

export function otherBackend(
  owner: string,
  used: readonly string[],
  by: "study" | "experiment",
): IssueText {
  return text(
    `is for backend ${owner}, but this ${by} runs ${used.join(", ")}`,
    `set backend: ${owner}, or remove it`,
  );
}

/** Why a path matters to nothing here. */
export function idleFor(owner: string, used: readonly string[]): string {
  return `for backend ${owner}, but this study runs ${used.join(", ")}`;
}

export function otherDatasetForm(): string {
  return "this form of dataset has no such key";
}

export function noSingleValue(): IssueText {
  return text("has no value of its own", "give the path of a setting, such as decoder.temperature");
}

export function runnersDiffer(
  runner: string,
  before: { readonly path: string; readonly runner: string },
): IssueText {
  return text(
    `is ${runner}, but ${before.path} sets ${before.runner} for the same backend`,
    "a study uses one runner per backend",
  );
}

export function notABackend(): string {
  return "is not a backend";
}

export function singularityUnsupported(): string {
  return "singularity is not supported";
}

export function exampleRunners(): string {
  return "such as { vllm: docker }";
}

export function exampleUserConfig(): string {
  return "such as ui: { prompt: false }";
}

// Sweeps and options.

export function emptyList(): string {
  return "is an empty list: there is nothing to run";
}

export function tooManySwept(count: number, most: number): string {
  return `has ${count} keys; at most ${most} can be swept together`;
}

export function notSweepable(): string {
  return "applies to the whole study and cannot be swept";
}

export function pathTooDeep(most: number): string {
  return `contains a path of more than ${most} keys`;
}

export function sweptForOther(owner: string, backends: readonly string[]): IssueText {
  return text(
    `applies to backend ${owner}, but this sweep runs ${backends.join(", ")}`,
    `add ${owner} to backend, or remove the key`,
  );
}

export function searchedForOther(owner: string, backends: readonly string[]): IssueText {
  return text(
    `applies to backend ${owner}, but this study runs ${backends.join(", ")}`,
    `set backend: ${owner}`,
  );
}

export function notAPath(): IssueText {
  return text(
    "is not a path of keys separated by dots",
    "write --set key=value, such as --set decoder.top_k=1",
  );
}

/** `field` is what of the experiment was to be set; empty where it is all of it. */
export function oneExperimentSet(field: string): IssueText {
  return text(
    "refers to one experiment, which cannot be set on its own",
    field === "" ? null : `set ${field} to change it in all experiments`,
  );
}

// Files.

export function emptyFile(): IssueText {
  return text("is empty", startWithModel());
}

export function startWithModel(): string {
  return "a study file starts with model: ...";
}

export function fileTooLarge(mebibytes: string, most: number): IssueText {
  return text(
    `is ${mebibytes} MiB; a study file can have at most ${most} MiB`,
    "use a sweep, or split the study",
  );
}

export function isUtf16(): IssueText {
  return text("is UTF-16 text, must be UTF-8", "save the file as UTF-8");
}

export function isBinary(): string {
  return "is a binary file, must be YAML or JSON text";
}

export function notUtf8(byte: string): IssueText {
  return text(`is not valid UTF-8: found the byte ${byte}`, "save the file as UTF-8");
}

export function baseCycle(chain: readonly string[]): string {
  return `leads back to the same file: ${chain.join(" -> ")}`;
}

export function baseNeedsFile(): string {
  return "can only be used in a study file";
}

export function baseUnreadable(name: string, trouble: string): string {
  return `cannot read ${name}: ${trouble}`;
}

export function baseNotAMapping(name: string): string {
  return `${name} must be a mapping (key: value)`;
}

/** `parallel` is how the study is carried out instead. */
export function auditWithoutShared(parallel: string): IssueText {
  return {
    message:
      `has no effect: execution.parallel is ${parallel}, and only with shared do measured windows overlap`,
    hint: "set execution.parallel: shared, or leave it out",
  };
}

export function unusedInBase(): string {
  return "has no effect in a base file";
}

// Secrets.

/** `shown` stands in place of a secret. */
export function looksSecret(shown: string): string {
  return `looks like a secret: it is passed to the worker, shown as ${shown} in results and messages, left out of the ` +
    "configuration hash, and stored in study.yaml and plan.json of the study directory, which only you can read";
}

/** `named` is the list of variables that a backend's workers get from llem; null where they inherit all. */
export function passAsVariable(named: string | null, variable: string): string {
  return named === null
    ? "set it as an environment variable of llem, such as HF_TOKEN, which workers inherit"
    : `set it as an environment variable of llem and write ${named}: [${variable}]; then it is stored nowhere`;
}

/** Of something that a server is sent. */
export function passAsKey(field: string): string {
  return `set a key as an environment variable of llem and write ${field}: NAME; then it is stored nowhere`;
}

/** An option of synthetic prompts beside a dataset that names prompts. */
export function syntheticOption(dataset: string): IssueText {
  return {
    message: `belongs to synthetic prompts, and --dataset names ${dataset}`,
    hint: "leave one of them out; max_input_tokens and max_output_tokens limit the prompts of a dataset",
  };
}

export function limitNeeded(names: readonly string[]): IssueText {
  return { message: "has no limit", hint: `add one of ${names.join(", ")}` };
}

/** Of the path that a search is over. */
export function notALoad(paths: readonly string[]): string {
  return `must be one of ${paths.join(", ")}`;
}

export function searchIsEmpty(from: number): string {
  return `must be greater than search.from (${from})`;
}

export function sloNeeded(): IssueText {
  return {
    message: "needs slo at the top level of the file",
    hint: "add slo: { ttft_ms: 500, tpot_ms: 50 }",
  };
}

export function searchAndExperiments(): IssueText {
  return { message: "cannot be combined with experiments", hint: "use shared fields and sweep" };
}

export function searchedAndSwept(path: string): IssueText {
  return { message: `is swept as well, by sweep.${path}`, hint: "keep one" };
}
