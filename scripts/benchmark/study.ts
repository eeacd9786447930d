import type { ResultRecord } from "../../lib/results/record.ts";
import { BENCH, LLEM, STUDIES } from "./places.ts";

/** What a study file holds. Runs follow each other in the order of the plan, without gaps. */
export interface StudyFile {
  readonly name: string;
  readonly execution: {
    readonly n_cycles: number;
    readonly experiment_timeout_seconds?: number;
    readonly containment?: "group" | "cgroup" | "pidns";
    readonly [key: string]: unknown;
  };
  readonly [key: string]: unknown;
}

/** A study that is being run by the program. */
export interface RunningStudy {
  readonly pid: number;
  /** Resolves with the study's directory once it is over as expected; rejects with what the program said. */
  readonly finished: Promise<string>;
}

/**
 * Writes the study file and starts the program on it. `exitCode` is the one that is right, 0 if not given; `env` comes on
 * top of ours; `program` is another llem; `under` is a command that starts the program.
 */
export function startStudy(
  study: StudyFile,
  { exitCode = 0, env = {}, program = LLEM, under = [] }: {
    readonly exitCode?: number;
    readonly env?: Readonly<Record<string, string>>;
    readonly program?: string;
    readonly under?: readonly string[];
  } = {},
): RunningStudy {
  const file = `${BENCH}/${study.name}.json`;
  const order = { cycle_order: "sequential", experiment_gap_seconds: 0, cycle_gap_seconds: 0 };
  Deno.writeTextFileSync(file, JSON.stringify({ ...study, execution: { ...order, ...study.execution } }));
  Deno.mkdirSync(STUDIES, { recursive: true });
  const output = Deno.makeTempDirSync({ dir: STUDIES, prefix: `${study.name}-` });
  const [first, ...args] = [...under, program, "run", file, "-o", output, "--quiet"];
  const child = new Deno.Command(first ?? program, {
    args,
    env: { ...env },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const finished = child.output().then(({ code, stderr }) => {
    if (code !== exitCode) {
      throw new Error(`llem run ${file} failed: ${new TextDecoder().decode(stderr).trim()}`);
    }
    return onlyFolder(output);
  });
  return { pid: child.pid, finished };
}

/** When each run's end was written down, in milliseconds, oldest first. */
export function readRunEndsMs(studyDir: string): number[] {
  return Deno.readTextFileSync(`${studyDir}/journal.jsonl`).trimEnd().split("\n")
    .map((line) => JSON.parse(line) as { readonly type: string; readonly at: string })
    .filter(({ type }) => type === "run_finished")
    .map(({ at }) => Date.parse(at));
}

/** The result files of a study, in run order. */
export function readResults(studyDir: string): ResultRecord[] {
  const folders = [...Deno.readDirSync(`${studyDir}/runs`)].map(({ name }) => name).sort();
  return folders.map((folder) => JSON.parse(Deno.readTextFileSync(`${studyDir}/runs/${folder}/result.json`)));
}

/** The result file of the first run. */
export function readFirstResult(studyDir: string): ResultRecord {
  const [first] = readResults(studyDir);
  if (first === undefined) throw new Error(`${studyDir} holds no run`);
  return first;
}

function onlyFolder(output: string): string {
  const [entry, ...others] = [...Deno.readDirSync(output)];
  if (entry === undefined || others.length > 0) {
    throw new Error(`${output} should hold one study directory`);
  }
  return `${output}/${entry.name}`;
}
