import { Deadline } from "../../base/deadline.ts";
import { ownChild } from "../../base/own_children.ts";
import { slurmIsMissing, slurmIsSlow } from "./messages.ts";

/** What one of Slurm's commands came to. */
export type SlurmAnswer =
  | { readonly kind: "ok"; readonly text: string }
  /** `text`: its own words, or why it could not be asked. */
  | { readonly kind: "refused"; readonly text: string }
  /** There is no such program here, or it did not answer in time. */
  | { readonly kind: "absent"; readonly text: string };

/** A controller that is away makes its commands wait for a minute and more. */
const PATIENCE_S = 60;

/** Runs one of Slurm's commands. Never throws. */
export type AskSlurm = (name: string, args: readonly string[]) => Promise<SlurmAnswer>;

/** The commands on PATH. Their variables for formats and filters (`SQUEUE_FORMAT` ...) are left out: the answers are parsed. */
export async function askSlurm(name: string, args: readonly string[]): Promise<SlurmAnswer> {
  using limit = new Deadline(PATIENCE_S);
  try {
    const child = ownChild(new Deno.Command(name, {
      args: [...args],
      clearEnv: true,
      env: plainEnvironment(),
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      signal: limit.signal,
    }).spawn());
    const { success, stdout, stderr } = await child.output();
    if (limit.signal.aborted) return { kind: "absent", text: slurmIsSlow(name, PATIENCE_S) };
    const decoder = new TextDecoder();
    if (success) return { kind: "ok", text: decoder.decode(stdout) };
    const text = decoder.decode(stderr).trim();
    return isUnreachable(text) ? { kind: "absent", text } : { kind: "refused", text };
  } catch (error) {
    const isMissing = error instanceof Deno.errors.NotFound;
    return { kind: "absent", text: isMissing ? slurmIsMissing(name) : (error as Error).message };
  }
}

/** `Unable to contact slurm controller (connect failure)`, `Socket timed out on send/recv operation` and the like. */
function isUnreachable(text: string): boolean {
  return /unable to contact|timed out|connect(ion)? (failure|refused)|communication|zero bytes were transmitted/i
    .test(text);
}

/** Everything but what changes the format of an answer or what it is about: squeue(1), sinfo(1), "ENVIRONMENT VARIABLES". */
function plainEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(Deno.env.toObject()).filter(([name]) => !/^(SQUEUE|SINFO|SCONTROL|SCANCEL)_/.test(name)),
  );
}
