import assert from "node:assert/strict";
import { mountFacts, mountRefusal, probe } from "../../lib/cluster/probe.ts";
import { Claims } from "../../lib/cluster/claims.ts";
import { type SharedFiles, sharedFiles } from "../../lib/cluster/shared_files.ts";
import { C_COMPILER, testWith } from "../support/needs.ts";
import { sharedDiskShim } from "../support/shared_disk_shim.ts";
import { TempFolder } from "../support/temp_folder.ts";

const CASES: readonly (readonly [line: string, refused: "no" | "all" | "locks"])[] = [
  ["server:/home /d nfs4 rw,vers=4.2,local_lock=none 0 0", "no"],
  ["server:/home /d nfs rw,vers=3,nolock,local_lock=all 0 0", "locks"],
  ["server:/home /d nfs rw,vers=3,local_lock=flock 0 0", "locks"],
  ["server:/home /d nfs rw,vers=3,local_lock=posix 0 0", "no"],
  ["10.0.0.1@tcp:/fs /d lustre rw,flock,lazystatfs 0 0", "no"],
  ["10.0.0.1@tcp:/fs /d lustre rw,localflock 0 0", "locks"],
  ["beegfs_nodev /d beegfs rw,relatime 0 0", "locks"],
  ["gpfs /d gpfs rw 0 0", "no"],
  ["10.0.0.1:/ /d ceph rw 0 0", "no"],
  ["/dev/sda1 /d ext4 rw 0 0", "no"],
  ["s3fs /d fuse.s3fs rw 0 0", "all"],
  ["bucket /d fuse.gcsfuse rw 0 0", "all"],
  ["gcsfuse /d fuse rw 0 0", "all"],
  ["bucket /d fuse.goofys rw 0 0", "all"],
  ["blobfuse2 /d fuse.blobfuse2 rw 0 0", "all"],
  ["remote:bucket /d fuse.rclone rw 0 0", "all"],
  ["mountpoint-s3 /d fuse rw 0 0", "all"],
  ["me@host:/home /d fuse.sshfs rw 0 0", "all"],
  ["ceph-fuse /d fuse.ceph-fuse rw 0 0", "no"],
  ["srv /d fuse.glusterfs rw 0 0", "no"],
];

for (const [line, refused] of CASES) {
  Deno.test(`mountRefusal() of ${line}: ${refused}`, () => {
    const mount = mountFacts(`/dev/sda1 / ext4 rw 0 0\n${line}\n`, "/d/results");
    assert.ok(mount !== null);
    const found = mountRefusal("/d/results", mount);
    assert.equal(found === null ? "no" : found.locks ? "locks" : "all", refused);
    if (found !== null) assert.match(found.refusal, /--shard/);
  });
}

Deno.test("mountFacts() takes the deepest mount, of equal ones the last, and reads blanks", () => {
  const mounts = "a / ext4 rw 0 0\nb /d\\040e nfs rw 0 0\nc /d\\040e fuse.s3fs rw 0 0\n";
  assert.equal(mountFacts(mounts, "/d e/f")?.type, "fuse.s3fs");
  assert.equal(mountFacts(mounts, "/d ef")?.type, "ext4");
});

Deno.test("probe() tries what agents rely on, and leaves nothing", () => {
  using folder = new TempFolder();
  const found = probe(folder.path, "one", { withoutLocks: false });
  assert.ok("method" in found);
  assert.equal(found.method, "link");
  assert.deepEqual([...Deno.readDirSync(folder.path)], []);
  const local = { withoutLocks: false, mounts: "x / lustre rw,localflock 0 0" };
  assert.ok("refusal" in probe(folder.path, "one", local));
  assert.ok("method" in probe(folder.path, "one", { ...local, withoutLocks: true }));
  const store = { withoutLocks: true, mounts: "x / fuse.s3fs rw 0 0" };
  assert.ok("refusal" in probe(folder.path, "one", store));
});

for (const method of ["link", "exclusive"] as const) {
  Deno.test(`sharedFiles().create() by ${method} makes a file once and whole, and leaves no other name`, () => {
    using folder = new TempFolder();
    Deno.mkdirSync(folder.at("claims"));
    const [one, other] = ["one", "other"].map((owner) => sharedFiles(folder.path, owner, method));
    assert.equal(one?.create("claims/c1.g1", "first", 0o600), true);
    assert.equal(other?.create("claims/c1.g1", "second"), false);
    assert.equal(other?.read("claims/c1.g1"), "first");
    assert.equal(other?.read("claims/c1.g2"), null);
    assert.equal((Deno.statSync(folder.at("claims/c1.g1")).mode ?? 0) & 0o777, 0o600);
    assert.deepEqual([...Deno.readDirSync(folder.at("claims"))].map(({ name }) => name), ["c1.g1"]);
  });
}

Deno.test("sharedFiles().create() writes over nothing where a name of its own could not be removed", () => {
  using folder = new TempFolder();
  Deno.mkdirSync(folder.at("claims"));
  const remove = Deno.removeSync;
  const files = sharedFiles(folder.path, "one", "link");
  try {
    // Stands in for a server that is away when the name is to be removed.
    Deno.removeSync = () => {
      throw new Error("Input/output error (os error 5)");
    };
    assert.equal(files.create("claims/c1.g1", "first"), true);
  } finally {
    Deno.removeSync = remove;
  }
  assert.equal(files.create("claims/c2.g1", "second"), true);
  assert.equal(files.read("claims/c1.g1"), "first");
});

testWith(
  [C_COMPILER],
  "sharedFiles().create() knows its own file by its second name where the answer got lost",
  async () => {
    using folder = new TempFolder();
    const root = Deno.realPathSync(folder.path);
    const module = import.meta.resolve("../../lib/cluster/shared_files.ts");
    const script = `
    import { sharedFiles } from "${module}";
    const [one, other] = ["one", "other"].map((owner) => sharedFiles("${root}", owner, "link"));
    console.log(JSON.stringify([one.create("c1.g1", "first"), other.create("c1.g1", "second")]));
    Deno.exit(0);`;
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "-q", "--no-check", script],
      env: sharedDiskShim({ root, lose: 100, lateMs: 0 }),
    }).output();
    assert.equal(new TextDecoder().decode(stdout), "[true,false]\n", new TextDecoder().decode(stderr));
  },
);

Deno.test("Claims.take() knows its own claim by its nonce where the answer got lost", () => {
  const files = new Map<string, string>();
  const deaf: SharedFiles = {
    create: (name, text) => {
      if (!files.has(name)) files.set(name, text);
      return false;
    },
    read: (name) => files.get(name) ?? null,
  };
  assert.equal(new Claims(deaf, "one").take("c1", null)?.generation, 1);
  assert.equal(new Claims(deaf, "other").take("c1", null), null);
  // Nor by the agent's name: what it had taken before is another claim.
  assert.equal(new Claims(deaf, "one").take("c1", null), null);
});
