import { sentence } from "../base/text.ts";

export function pythonNotUsable(backend: string, python: string, reason: string, field: string): string {
  return `backend ${backend}: ${python} is not a usable Python interpreter: ${sentence(reason)} ` +
    `Name another one by ${field} or LLEM_PYTHON.`;
}

/** `shortfall` says what the interpreter lacks; `thenPython` is the one to name after `command` has made it. */
export function pythonLacks(
  { backend, python, field, shortfall }: Readonly<
    Record<"backend" | "python" | "field" | "shortfall", string>
  >,
  { command, thenPython, count, lackingHardware }: {
    readonly command: string;
    readonly thenPython: string | null;
    readonly count: number;
    /** A sentence without its full stop; null where the machine has what the packages need. */
    readonly lackingHardware: string | null;
  },
): string {
  const hardware = lackingHardware === null ? "" : ` ${lackingHardware}.`;
  return `backend ${backend}: ${python} ${shortfall}.${hardware} Name another interpreter by ${field} or LLEM_PYTHON, or ` +
    (thenPython === null
      ? `install ${count === 1 ? "it" : "them"} with: ${command}`
      : `make an environment for LLEM_PYTHON=${thenPython} with: ${command}`);
}

export function pythonNotThere(backend: string, reason: string, field: string): string {
  return `backend ${backend}: ${sentence(reason)} Name a Python interpreter by ${field} or LLEM_PYTHON.`;
}

/** What an interpreter does not have, as said of it: `lacks torch and peft`. Null where it has everything. */
export function shortfallText(
  missing: readonly string[],
  old: readonly { readonly module: string; readonly release: string; readonly oldest: string }[],
): string | null {
  const outdated = old.map(({ module, release, oldest }) => `${module} ${release}, older than ${oldest}`);
  const lacks = missing.length === 0 ? [] : [`lacks ${listed(missing)}`];
  const has = outdated.length === 0 ? [] : [`has ${outdated.join(", and ")}`];
  return [...lacks, ...has].join(" and ") || null;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

export function probeCancelled(): string {
  return "the check was cancelled";
}

export function noProbeAnswer(limitMs: number): string {
  return `it did not answer within ${limitMs / 1000} s`;
}

/** `output` is the last line that it printed, empty for none. */
export function probeDied(signal: string, output: string): string {
  return `it died of ${signal}${after(output)}`;
}

export function probeFailed(exitCode: number | null, output: string): string {
  return `it ended with exit code ${exitCode}${after(output)}`;
}

export function probeAnswerNotPython(output: string): string {
  return `it did not answer like a Python interpreter${after(output)}`;
}

export function pythonTooOld(version: string, oldest: string): string {
  return `it is Python ${version}, and the worker needs ${oldest}`;
}

function after(output: string): string {
  return output === "" ? "" : `: ${output}`;
}
