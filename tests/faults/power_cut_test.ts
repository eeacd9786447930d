/**
 * The power goes after any call that changes the disk. From the trace of a study a model of the disk makes what may be
 * left: the least that is promised, everything, and mixtures of both. About 90 calls times 9 fates make some 800
 * disks, of which 200 differ. All are read, and the study is taken up again on those at the extremes (on a sample of
 * them; on all with --slow).
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { sha256Hex } from "../../lib/base/canonical_json.ts";
import { llem, Sandbox } from "../e2e/llem.ts";
import { type Bytes, DiskModel, type Fate, type Names, writeFiles } from "../support/disk_model.ts";
import { type DiskCall, diskShim, type DiskTrouble, readTrace } from "../support/disk_shim.ts";
import { C_COMPILER, testWith } from "../support/needs.ts";
import { Random } from "../support/random.ts";
import { sampled } from "../support/sampled.ts";
import {
  assertResumes,
  assertStatus,
  assertWorkersGone,
  completedRuns,
  inParallel,
  namedResults,
  readJournal,
  wholeResults,
} from "./_saved_study.ts";

const uniform = (bytes: Bytes, names: Names): Fate => ({ bytes: () => bytes, names: () => names });

/** Where the disk gives as little, or as confusing things, as it may: the study is resumed from these. */
const EXTREMES: readonly Fate[] = [
  uniform("lost", "lost"),
  uniform("zeros", "there"),
  uniform("hole", "there"),
];
const OTHERS: readonly Fate[] = [
  uniform("there", "lost"),
  uniform("there", "there"),
  uniform("half there", "there"),
  uniform("half there", "lost"),
  ...[1, 2, 3].map((seed): Fate => {
    const random = new Random(seed);
    return {
      bytes: () => random.pick(["lost", "there", "half there", "zeros", "hole"]),
      names: () => random.pick(["lost", "there"]),
    };
  }),
];

/** What may be left after a power cut behind a call. */
interface Cut {
  readonly call: number;
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** How many runs had been written down as finished, durably. */
  readonly promised: number;
  /** Whether the disk gave as little, or as confusing things, as it may. */
  readonly isExtreme: boolean;
}

/** All the different disks that a power cut may leave behind a call, from the one at `from` on. */
function cutsOf(root: string, calls: readonly DiskCall[], from: number): Cut[] {
  const model = new DiskModel(root);
  const seen = new Set<string>();
  const cuts: Cut[] = [];
  let [written, promised] = [0, 0];
  for (const [index, call] of calls.entries()) {
    model.apply(call);
    if (isEndOfRun(call)) written += 1;
    if (call.op === "fdatasync" && call.path.endsWith("journal.jsonl")) promised = written;
    for (const fate of index < from ? [] : [...EXTREMES, ...OTHERS]) {
      const files = model.after(fate);
      const digest = [...files].map(([path, bytes]) => `${path} ${bytes.length} ${sha256Hex(bytes)}`).sort()
        .join();
      if (seen.has(`${promised} ${digest}`)) continue;
      seen.add(`${promised} ${digest}`);
      cuts.push({ call: index + 1, files, promised, isExtreme: EXTREMES.includes(fate) });
    }
  }
  return cuts;
}

/** Writes the whole line by which a run is finished. */
function isEndOfRun({ bytes }: DiskCall): boolean {
  return /"type":"run_finished".*\n$/.test(new TextDecoder().decode(bytes));
}

/** Puts a cut's disk down and asserts that it keeps what was promised. The study directory, null where there is none. */
function assertKeepsPromises({ files, promised }: Cut, into: string, requests: string): string | null {
  writeFiles(files, into);
  const plan = [...files.keys()].find((path) => path.endsWith("/plan.json") || path === "plan.json");
  if (plan === undefined) {
    assert.equal(promised, 0, "the study directory is gone");
    return null;
  }
  const dir = join(into, plan, "..");
  const { events } = readJournal(dir);
  assert.ok(completedRuns(events).length >= promised, "a finished run is gone");
  for (const path of namedResults(dir).keys()) {
    assert.equal(Deno.readTextFileSync(join(dir, path, "..", "requests.jsonl")), requests);
  }
  return dir;
}

/** Asserts of every cut that it keeps what was promised, and of so many that the study can be resumed. */
async function assertSurvives(
  cuts: readonly Cut[],
  calls: readonly DiskCall[],
  requests: string,
  resumes: number,
): Promise<void> {
  const extremes = cuts.filter(({ isExtreme }) => isExtreme);
  const resumed = new Set(sampled("disks after a power cut are resumed from", extremes, resumes));
  await inParallel(cuts, async (cut) => {
    using box = new Sandbox();
    try {
      const dir = assertKeepsPromises(cut, join(Deno.realPathSync(box.dir), "disk"), requests);
      if (dir === null || !resumed.has(cut)) return;
      await assertStatus(dir, 2);
      // Also one that the journal does not name: its lines may be lost where the result is not.
      await assertResumes(dir, 2, wholeResults(dir));
    } catch (error) {
      const { op, path } = calls[cut.call - 1] ?? {};
      throw new Error(`Power cut after call ${cut.call}, ${op} ${path}`, { cause: error });
    }
  });
}

/** A disk of its own, with a study of two runs to be made some folders below. */
class Powered extends Sandbox {
  readonly root = join(Deno.realPathSync(this.dir), "disk");
  readonly #out = join(this.root, "folders", "to", "be made");
  readonly #args = [this.study(["quick", "quick"]), "-o", this.#out];
  #traces = 0;

  /** Runs llem and gives what it did to the disk. */
  async trace(args: readonly string[] = this.#args, kill?: DiskTrouble["kill"]): Promise<DiskCall[]> {
    Deno.mkdirSync(this.root, { recursive: true });
    const trace = join(this.dir, `trace-${++this.#traces}`);
    const trouble = { root: this.root, trace, ...(kill === undefined ? {} : { kill }) };
    const { code, signal, stderr } = await llem(["run", ...args], { env: diskShim(trouble) });
    if (kill === undefined) assert.equal(code, 0, stderr);
    else assert.equal(signal, "SIGKILL", stderr);
    await assertWorkersGone(this.root);
    return readTrace(trace);
  }

  get studyDir(): string {
    const [entry] = [...Deno.readDirSync(this.#out)];
    return join(this.#out, entry?.name ?? "nothing");
  }

  /** As it was before the first trace. */
  clear(): void {
    Deno.removeSync(this.root, { recursive: true });
    Deno.mkdirSync(this.root);
  }

  /** What a run of the fixture leaves in requests.jsonl. */
  get requests(): string {
    const [path = ""] = [...namedResults(this.studyDir).keys()];
    return Deno.readTextFileSync(join(this.studyDir, path, "..", "requests.jsonl"));
  }
}

testWith(
  [C_COMPILER],
  "fault 26: a power cut at any point leaves a journal that can be read and every result in it",
  async () => {
    using box = new Powered();
    const calls = await box.trace();
    const { requests } = box;
    box.clear();
    const cuts = cutsOf(box.root, calls, 0);
    assert.ok(cuts.length > 100, `${cuts.length} different disks`);
    await assertSurvives(cuts, calls, requests, 3);
  },
);

interface Crash {
  readonly what: string;
  /** The call in which the first session is killed. */
  readonly at: (call: DiskCall, index: number, calls: readonly DiskCall[]) => boolean;
  readonly phase: "before" | "half";
}

const CRASHES: readonly Crash[] = [
  { what: "a torn journal", at: isEndOfRun, phase: "half" },
  {
    what: "a result that was saved but for its folders",
    at: (_, index, calls) => {
      const last = calls[index - 1];
      return last?.op === "rename" && last.other.endsWith("result.json");
    },
    phase: "before",
  },
];

for (const { what, at, phase } of CRASHES) {
  testWith(
    [C_COMPILER],
    `fault 26: a power cut at any point of a resume that finds ${what} loses nothing`,
    async () => {
      using box = new Powered();
      const call = (await box.trace()).findIndex(at) + 1;
      box.clear();
      const before = await box.trace(undefined, { call, phase });
      const calls = [...before, ...await box.trace(["--resume", box.studyDir])];
      const { requests } = box;
      box.clear();
      const cuts = cutsOf(box.root, calls, before.length);
      assert.ok(cuts.length > 50, `${cuts.length} different disks`);
      await assertSurvives(cuts, calls, requests, 3);
    },
  );
}
