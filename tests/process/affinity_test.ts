/** What a child takes over of the CPUs and the memory policy that stand at its spawn, and that nothing of ours keeps them. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { type Affinity, affinityPowers, allowedCpus, spawnWithin } from "../../lib/process/affinity.ts";
import { spawnDetached } from "../../lib/process/spawn.ts";
import { allowedList, OWN_CPUS, TWO_CPUS } from "../support/cpus.ts";
import { program, testWith } from "../support/needs.ts";

const PYTHON = program("python3", "python3", "--version");
const POWERS = affinityPowers();
const MEMORY_POLICY = { what: "set_mempolicy(2)", isMet: () => POWERS.numa };

/** CPUs of a child, its memory policy, CPUs of a grandchild that has left its session. */
const SCRIPT = `allowed() { "$@" awk '/^Cpus_allowed_list/ { print $2 }' /proc/self/status; }
allowed
head -1 /proc/self/numa_maps | cut -d' ' -f2
allowed setsid --wait`;

async function tell(affinity: Affinity | null): Promise<{ said: string[]; unpinned: string | null }> {
  const spec = { program: "/bin/sh", args: ["-c", SCRIPT], cwd: "/", env: { PATH: "/usr/bin:/bin" } };
  const spawned = spawnDetached(affinity === null ? spec : { ...spec, affinity });
  if ("failure" in spawned) throw new Error(spawned.failure.message);
  const { child, unpinned } = spawned;
  await child.stdin.close();
  const [said] = await Promise.all([new Response(child.stdout).text(), child.stderr.cancel(), child.exited]);
  return { said: said.trim().split("\n"), unpinned };
}

/** CPUs of all threads of this process. */
function ownThreads(): string[] {
  const lists = [...Deno.readDirSync("/proc/self/task")].map(({ name }) => allowedList("self", name));
  return [...new Set(lists.filter((list) => list !== ""))];
}

testWith(
  [TWO_CPUS],
  "spawnDetached() keeps children and theirs to the CPUs of two slots, 100 times, and no thread of ours",
  async () => {
    const before = ownThreads();
    assert.equal(before.length, 1);
    const [one = 0, two = 0] = OWN_CPUS;
    for (let round = 0; round < 50; round++) {
      const told = await Promise.all([one, two].map((cpu) => tell({ cpus: [cpu], numa: null })));
      const kept = told.map(({ said: [child, , grandchild] }) => [child, grandchild]);
      assert.deepEqual(kept, [one, two].map((cpu) => [`${cpu}`, `${cpu}`]));
      assert.deepEqual(ownThreads(), before);
    }
    const { said: [child, , grandchild] } = await tell(null);
    assert.deepEqual([child, grandchild], [...before, ...before]);
    assert.deepEqual(allowedCpus(), OWN_CPUS);
  },
);

testWith(
  [MEMORY_POLICY],
  "spawnDetached() has a child take the memory of a node first, and only the child",
  async () => {
    const [{ said: [, pinned] }, { said: [, free] }] = [
      await tell({ cpus: null, numa: 0 }),
      await tell(null),
    ];
    assert.equal(pinned, "prefer:0");
    assert.equal(free, "default");
    assert.match(Deno.readTextFileSync("/proc/self/numa_maps"), /^[0-9a-f]+ default/);
  },
);

Deno.test("spawnDetached() starts a program all the same on CPUs that are not there, and says that it is not pinned", async () => {
  const { said: [child], unpinned } = await tell({ cpus: [8000], numa: null });
  assert.equal(child, ownThreads()[0]);
  assert.match(unpinned ?? "", /not kept to its own CPUs or memory: .*sched_setaffinity: errno 22/);
});

Deno.test("spawnWithin() puts back what was before where the spawn throws", () => {
  const [first = 0] = OWN_CPUS;
  assert.throws(() => spawnWithin({ cpus: [first], numa: 0 }, () => assert.fail("no program")), /no program/);
  assert.deepEqual(allowedCpus(), OWN_CPUS);
});

/** Runs a program behind a filter that denies it sched_setaffinity and set_mempolicy, as containers have one. seccomp(2). */
const DENIED = `
import ctypes, os, struct, sys
denied = {"x86_64": (203, 238), "aarch64": (122, 237)}[os.uname().machine]
code = [(0x20, 0, 0, 0)] + [step for number in denied for step in ((0x15, 0, 1, number), (0x06, 0, 0, 0x00050001))]
program = b"".join(struct.pack("=HBBI", *step) for step in code + [(0x06, 0, 0, 0x7FFF0000)])
buffer = ctypes.create_string_buffer(program)
filter = struct.pack("@HP", len(program) // 8, ctypes.addressof(buffer))
libc = ctypes.CDLL(None)
assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, ctypes.c_char_p(filter), 0, 0) == 0
os.execv(sys.argv[1], sys.argv[1:])
`;

testWith(
  [PYTHON],
  "where a filter denies it, affinityPowers() says so and a child is started unpinned",
  async () => {
    const script = `
    import { affinityPowers, allowedCpus } from "./lib/process/affinity.ts";
    import { spawnDetached } from "./lib/process/spawn.ts";
    const spawned = spawnDetached({
      program: "/bin/true", args: [], cwd: "/", env: {}, affinity: { cpus: [${OWN_CPUS[0]}], numa: 0 },
    });
    console.log(JSON.stringify([affinityPowers(), spawned.unpinned, allowedCpus(), await spawned.child.exited]));
    Deno.exit(0);`;
    const { stdout, stderr } = await new Deno.Command("python3", {
      args: ["-c", DENIED, Deno.execPath(), "eval", "-q", "--no-check", script],
      cwd: fileURLToPath(new URL("../../", import.meta.url)),
    }).output();
    const text = new TextDecoder().decode(stdout);
    assert.notEqual(text, "", new TextDecoder().decode(stderr));
    const [powers, unpinned, cpus, exit] = JSON.parse(text);
    assert.deepEqual(powers, { cpus: false, numa: false });
    assert.match(unpinned, /sched_setaffinity: errno 1; set_mempolicy: errno 1/);
    assert.deepEqual([cpus, exit.code], [OWN_CPUS, 0]);
  },
);
