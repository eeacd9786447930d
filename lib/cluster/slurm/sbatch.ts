import type { AskSlurm } from "./slurm_command.ts";
import { SBATCH_REMEDIES, sbatchFailed } from "./messages.ts";

/** A job that was taken, or why not, with what to do about it. */
export type Submitted =
  | { readonly kind: "taken"; readonly job: string }
  | { readonly kind: "refused" | "absent"; readonly text: string };

/** Hands a script to sbatch. */
export async function submitScript(
  ask: AskSlurm,
  script: string,
  options: readonly string[] = [],
): Promise<Submitted> {
  const answer = await ask("sbatch", ["--parsable", ...options, script]);
  if (answer.kind === "refused") return { kind: "refused", text: explained(answer.text) };
  if (answer.kind === "absent") {
    const isItsOwn = answer.text.startsWith("sbatch: error");
    return { kind: "absent", text: isItsOwn ? explained(answer.text) : answer.text };
  }
  const job = readJobId(answer.text);
  return job === null ? { kind: "refused", text: sbatchFailed(answer.text.trim()) } : { kind: "taken", job };
}

/** `12` or `12;cluster`, or as sbatch says it without --parsable, on the last such line: a site's wrapper may print more. */
export function readJobId(text: string): string | null {
  const line = text.split("\n").map((each) => each.trim()).findLast((each) => JOB_LINE.test(each));
  return JOB_LINE.exec(line ?? "")?.[1] ?? null;
}

const JOB_LINE = /^(?:Submitted batch job )?(\d+)(?:;\S+| on cluster \S+)?$/;

/** What sbatch says, without its prefix, and the remedy where it is known. */
export function explained(text: string): string {
  const words = text.split("\n").map((line) => line.replace(/^sbatch: (error: )?/, "").trim())
    .filter((line) => line !== "").join("; ");
  const remedy = SBATCH_REMEDIES.find(({ pattern }) => pattern.test(text))?.remedy;
  return remedy === undefined ? sbatchFailed(words) : `${sbatchFailed(words)}. ${remedy}`;
}
