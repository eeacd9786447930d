import assert from "node:assert/strict";
import { reanalyse, storeSlo } from "../../lib/archive/reanalyse.ts";
import { createStudyFolder, openStudyFolder } from "../../lib/archive/study_folder.ts";
import { StudyInputs } from "../../lib/inputs/study_inputs.ts";
import { finishedEvent } from "../../lib/journal/finished_event.ts";
import { JournalFold } from "../../lib/journal/fold.ts";
import { readRecord } from "../../lib/results/read_record.ts";
import { realDisk } from "../../lib/storage/disk.ts";
import { SaveError } from "../../lib/storage/save_error.ts";
import type { Slo } from "../../lib/study/slo_schema.ts";
import { FailingDisk } from "../support/failing_disk.ts";
import { configOf, planOf } from "../support/plans.ts";
import { measurementOf, recordOfRun, samplesOf } from "../support/records.ts";
import { TempFolder } from "../support/temp_folder.ts";

const SLO: Slo = { ttft_ms: 5, tpot_ms: null, itl_ms: null, e2e_ms: null, share: 0.9 };
const REQUEST =
  '{"index":0,"input_tokens":1,"output_tokens":2,"ttft_ms":3,"e2e_ms":9,"itl_ms":[6],"error":null}\n';

Deno.test("results are judged anew where their requests are whole, and stay as they are where not", () => {
  using folder = new TempFolder();
  const plan = planOf([configOf()], { n_cycles: 5 });
  const fold = new JournalFold();
  const measured = { measurement: measurementOf({ requests: 1 }), samples: samplesOf({ ttft_ms: [3] }) };
  const leftOut = { warnings: [{ code: "requests_left_out", text: "" }] };
  const requests = [REQUEST, null, '{"index":', REQUEST, null];
  const paths = plan.runs.map((run, index) => {
    const seen = index === 4 ? {} : measured;
    const record = recordOfRun(run, { ...seen, ...index === 3 ? leftOut : {} });
    Deno.mkdirSync(folder.at(`${index}`));
    const path = folder.write(`${index}/result.json`, JSON.stringify(record));
    const lines = requests[index] ?? null;
    if (lines !== null) folder.write(`${index}/requests.jsonl`, lines);
    const result_file = `${index}/result.json`;
    fold.apply({
      at: "2026-01-02T03:04:05.000Z",
      ...finishedEvent(record, { result_file, will_retry: false }),
    });
    return path;
  });
  const { state } = fold;
  const found = reanalyse(realDisk, folder.path, state, SLO, "judged_otherwise");
  assert.deepEqual(found, {
    done: 1,
    left: [
      { index: 2, reason: "requests.jsonl is gone" },
      { index: 3, reason: "requests.jsonl is damaged" },
      { index: 4, reason: "requests.jsonl does not hold all of its requests" },
    ],
  });
  const verdicts = paths.map((path) => readRecord(path)?.slo?.met);
  assert.deepEqual(verdicts, [true, undefined, undefined, undefined, undefined]);
  // What has a verdict by this promise is left alone, unless all is asked for.
  assert.equal(reanalyse(realDisk, folder.path, state, SLO, "judged_otherwise").done, 0);
  assert.equal(reanalyse(realDisk, folder.path, state, SLO, "all").done, 1);
  const before = Deno.readTextFileSync(paths[0] ?? "");
  assert.throws(() => reanalyse(new FailingDisk(1), folder.path, state, null, "all"), SaveError);
  assert.equal(Deno.readTextFileSync(paths[0] ?? ""), before);
});

Deno.test("a new promise is written into plan.json, which keeps its mode and all else", () => {
  using folder = new TempFolder();
  const plan = planOf([configOf({ params: { api_key: "sk-0123456789abcdef" } })]);
  const source = { text: new Uint8Array(), base_dir: folder.path, inputs: new StudyInputs() };
  const dir = createStudyFolder(realDisk, folder.path, source, plan);
  const before = openStudyFolder(dir).plan;
  storeSlo(realDisk, dir, SLO);
  assert.deepEqual(openStudyFolder(dir).plan, { ...before, slo: SLO });
  assert.equal((Deno.statSync(`${dir}/plan.json`).mode ?? 0) & 0o777, 0o600);
  storeSlo(realDisk, dir, null);
  assert.deepEqual(openStudyFolder(dir).plan, before);
});
