import { join } from "node:path";
import type { Assignment } from "../../../../lib/protocol/assignment.ts";
import { runPythonMany } from "../../../support/python_worker.ts";
import { TempFolder } from "../../../support/temp_folder.ts";
import { runVllmMany } from "../../../support/vllm_worker.ts";
import type { Said } from "../../../support/worker_process.ts";

/** Makes assignments on models that it writes into a folder. */
type Make = (folder: string) => readonly Assignment[];

const makers: Make[] = [];
let all: Promise<readonly (readonly Said[])[]> | undefined;

/**
 * Runs that share a process with those of the other modules of a file of tests, which has loaded all of them before its first
 * test: all are run once, when the first test asks for any of them. Those of backend pytorch, for comparison, have another
 * process in common, into which vLLM has not been imported.
 */
export function sharedRuns(make: Make): () => Promise<readonly Said[]> {
  const index = makers.push(make) - 1;
  return async () => (await (all ??= runAll()))[index] ?? [];
}

async function runAll(): Promise<readonly (readonly Said[])[]> {
  using folder = new TempFolder();
  const parts = makers.map((make, index) => {
    const own = join(folder.path, String(index));
    Deno.mkdirSync(own);
    return make(own);
  });
  const [vllm, pytorch] = (["vllm", "pytorch"] as const).map((backend) =>
    parts.flat().filter(({ config }) => config.backend === backend)
  );
  const said = [...await runVllmMany(vllm ?? []), ...await runPythonMany(pytorch ?? [])];
  const of = new Map([...vllm ?? [], ...pytorch ?? []].map((assignment, index) => [assignment, said[index]]));
  return parts.map((part) => part.flatMap((assignment) => of.get(assignment) ?? []));
}
