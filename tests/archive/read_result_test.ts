import assert from "node:assert/strict";
import { readResult } from "../../lib/archive/read_result.ts";
import { finishedEvent } from "../../lib/journal/finished_event.ts";
import { CRASHED, recordOf } from "../support/records.ts";
import { TempFolder } from "../support/temp_folder.ts";

Deno.test("readResult() is null for a record that contradicts what the journal says of the attempt", () => {
  using folder = new TempFolder();
  const record = recordOf();
  const end = finishedEvent(record, { result_file: "result.json", will_retry: false });
  const read = (text: unknown): unknown => {
    folder.write("result.json", JSON.stringify(text));
    return readResult(folder.path, end);
  };
  assert.deepEqual(read(record), record);
  assert.equal(read({ ...record, outcome: CRASHED }), null);
  for (const change of [{ run_id: "x" }, { attempt: 2 }, { config_hash: "0" }]) {
    assert.equal(read({ ...record, run: { ...record.run, ...change } }), null, JSON.stringify(change));
  }
  assert.equal(readResult(folder.path, { ...end, result_file: null }), null);
});
