import assert from "node:assert/strict";
import { isNoexec, mountIn } from "../../lib/base/mounts.ts";
import { TempFolder } from "../support/temp_folder.ts";

/** Lines in the form of proc(5). */
const MOUNTS = [
  "21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw",
  "22 21 0:20 / /proc rw,nosuid,nodev,noexec - proc proc rw",
  "30 21 0:44 / /data rw,noexec,relatime - nfs4 server:/data rw,vers=4.2",
  "31 30 0:45 / /data/fast rw master:7 - lustre mgs:/fast rw,noexec",
].join("\n");

Deno.test("mountIn() tells how the file system of a path was mounted there", () => {
  const isNoexecThere = (path: string): boolean | undefined =>
    mountIn(MOUNTS, path)?.options.includes("noexec");
  assert.equal(isNoexecThere("/home/me"), false);
  assert.equal(isNoexecThere("/data"), true);
  assert.equal(isNoexecThere("/data/x/y"), true);
  assert.equal(isNoexecThere("/database"), false);
  // What the file system itself was told is another matter.
  assert.equal(isNoexecThere("/data/fast/x"), false);
  assert.equal(mountIn("", "/x"), null);
});

Deno.test("isNoexec() is true for this machine's /proc, false for where this program lies, also for what is not there", () => {
  const proc =
    Deno.readTextFileSync("/proc/self/mountinfo").split("\n").filter((line) => line.split(" ")[4] === "/proc")
      .at(-1)?.split(" ")[5]?.split(",").includes("noexec") ?? false;
  assert.equal(isNoexec("/proc/self/status"), proc);
  assert.equal(isNoexec("/proc/no/such/file"), proc);
  assert.equal(isNoexec(Deno.execPath()), false);
  using folder = new TempFolder();
  assert.equal(isNoexec(folder.at("no/such/file")), isNoexec(folder.path));
  assert.equal(isNoexec(""), false);
});
