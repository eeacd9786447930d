/** A model that is replaced while its study runs, or between a stop and a resume. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { ResultRecord } from "../../lib/results/record.ts";
import { ended, llem, ran, readResult, ROOT, runFolder, Sandbox, start, until } from "../e2e/llem.ts";
import { studyDirs } from "./_running_study.ts";

/** The same model with other weights: the end of the file holds nothing else. */
function otherWeights(model: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const other = model.slice();
  for (let at = other.length - 64; at < other.length; at++) other[at] = (other[at] ?? 0) ^ 0x11;
  return other;
}

function sha256Of({ measurement }: ResultRecord): unknown {
  return (measurement?.["model"] as { sha256?: string } | undefined)?.sha256;
}

Deno.test("fault 63: a run is not made on other weights than the study began with; those are named, also by a resume", async () => {
  using box = new Sandbox();
  const model = Deno.readFileSync(join(ROOT, "build", "llamacpp", "tiny-random.gguf"));
  const path = join(box.dir, "m.gguf");
  Deno.writeFileSync(path, model);
  const study = box.write(
    "weights.yaml",
    JSON.stringify({
      name: "weights",
      backend: "llamacpp",
      model: "m.gguf",
      dataset: { n: 1, input_len: 4, output_len: 2 },
      llamacpp: { n_threads: 1 },
      warmup: { enabled: false },
      energy: { backend: null },
      execution: { n_cycles: 3, cycle_order: "sequential", experiment_gap_seconds: 1 },
    }),
  );
  const out = join(box.dir, "out");
  const child = start(["run", study, "-o", out, "--json"]);
  await until("the first result", () => readResult(runFolder(studyDirs(box)[0] ?? "", 1)));
  Deno.writeFileSync(path, otherWeights(model));
  const end = ran(await ended(child));
  assert.equal(end.code, 1, end.stderr);
  assert.deepEqual(end.runs.map(({ outcome, error }) => [outcome, error?.type]), [
    ["completed", undefined],
    ["spawn_failed", "input_changed"],
    ["spawn_failed", "input_changed"],
  ]);
  assert.ok(
    end.stderr.includes(`${path} has changed since the study began: it has different content`),
    end.stderr,
  );

  const again = ["run", "--resume", end.dir, "--retry-failed", "--json"];
  const refused = await llem(again);
  assert.equal(refused.code, 3);
  assert.ok(refused.stderr.includes(`${path} has changed since the study began: it has different content`));

  Deno.removeSync(path);
  Deno.writeFileSync(path, model);
  const resumed = ran(await llem(again));
  assert.equal(resumed.code, 0, resumed.stderr);
  const hashes = [end.runs[0], ...resumed.runs].map((run) =>
    sha256Of(readResult(join(end.dir, run?.result_file ?? "", "..")))
  );
  assert.deepEqual([hashes.length, new Set(hashes).size, typeof hashes[0]], [3, 1, "string"]);
});
