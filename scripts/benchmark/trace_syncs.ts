import { startStudy, type StudyFile } from "./study.ts";
import { BENCH } from "./places.ts";

/** The calls by which a study waited for the disk. */
export interface Syncs {
  readonly count: number;
  readonly waitMs: number;
}

/** Runs a study under strace(1), which stops the program at these calls and no other; null where there is no strace. */
export async function traceSyncs(study: StudyFile): Promise<Syncs | null> {
  if (!await hasStrace()) return null;
  const file = `${BENCH}/syncs`;
  const strace = ["strace", "-f", "-qq", "--seccomp-bpf", "-T", "-e", "trace=fsync,fdatasync", "-o", file];
  await startStudy(study, { under: strace }).finished;
  return sumSyncs(Deno.readTextFileSync(file));
}

/** Every call ends in one line, `... = 0 <seconds>`, whether or not another thread's came between. */
export function sumSyncs(trace: string): Syncs {
  const seconds = [...trace.matchAll(/^.*\bf(?:data)?sync\b.*\) += 0 <([\d.]+)>$/gm)].map((match) =>
    Number(match[1])
  );
  return { count: seconds.length, waitMs: 1000 * seconds.reduce((sum, value) => sum + value, 0) };
}

async function hasStrace(): Promise<boolean> {
  try {
    const args = ["-f", "--seccomp-bpf", "-o", "/dev/null", "true"];
    const { success } = await new Deno.Command("strace", { args, stderr: "null" }).output();
    return success;
  } catch {
    return false;
  }
}
