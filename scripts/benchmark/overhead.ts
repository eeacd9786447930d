import { assignmentLike } from "./assignment_like.ts";
import { timeBareSpawn } from "./bare_spawn.ts";
import type { Figure } from "./figure.ts";
import { median } from "./median.ts";
import { NOOP_WORKER, noopStudy } from "./noop_study.ts";
import { readFirstResult, readRunEndsMs, startStudy } from "./study.ts";

/**
 * What a run costs beyond a bare spawn of its worker. Studies and bare spawns take turns. A run costs the time between
 * its end and the end of the run before, so that the program's own start does not count.
 */
export async function measureOverhead(
  { rounds, runsPerRound }: { readonly rounds: number; readonly runsPerRound: number },
): Promise<Figure[]> {
  const spacingsMs: number[] = [];
  const bareMs: number[] = [];
  const wallsMs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const beginMs = performance.now();
    const studyDir = await startStudy(noopStudy(runsPerRound)).finished;
    wallsMs.push((performance.now() - beginMs) / runsPerRound);
    spacingsMs.push(meanSpacing(readRunEndsMs(studyDir)));
    const line = assignmentLike(readFirstResult(studyDir), studyDir);
    for (let run = 0; run < runsPerRound; run++) bareMs.push(await timeBareSpawn(NOOP_WORKER, line));
  }
  const [spacing, bare] = [median(spacingsMs), median(bareMs)];
  const turns = `${rounds} rounds of ${runsPerRound}`;
  return [
    {
      name: "overhead_ms_per_run",
      value: spacing - bare,
      aim: "<= 5, at most 8",
      remark: `a no-op worker through llem beyond a bare spawn of it, ${turns}`,
    },
    {
      name: "run_spacing_ms",
      value: spacing,
      aim: null,
      remark: "from the end of a run to the end of the next",
    },
    { name: "bare_spawn_ms", value: bare, aim: null, remark: "the same program, pipes and line" },
    {
      name: "study_wall_ms_per_run",
      value: median(wallsMs),
      aim: null,
      remark: `a study of ${runsPerRound} runs with the start of llem`,
    },
  ];
}

/** The mean time from the end of a run to the end of the next. */
export function meanSpacing(endsMs: readonly number[]): number {
  return ((endsMs.at(-1) ?? NaN) - (endsMs[0] ?? NaN)) / (endsMs.length - 1);
}
