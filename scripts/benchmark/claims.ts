import { sleep } from "../../lib/base/abort.ts";
import type { Figure } from "./figure.ts";
import { ROOT, STUDIES } from "./places.ts";

const AGENTS = 4;
const LOOK_MS = 10;
/** So many more than are measured: the last ones are waited for. */
const MORE_RUNS = 50;

/** After how many runs it is measured, and over how many. */
export interface ClaimCounts {
  readonly early: number;
  readonly late: number;
  readonly over: number;
}

/**
 * Agents that share one directory and do nothing but claim chains of one run and end the runs: how many claims a second
 * they make together, and what they read for one when few runs are done and when many are.
 */
export async function measureClaims({ early, late, over }: ClaimCounts): Promise<Figure[]> {
  const looks = await watchAgents(late + over + MORE_RUNS);
  const [first, last] = [spanOf(looks, early, over), spanOf(looks, late, over)];
  const remark = `${AGENTS} agents on one directory, a claim and an end for each run, no workers`;
  return [
    {
      name: "claims_per_s",
      value: last.claimsPerS,
      aim: null,
      remark: `${remark}, with ${late} runs done; ${first.claimsPerS.toFixed(1)} with ${early}`,
    },
    {
      name: "claim_read_bytes",
      value: last.bytesPerClaim,
      aim: null,
      remark: `read by the agents for each claim with ${late} runs done`,
    },
    {
      name: "claim_read_ratio",
      value: last.bytesPerClaim / first.bytesPerClaim,
      aim: "<= 1.1",
      remark: `the same over what it was with ${early} done (${first.bytesPerClaim.toFixed(0)})`,
    },
  ];
}

/** What the agents had done and read together at one moment. */
interface Look {
  readonly atMs: number;
  readonly done: number;
  readonly bytes: number;
}

async function watchAgents(runs: number): Promise<Look[]> {
  Deno.mkdirSync(STUDIES, { recursive: true });
  const dir = `${Deno.makeTempDirSync({ dir: STUDIES, prefix: "claims-" })}/shared`;
  const program = `${ROOT}scripts/benchmark/claim_agent.ts`;
  const flags = ["--quiet", "--allow-all", "--no-check", "--frozen"];
  const agents = Array.from({ length: AGENTS }, () =>
    new Deno.Command(Deno.execPath(), {
      args: ["run", ...flags, program, dir, String(runs), String(AGENTS)],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn());
  const state = { isOver: false };
  const ended = Promise.all(agents.map((agent) => agent.output())).finally(() => state.isOver = true);
  const looks: Look[] = [];
  while (!state.isOver) {
    const look = lookAt(dir, agents);
    if (look !== null) looks.push(look);
    await Promise.race([sleep(LOOK_MS), ended]);
  }
  for (const { code, stderr } of await ended) {
    if (code !== 0) throw new Error(`${program} failed: ${new TextDecoder().decode(stderr).trim()}`);
  }
  return looks;
}

/** Null before all of them are at work, and from when on one has left. */
function lookAt(dir: string, agents: readonly Deno.ChildProcess[]): Look | null {
  try {
    const done = [...Deno.readDirSync(`${dir}/ends`)].length;
    const bytes = agents.reduce((sum, { pid }) => sum + bytesRead(pid), 0);
    return { atMs: performance.now(), done, bytes };
  } catch {
    return null;
  }
}

/** Bytes that the process has read, from the page cache as well (proc_pid_io(5)). */
function bytesRead(pid: number): number {
  const found = /^rchar: (\d+)$/m.exec(Deno.readTextFileSync(`/proc/${pid}/io`))?.[1];
  if (found === undefined) throw new Error(`/proc/${pid}/io has no rchar`);
  return Number(found);
}

/** From so many runs done on, over so many more. */
export function spanOf(
  looks: readonly Look[],
  done: number,
  over: number,
): { readonly claimsPerS: number; readonly bytesPerClaim: number } {
  const from = looks.find((look) => look.done >= done);
  const to = looks.find((look) => look.done >= done + over);
  if (from === undefined || to === undefined) throw new Error(`${done + over} runs were not seen done`);
  const claims = to.done - from.done;
  return {
    claimsPerS: claims / (to.atMs - from.atMs) * 1000,
    bytesPerClaim: (to.bytes - from.bytes) / claims,
  };
}
