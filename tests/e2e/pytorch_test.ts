/** Backend pytorch from outside: the compiled program, a real Python with PyTorch, a tiny model with random weights. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { DoctorCheck } from "../../lib/report/doctor_text.ts";
import { testWith } from "../support/needs.ts";
import { ENGINE_PYTHON, REAL_PYTHON } from "../support/pythons.ts";
import { writeTinyLlama } from "../support/tiny_llama.ts";
import { ended, llem, ran, readResult, runFolder, Sandbox, start } from "./llem.ts";

const options = { env: { LLEM_PYTHON: REAL_PYTHON } };

/** The directory of a study in a folder, once its first run has ended; its interpreter takes seconds to start. */
async function firstRunEnded(out: string, child: Deno.ChildProcess): Promise<string> {
  let isOver = false;
  child.status.then(() => isOver = true);
  while (!isOver) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const [dir] = listed(out);
    if (dir !== undefined && journalOf(join(out, dir)).includes('"run_finished"')) return join(out, dir);
  }
  assert.fail(`the study ended before its first run: ${(await ended(child)).stderr}`);
}

function listed(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch {
    return [];
  }
}

function journalOf(dir: string): string {
  try {
    return Deno.readTextFileSync(join(dir, "journal.jsonl"));
  } catch {
    return "";
  }
}

testWith(
  [ENGINE_PYTHON],
  "a study of the default backend runs, and a resume goes on where its runner was killed",
  async () => {
    using box = new Sandbox();
    writeTinyLlama(join(box.dir, "model"));
    const study = box.write(
      "study.yaml",
      `model: ./model
precision: fp32
dataset: { n: 3, input_len: 12, output_len: 6 }
decoder: { preset: deterministic }
warmup: { n_warmup: 1 }
sweep: { pytorch.batch_size: [1, 2] }
execution: { n_cycles: 1, cycle_order: sequential }
`,
    );
    const child = start(["run", study, "-o", join(box.dir, "out"), "--json"], options);
    const dir = await firstRunEnded(join(box.dir, "out"), child);
    child.kill("SIGKILL");
    await ended(child);
    const worker = listed(join(dir, ".llem-python"));
    assert.ok(worker.includes("main.py") && worker.includes("llem_worker"), worker.join());

    const resumed = ran(await llem(["run", "--resume", dir, "--json"], options));
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.deepEqual(resumed.runs.map(({ index, outcome }) => [index, outcome]), [[2, "completed"]]);
    assert.deepEqual(listed(dir).filter((name) => name.startsWith(".")), []);
    // The kill may have met the second run at its start: then the resume has made another attempt of it.
    const folders = [runFolder(dir, 1), ...resumed.runs.map(({ run_id }) => join(dir, "runs", run_id))];
    for (const folder of folders) {
      const { outcome, worker, measurement, latency, throughput } = readResult(folder);
      assert.deepEqual([outcome.kind, worker?.backend], ["completed", "pytorch"]);
      assert.match(worker?.versions["torch"] ?? "", /^2\.13\.0/);
      assert.deepEqual([measurement?.input_tokens, measurement?.output_tokens], [36, 18]);
      assert.ok((throughput?.output_tokens_per_s ?? 0) > 0);
      assert.deepEqual([latency?.ttft_ms, latency?.itl_ms, latency?.e2e_ms].includes(null), false);
    }
  },
);

testWith([ENGINE_PYTHON], "llem doctor tells the interpreter and its versions", async () => {
  using box = new Sandbox();
  const { stdout } = await llem(["doctor", "--json"], { cwd: box.dir, ...options });
  const { checks }: { readonly checks: readonly DoctorCheck[] } = JSON.parse(stdout);
  const check = checks.find(({ name }) => name === "pytorch");
  assert.equal(check?.status, "ok");
  assert.ok(check.detail.startsWith(`${REAL_PYTHON} (Python 3.`), check.detail);
  assert.match(check.detail, /: torch 2\.13\.0\S*, transformers 5\.24\.0, accelerate 1\.15\.0;/);
});
