import assert from "node:assert/strict";
import { fileSystemIn, fileSystemOf } from "../../lib/storage/file_system.ts";

/** Lines in the form of proc(5). */
const MOUNTS = [
  "21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw",
  "22 21 0:20 / /proc rw - proc proc rw",
  "30 21 0:44 / /data rw,relatime - nfs4 server:/data rw,vers=4.2",
  "31 30 0:45 / /data/fast rw master:7 - lustre mgs:/fast rw,localflock",
  "32 21 0:46 / /mnt/my\\040disk rw - xfs /dev/sdb rw",
  "33 21 0:47 / /mnt/twice rw - xfs /dev/sdc rw",
  "34 21 0:48 / /mnt/twice rw - tmpfs tmpfs rw",
].join("\n");

Deno.test("fileSystemIn() takes the deepest mount above a path, the last of equal ones", () => {
  const cases: readonly (readonly [path: string, type: string])[] = [
    ["/", "ext4"],
    ["/home/me", "ext4"],
    ["/data", "nfs4"],
    ["/data/x/y", "nfs4"],
    ["/data/fast/x", "lustre"],
    ["/data/faster", "nfs4"],
    ["/database", "ext4"],
    ["/mnt/my disk/x", "xfs"],
    ["/mnt/twice/x", "tmpfs"],
  ];
  for (const [path, type] of cases) assert.equal(fileSystemIn(MOUNTS, path), type, path);
  assert.equal(fileSystemIn("", "/x"), null);
});

Deno.test("fileSystemOf() knows where this machine's /proc is, and nothing of what is not there", () => {
  assert.equal(fileSystemOf("/proc/self/status"), "proc");
  assert.equal(fileSystemOf("/no/such/path"), null);
});
