import assert from "node:assert/strict";
import {
  groupOomKills,
  isNamedVictim,
  namesVictim,
  oomCounterFile,
  readOomKills,
} from "../../lib/host/oom_kills.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { NO_SUCH_PID } from "../support/libc.ts";

// Opens libc, which would count as a leak of the test that did it first.
isNamedVictim(NO_SUCH_PID);

Deno.test("readOomKills() gives counts or null, never less than before", () => {
  const before = readOomKills();
  const after = readOomKills();
  for (const name of ["own", "machine"] as const) {
    const [first, second] = [before[name], after[name]];
    if (first === null || second === null) assert.equal(first, second, name);
    else assert.ok(Number.isInteger(first) && first >= 0 && second >= first, name);
  }
  const vmstat = Deno.readTextFileSync("/proc/vmstat");
  assert.equal(before.machine !== null, /^oom_kill /m.test(vmstat));
});

Deno.test("groupOomKills() reads the count of a group's folder, and null where its memory is not watched", () => {
  using folder = new TempFolder();
  assert.equal(groupOomKills(folder.path), null);
  Deno.writeTextFileSync(
    folder.at("memory.events"),
    "low 0\nhigh 0\nmax 9\noom 2\noom_kill 3\noom_group_kill 0\n",
  );
  assert.equal(groupOomKills(folder.path), 3);
});

const UNIFIED = "29 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n";
const V1 = "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n" +
  "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n" +
  "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n" +
  "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";

Deno.test("oomCounterFile() finds the counter of the process's own memory cgroup", () => {
  const slice = "/user.slice/user-1000.slice/session-4.scope";
  const docker = "/docker/0123abcd";
  const inDocker = `35 31 0:32 ${docker} /sys/fs/cgroup/memory ro,nosuid - cgroup cgroup rw,memory\n`;
  const cases: readonly (readonly [what: string, cgroups: string, mountinfo: string, file: string | null])[] =
    [
      ["v2", `0::${slice}\n`, UNIFIED, `/sys/fs/cgroup${slice}/memory.events`],
      ["v2 in a cgroup namespace", "0::/\n", UNIFIED, "/sys/fs/cgroup/memory.events"],
      [
        "hybrid, memory by v1",
        `4:memory:/job\n1:cpu:/\n0::/other\n`,
        V1,
        "/sys/fs/cgroup/memory/job/memory.oom_control",
      ],
      [
        "several v1 controllers in one hierarchy",
        "4:cpuset,memory:/job\n",
        V1.replace("rw,memory", "rw,cpuset,memory"),
        "/sys/fs/cgroup/memory/job/memory.oom_control",
      ],
      ["v1 in a container", `4:memory:${docker}\n`, inDocker, "/sys/fs/cgroup/memory/memory.oom_control"],
      [
        "v1 below the container's own",
        `4:memory:${docker}/job\n`,
        inDocker,
        "/sys/fs/cgroup/memory/job/memory.oom_control",
      ],
      ["nothing mounted", `0::${slice}\n`, "", null],
      ["no cgroups", "", UNIFIED, null],
    ];
  for (const [what, cgroups, mountinfo, file] of cases) {
    assert.equal(oomCounterFile(cgroups, mountinfo), file, what);
  }
});

Deno.test("namesVictim() knows a process by the kernel's words, and not by a part of its number", () => {
  const log =
    "<3>[  612.584499] Memory cgroup out of memory: Killed process 10479 (python3) total-vm:323768kB, anon-rss:65152kB, file-rss:5900kB, shmem-rss:0kB, UID:0 pgtables:188kB oom_score_adj:0\n" +
    "<3>[  700.000001] Out of memory: Killed process 77 (llem) total-vm:1kB, anon-rss:1kB, file-rss:0kB, shmem-rss:0kB, UID:1000 pgtables:1kB oom_score_adj:0\n" +
    "<6>[  700.000002] oom_reaper: reaped process 99 (x), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB\n";
  const named = [10479, 77, 1047, 479, 104790, 7, 99].filter((pid) => namesVictim(log, pid));
  assert.deepEqual(named, [10479, 77]);
});

Deno.test("isNamedVictim() does not name a process that never was", () => {
  assert.notEqual(isNamedVictim(NO_SUCH_PID), true);
});
