import { sleep } from "../../lib/base/abort.ts";
import { readProcStat } from "../../lib/process/proc_stat.ts";
import type { Figure } from "./figure.ts";
import { median } from "./median.ts";
import { medianSpacing } from "./median_spacing.ts";
import { noopStudy } from "./noop_study.ts";
import { readRunEndsMs, startStudy, type StudyFile } from "./study.ts";

const CROWD = 2000;
/** They end by themselves should this program be killed. */
const SLEEP_S = 300;
/** Between looks whether all of them sleep. */
const STARTING_MS = 100;
const CONTAINMENTS = ["group", "cgroup", "pidns"] as const;
type Containment = typeof CONTAINMENTS[number];

/**
 * Whether a run costs more where the machine has many more processes, which all sleep: for each containment that works
 * here, the time from run to run with them over that without.
 */
export async function measureCrowd(
  { rounds, runsPerRound }: { readonly rounds: number; readonly runsPerRound: number },
): Promise<Figure[]> {
  const works = new Map<Containment, boolean>();
  for (const kind of CONTAINMENTS) works.set(kind, await spacing(kind, 2).then(() => true, () => false));
  const kinds = CONTAINMENTS.filter((kind) => works.get(kind));
  const ratios = new Map<Containment, number[]>(kinds.map((kind) => [kind, []]));
  const alone = new Map<Containment, number[]>(kinds.map((kind) => [kind, []]));
  const measureAll = async (): Promise<number[]> => {
    const spacings: number[] = [];
    for (const kind of kinds) spacings.push(await spacing(kind, runsPerRound));
    return spacings;
  };
  const measureBeside = async (): Promise<number[]> => {
    await using _crowd = await startCrowd();
    return await measureAll();
  };
  for (let round = 0; round < rounds; round++) {
    // In turns, so that a machine that gets slower counts for neither.
    const found: Record<"alone" | "beside", number[]> = { alone: [], beside: [] };
    for (const turn of round % 2 === 0 ? ["alone", "beside"] as const : ["beside", "alone"] as const) {
      found[turn] = turn === "alone" ? await measureAll() : await measureBeside();
    }
    for (const [index, kind] of kinds.entries()) {
      const aloneMs = found.alone[index] ?? NaN;
      alone.get(kind)?.push(aloneMs);
      ratios.get(kind)?.push((found.beside[index] ?? NaN) / aloneMs);
    }
  }
  return CONTAINMENTS.map((kind) => {
    const name = `crowd_spacing_ratio_${kind}`;
    const found = ratios.get(kind);
    if (found === undefined) return { name, value: null, aim: "<= 1.1", remark: `not run: no ${kind} here` };
    const ms = median(alone.get(kind) ?? []).toFixed(2);
    const remark =
      `${CROWD} sleeping processes more over without (${ms} ms), ${rounds} rounds of ${runsPerRound}`;
    return { name, value: median(found), aim: "<= 1.1", remark };
  });
}

/** From the end of a no-op run to the end of the next; rejects where runs cannot be held that way. */
async function spacing(containment: Containment, runs: number): Promise<number> {
  const { execution, ...rest } = noopStudy(runs);
  const study: StudyFile = { ...rest, name: `noop-${containment}`, execution: { ...execution, containment } };
  return medianSpacing(readRunEndsMs(await startStudy(study).finished));
}

/** Sleeping processes, killed one by one when disposed. The shell collects none before that, so their ids stay theirs. */
async function startCrowd(): Promise<AsyncDisposable> {
  const script =
    'n=$1; while [ "$n" -gt 0 ]; do sleep "$2" <&- & echo $!; n=$((n - 1)); done; echo; read -r _';
  const shell = new Deno.Command("/bin/sh", {
    args: ["-c", script, "crowd", String(CROWD), String(SLEEP_S)],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const pids = (await readUntilBlank(shell.stdout)).split("\n").filter((pid) => pid !== "").map(Number);
  while (!pids.every((pid) => readProcStat(pid)?.state === "S")) await sleep(STARTING_MS);
  return {
    [Symbol.asyncDispose]: async () => {
      for (const pid of pids) Deno.kill(pid, "SIGKILL");
      await shell.stdin.close();
      await shell.status;
      if (pids.length < CROWD) throw new Error(`Only ${pids.length} of ${CROWD} processes could be started`);
    },
  };
}

/** The sleepers hold the pipe as well, so its end does not come. */
async function readUntilBlank(stdout: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const bytes of stdout) {
    text += decoder.decode(bytes, { stream: true });
    if (text.endsWith("\n\n")) break;
  }
  return text;
}
