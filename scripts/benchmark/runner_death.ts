import { isAlive, readProcStat } from "../../lib/process/proc_stat.ts";
import type { Figure } from "./figure.ts";
import { percentile } from "./percentile.ts";
import { LLEM, ROOT, STUDIES } from "./places.ts";

const LOOK_EVERY_MS = 1;
const PATIENCE_MS = 20_000;

/** How long the worker and its child outlive a runner that is killed by SIGKILL. */
export async function measureRunnerDeath({ rounds }: { readonly rounds: number }): Promise<Figure[]> {
  const goneMs: number[] = [];
  for (let round = 0; round < rounds; round++) goneMs.push(await killOne());
  const remark = `from SIGKILL of the runner until worker and grandchild are dead, ${rounds} rounds`;
  return [
    { name: "runner_killed_to_gone_ms_p50", value: percentile(goneMs, 50), aim: null, remark },
    { name: "runner_killed_to_gone_ms_p99", value: percentile(goneMs, 99), aim: "<= 100", remark },
  ];
}

async function killOne(): Promise<number> {
  Deno.mkdirSync(STUDIES, { recursive: true });
  const folder = Deno.makeTempDirSync({ dir: STUDIES, prefix: "death-" });
  const study = {
    name: "death",
    backend: "command",
    model: "none",
    command: { argv: [`${ROOT}tests/fixtures/workers/hang.sh`] },
    execution: { n_cycles: 1, cycle_order: "sequential" },
  };
  Deno.writeTextFileSync(`${folder}/study.json`, JSON.stringify(study));
  const runner = new Deno.Command(LLEM, {
    args: ["run", `${folder}/study.json`, "-o", `${folder}/out`, "--quiet"],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const pids = await until("the worker is at work", () => pidsBelow(`${folder}/out`));
  runner.kill("SIGKILL");
  const beginMs = performance.now();
  await until("the workers are gone", () => pids.some((pid) => isAlive(readProcStat(pid))) ? null : true);
  const tookMs = performance.now() - beginMs;
  await runner.status;
  return tookMs;
}

/** The pids that the worker wrote into its run folder; null where it has not yet. */
function pidsBelow(output: string): number[] | null {
  try {
    const [study] = [...Deno.readDirSync(output)];
    const [run] = [...Deno.readDirSync(`${output}/${study?.name}/runs`)];
    const text = Deno.readTextFileSync(`${output}/${study?.name}/runs/${run?.name}/pids`);
    return text.endsWith("\n") ? text.trim().split(" ").map(Number) : null;
  } catch {
    return null;
  }
}

async function until<T>(what: string, probe: () => T | null): Promise<T> {
  for (const endMs = performance.now() + PATIENCE_MS; performance.now() < endMs;) {
    const found = probe();
    if (found !== null) return found;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  throw new Error(`Waited in vain until ${what}`);
}
