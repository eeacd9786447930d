import assert from "node:assert/strict";
import { CommandError } from "../../lib/base/refusal.ts";
import { refuseOtherRuns, restoreRuns } from "../../lib/archive/runs_folder.ts";
import { realDisk } from "../../lib/storage/disk.ts";
import { TempFolder } from "../support/temp_folder.ts";

function refusal(dir: string): string {
  try {
    refuseOtherRuns(dir);
  } catch (error) {
    assert.ok(error instanceof CommandError);
    assert.equal(error.exitCode, 2);
    return error.message;
  }
  assert.fail("it was not refused");
}

Deno.test("the folder of runs is made again where it is gone; what else bears its name is refused with a remedy", () => {
  using study = new TempFolder();
  refuseOtherRuns(study.path);
  restoreRuns(realDisk, study.path);
  assert.deepEqual(study.names("runs"), []);
  refuseOtherRuns(study.path);
  restoreRuns(realDisk, study.path);
  Deno.removeSync(study.at("runs"));
  study.write("runs", "");
  assert.match(refusal(study.path), /runs is not a folder.*Move it away, then resume/);
  Deno.removeSync(study.at("runs"));
  Deno.symlinkSync(study.at("nowhere"), study.at("runs"));
  assert.match(refusal(study.path), /runs is a broken link.*Restore its target/);
});
