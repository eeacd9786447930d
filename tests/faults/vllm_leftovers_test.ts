/** A real vLLM that dies with its runner, or under it: nothing of its processes, memory, sockets and folders is left. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { exists } from "../../lib/base/files.ts";
import { libc } from "../../lib/base/libc.ts";
import { parseJournal } from "../../lib/journal/journal.ts";
import { isAlive, readProcStat } from "../../lib/process/proc_stat.ts";
import { childrenOf, descendants } from "../../lib/process/adopted.ts";
import { sharedMemoryOf } from "../../lib/process/shared_memory.ts";
import { ended, ran, Sandbox, start, until } from "../e2e/llem.ts";
import { testWith } from "../support/needs.ts";
import { sized } from "../support/sampled.ts";
import { testVllmPython, VLLM_CACHE, VLLM_PYTHON, writeVllmModel } from "../support/vllm_worker.ts";
import { studyDirs } from "./_running_study.ts";

// Opened once for the whole file, and not within a test.
libc();

/** In which processes the engine runs, by the devices that share the model. */
type Mode = "in-process" | "multiprocess";

/** A run of the real vLLM that measures until somebody ends it. */
class VllmRun {
  readonly box = new Sandbox();
  readonly child: Deno.ChildProcess;
  readonly #out = join(this.box.dir, "out");

  constructor(mode: Mode, execution: Readonly<Record<string, unknown>> = {}) {
    const study = {
      name: "vllm",
      backend: "vllm",
      model: writeVllmModel(join(this.box.dir, "model")),
      precision: "fp32",
      dataset: { n: 4, input_len: 32, output_len: 64 },
      warmup: { enabled: false },
      baseline: { enabled: false },
      measure: { min_seconds: 300 },
      vllm: {
        python: testVllmPython(),
        engine: {
          enforce_eager: true,
          kv_cache_memory_bytes: 100_000_000,
          max_model_len: 256,
          tensor_parallel_size: mode === "in-process" ? 1 : 2,
        },
      },
      execution: { n_cycles: 1, grace_seconds: 2, ...execution },
    };
    const path = this.box.write("vllm.yaml", JSON.stringify(study));
    const env = {
      TMPDIR: this.box.dir,
      OMP_NUM_THREADS: "1",
      VLLM_CPU_OMP_THREADS_BIND: "nobind",
      HF_HUB_OFFLINE: "1",
      ...VLLM_CACHE,
    };
    this.child = start(["run", path, "-o", this.#out, "--json"], { env });
  }

  get dir(): string {
    return studyDirs(this.box)[0] ?? "";
  }

  /** What the journal says of the attempt; null before it is about to begin. */
  get starting(): { readonly tag: string; readonly temporary: string } | null {
    const { events } = parseJournal(Deno.readFileSync(join(this.dir, "journal.jsonl")));
    const event = events.find((each) => each.type === "run_starting");
    return event?.type === "run_starting" ? { tag: event.tag, temporary: event.temporary ?? "" } : null;
  }

  /** The engine works: requests are streamed to their file. */
  isDecoding(): boolean {
    const [folder = ""] = [...Deno.readDirSync(join(this.dir, "runs"))].map(({ name }) => name);
    return Deno.statSync(join(this.dir, "runs", folder, "requests.jsonl")).size > 0;
  }

  /** All that descends from the runner. */
  pids(): number[] {
    return descendants(this.child.pid);
  }
}

const sharedOf = (tag: string): string[] =>
  [...Deno.readDirSync("/dev/shm")].map(({ name }) => name).filter((name) => name.includes(tag));

/** When a run is ended: `isThere` says that it has come so far, then it goes on for a while. */
interface Moment {
  readonly what: string;
  readonly mode: Mode;
  readonly isThere: (run: VllmRun) => boolean;
  readonly afterMs?: number;
}

const begun = (run: VllmRun): boolean => run.starting !== null;
const hasMemory = (run: VllmRun): boolean => sharedOf(run.starting?.tag ?? "no tag").length > 0;
const decodes = (run: VllmRun): boolean => run.isDecoding();

/** Ten, of which the gate takes the first two. */
const MOMENTS: readonly Moment[] = [
  { what: "in decode", mode: "in-process", isThere: decodes },
  { what: "in load", mode: "multiprocess", isThere: hasMemory, afterMs: 1500 },
  { what: "at its start", mode: "in-process", isThere: begun },
  { what: "in the import", mode: "in-process", isThere: begun, afterMs: 2000 },
  { what: "late in the import", mode: "in-process", isThere: begun, afterMs: 6000 },
  { what: "in load", mode: "in-process", isThere: begun, afterMs: 10_000 },
  { what: "later in decode", mode: "in-process", isThere: decodes, afterMs: 1700 },
  { what: "as its first engine process starts", mode: "multiprocess", isThere: begun, afterMs: 10_000 },
  { what: "as its first shared memory is there", mode: "multiprocess", isThere: hasMemory },
  { what: "in decode", mode: "multiprocess", isThere: decodes, afterMs: 500 },
];

/** Waits for a moment, then lets `end` do its part, and sees to it that nothing of the run is left. */
async function endAt(
  run: VllmRun,
  { what, mode, isThere, afterMs = 0 }: Moment,
  end: () => Promise<void>,
): Promise<void> {
  using _ = run.box;
  await until(`a run ${what} (${mode})`, () => isThere(run), sized(300_000, 200_000));
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  const { tag, temporary } = run.starting ?? { tag: "", temporary: "" };
  const pids = run.pids();
  const shared = sharedMemoryOf(pids);
  assert.ok(exists(temporary), "there was no temporary folder");
  assert.notEqual(tag, "");
  await end();
  await until("its processes are gone", () => pids.every((pid) => !isAlive(readProcStat(pid))));
  await until("its temporary folder is gone", () => !exists(temporary));
  assert.deepEqual(sharedOf(tag), []);
  assert.deepEqual(shared.filter(exists), []);
}

/** Further ends of a run in decode, with the outcome that is to be told. */
const ENDS: readonly {
  readonly what: string;
  readonly mode: Mode;
  readonly outcome: string;
  readonly end: (run: VllmRun) => void;
}[] = [
  {
    what: "SIGKILL of the worker alone",
    mode: "multiprocess",
    outcome: "crashed",
    end: ({ child }) => {
      const worker = childrenOf(child.pid).find((pid) => commandOf(pid).includes("main.py"));
      if (worker === undefined) throw new Error("the worker cannot be found");
      Deno.kill(worker, "SIGKILL");
    },
  },
  { what: "a stop", mode: "multiprocess", outcome: "interrupted", end: ({ child }) => child.kill("SIGTERM") },
  { what: "a stop", mode: "in-process", outcome: "interrupted", end: ({ child }) => child.kill("SIGINT") },
];

function commandOf(pid: number): string {
  return Deno.readTextFileSync(`/proc/${pid}/cmdline`);
}

for (const { what, mode, outcome, end } of ENDS.slice(0, sized(ENDS.length, 0))) {
  testWith([VLLM_PYTHON], `fault 82: ${what} takes vLLM along (${mode})`, async () => {
    const run = new VllmRun(mode);
    await endAt(run, { what: "in decode", mode, isThere: decodes }, async () => {
      end(run);
      const { runs } = ran(await ended(run.child));
      assert.deepEqual(runs.map((row) => row.outcome), [outcome]);
    });
  });
}

for (const moment of MOMENTS.slice(0, sized(MOMENTS.length, 2))) {
  testWith(
    [VLLM_PYTHON],
    `fault 82: SIGKILL of the runner takes vLLM along, ${moment.what} (${moment.mode})`,
    async () => {
      const run = new VllmRun(moment.mode);
      await endAt(run, moment, async () => {
        run.child.kill("SIGKILL");
        await ended(run.child);
      });
    },
  );
}
