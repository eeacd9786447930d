import { fileURLToPath } from "node:url";
import type { Random } from "../../tests/support/random.ts";
import { drawStudy } from "./random_study.ts";
import { type Strike, strike } from "./strike.ts";
import { findStudy } from "./study_files.ts";
import { type SeenProcess, stillAlive, studyProcesses } from "./study_processes.ts";
import { judge, newVerdict, takeSnapshot, type Verdict } from "./verdict.ts";

const LLEM = fileURLToPath(new URL("../../dist/llem", import.meta.url));

/** No llem of a round takes so long, on the busiest machine. */
const LIMIT_MS = 60_000;
/** After its runner's death nothing of a study may live for longer. */
const ORPHAN_PATIENCE_MS = 2000;

/** What a round was about and how it went. */
export interface Round {
  readonly kind: Strike;
  /** When it was struck, counted from the start of llem. */
  readonly atMs: number;
  readonly workers: readonly string[];
  readonly verdict: Verdict;
  /** Everything of the round; gone where nothing went wrong. */
  readonly folder: string;
}

/** Runs a study, strikes at a random moment, resumes it to its end and judges what is there. */
export async function playRound(random: Random, kind: Strike): Promise<Round> {
  const study = drawStudy(random);
  // A little beyond its end, so that this moment is hit as well.
  const atMs = Math.round(random.next() * study.usualMs * 1.1);
  const folder = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "llem-soak-" }));
  const verdict = newVerdict();
  const file = `${folder}/soak.yaml`;
  const output = `${folder}/out`;
  Deno.writeTextFileSync(file, study.text);

  const runner = start(["run", file, "-o", output]);
  await new Promise((resolve) => setTimeout(resolve, atMs));
  const struckDir = findStudy(output);
  const seen = struckDir === null ? [] : studyProcesses(struckDir);
  strike(kind, runner, struckDir);
  await ended(runner, `the llem that was struck (${kind})`, verdict);

  const studyDir = findStudy(output);
  await expectNobody(studyDir, seen, verdict);
  if (studyDir === null || !exists(`${studyDir}/plan.json`)) {
    // Struck before there was anything to resume: the user would start it again.
    await again(["run", file, "-o", `${folder}/again`], verdict);
    const dir = findStudy(`${folder}/again`);
    if (dir === null) verdict.other.push("a second start made no study directory");
    else judge(dir, new Map(), verdict);
  } else {
    const snapshot = takeSnapshot(studyDir, verdict);
    await again(["run", "--resume", studyDir], verdict);
    await expectNobody(studyDir, [], verdict);
    judge(studyDir, snapshot, verdict);
  }
  if (Object.values(verdict).every((complaints) => complaints.length === 0)) {
    Deno.removeSync(folder, { recursive: true });
  }
  return { kind, atMs, workers: study.workers, verdict, folder };
}

function start(args: readonly string[]): Deno.ChildProcess {
  return new Deno.Command(LLEM, { args: [...args, "-q"], stdin: "null", stdout: "null", stderr: "null" })
    .spawn();
}

/** The exit code; null where it did not end by itself. */
async function ended(child: Deno.ChildProcess, what: string, verdict: Verdict): Promise<number | null> {
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill("SIGKILL");
  }, LIMIT_MS);
  const { code, signal } = await child.status;
  clearTimeout(timer);
  if (isLate) verdict.other.push(`${what} did not end within ${LIMIT_MS / 1000} s`);
  return signal === null ? code : null;
}

/** Runs llem undisturbed: every run completes or fails. */
async function again(args: readonly string[], verdict: Verdict): Promise<void> {
  const code = await ended(start(args), "the llem after it", verdict);
  if (code !== 0 && code !== 1) verdict.other.push(`llem ${args[1]} ended with exit code ${code}`);
}

/** Counts, and then kills, what lives on. */
async function expectNobody(
  studyDir: string | null,
  seen: readonly SeenProcess[],
  verdict: Verdict,
): Promise<void> {
  const living = (): SeenProcess[] => {
    const marked = studyDir === null ? [] : studyProcesses(studyDir);
    const pids = new Set(marked.map(({ pid }) => pid));
    return [...marked, ...stillAlive(seen).filter(({ pid }) => !pids.has(pid))];
  };
  const endMs = performance.now() + ORPHAN_PATIENCE_MS;
  while (living().length > 0 && performance.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  for (const { pid } of living()) {
    verdict.orphans.push(`process ${pid} lives on: ${commandLine(pid)}`);
    Deno.kill(pid, "SIGKILL");
  }
}

function commandLine(pid: number): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
  } catch {
    return "it has just ended";
  }
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
