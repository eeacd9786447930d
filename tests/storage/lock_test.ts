import assert from "node:assert/strict";
import { lookAtLock, readOwner, tryLock, tryLockFolder, trySharedLock } from "../../lib/storage/lock.ts";
import { Program, until } from "../support/program.ts";
import { TempFolder } from "../support/temp_folder.ts";

{
  // Loads libc before any test: a library that a test loads counts as a leak.
  using folder = new TempFolder();
  const attempt = tryLock(folder.at("lock"), "");
  if (attempt.kind === "held") attempt.lock[Symbol.dispose]();
}

/** Takes a lock, says how that went, and holds it until its stdin ends. */
const HOLDER = `
  import { tryLock } from "/lib/storage/lock.ts";
  const attempt = tryLock(Deno.args[0], Deno.args[1]);
  console.log(attempt.kind, attempt.owner ?? "");
  await Deno.stdin.read(new Uint8Array(1));
`;

function kindOf(path: string): string {
  const attempt = tryLock(path, "test");
  if (attempt.kind === "held") attempt.lock[Symbol.dispose]();
  return attempt.kind;
}

Deno.test("tryLock() gives the lock to one, tells the owner to others, and frees it when disposed", () => {
  using folder = new TempFolder();
  const path = folder.at("lock");
  const first = tryLock(path, '{"pid":1}');
  assert.ok(first.kind === "held");
  assert.deepEqual(tryLock(path, "second"), { kind: "busy", owner: '{"pid":1}' });
  assert.equal(readOwner(path), '{"pid":1}');
  first.lock[Symbol.dispose]();
  const third = tryLock(path, "x");
  assert.ok(third.kind === "held");
  // The shorter text of a later owner leaves nothing of the earlier one.
  assert.equal(folder.read("lock"), "x\n");
  third.lock[Symbol.dispose]();
});

Deno.test("tryLock() refuses a second process and tells it the owner", async () => {
  using folder = new TempFolder();
  const path = folder.at("lock");
  const held = tryLock(path, "the test");
  assert.ok(held.kind === "held");
  await using other = new Program(HOLDER, { args: [path, "other"] });
  assert.equal(await other.line(), "busy the test");
  assert.equal(readOwner(path), "the test");
  held.lock[Symbol.dispose]();
});

Deno.test("tryLock() takes over at once what a killed process held", async () => {
  using folder = new TempFolder();
  const path = folder.at("lock");
  await using other = new Program(HOLDER, { args: [path, "other"] });
  assert.equal(await other.line(), "held ");
  assert.deepEqual(tryLock(path, "test"), { kind: "busy", owner: "other" });
  other.kill();
  await other.status;
  assert.equal(kindOf(path), "held");
});

Deno.test("tryLock() does not pass the lock on to processes that its holder starts", async () => {
  using folder = new TempFolder();
  const path = folder.at("lock");
  const held = tryLock(path, "test");
  assert.ok(held.kind === "held");
  const child = new Deno.Command("sleep", { args: ["1000"], stdin: "null", stdout: "null" }).spawn();
  held.lock[Symbol.dispose]();
  // Between its fork and its exec the child holds everything.
  await until("the lock is free", () => kindOf(path) === "held");
  child.kill("SIGKILL");
  await child.status;
});

Deno.test("tryLock() tells the errno where there can be no lock file", () => {
  using folder = new TempFolder();
  assert.deepEqual(tryLock(folder.at("missing", "lock"), "test"), { kind: "refused", errno: 2 });
  Deno.mkdirSync(folder.at("folder"));
  assert.deepEqual(tryLock(folder.at("folder"), "test"), { kind: "refused", errno: 21 });
});

Deno.test("tryLock() holds the lock also where the owner's text cannot be written", () => {
  using folder = new TempFolder();
  Deno.symlinkSync("/dev/full", folder.at("lock"));
  const attempt = tryLock(folder.at("lock"), "test");
  assert.ok(attempt.kind === "held");
  attempt.lock[Symbol.dispose]();
});

Deno.test("readOwner() is empty where there is nothing to read, and says nothing about the lock", () => {
  using folder = new TempFolder();
  assert.equal(readOwner(folder.at("missing")), "");
  folder.write("stale", "pid 1\n");
  assert.equal(readOwner(folder.at("stale")), "pid 1");
  assert.equal(kindOf(folder.at("stale")), "held");
});

Deno.test("tryLockFolder() locks a folder itself and leaves nothing in it", () => {
  using folder = new TempFolder();
  const first = tryLockFolder(folder.path);
  assert.ok(first.kind === "held");
  assert.deepEqual(tryLockFolder(folder.path), { kind: "busy", owner: "" });
  first.lock[Symbol.dispose]();
  const second = tryLockFolder(folder.path);
  assert.ok(second.kind === "held");
  second.lock[Symbol.dispose]();
  assert.deepEqual(folder.names(), []);
  assert.deepEqual(tryLockFolder(folder.at("missing")), { kind: "refused", errno: 2 });
  folder.write("file", "");
  assert.deepEqual(tryLockFolder(folder.at("file")), { kind: "refused", errno: 20 });
});

Deno.test("HeldLock.describe() tells another owner; a look without a text leaves the owner's", () => {
  using folder = new TempFolder();
  const path = folder.at("lock");
  const held = tryLock(path, "first");
  assert.ok(held.kind === "held");
  held.lock.describe("a longer text than before");
  assert.equal(readOwner(path), "a longer text than before");
  held.lock.describe("short");
  assert.equal(folder.read("lock"), "short\n");
  held.lock[Symbol.dispose]();
  const look = tryLock(path, "");
  assert.ok(look.kind === "held");
  look.lock[Symbol.dispose]();
  assert.equal(readOwner(path), "short");
});

/** Looks at two locks without a pause until its stdin ends. */
const LOOKER = `
  import { lookAtLock } from "/lib/storage/lock.ts";
  console.log(Deno.args.map((path) => lookAtLock(path).kind).join(" "));
  let over = false;
  Deno.stdin.read(new Uint8Array(1)).then(() => over = true);
  while (!over) {
    for (let look = 0; look < 1000; look++) for (const path of Deno.args) lookAtLock(path);
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
`;

Deno.test("lookAtLock() tells a lock that is held from one that is not, and makes and changes nothing", () => {
  using folder = new TempFolder();
  const path = folder.at("lock");
  assert.deepEqual(lookAtLock(path), { kind: "free" });
  assert.deepEqual(folder.names(), []);
  const held = tryLock(path, "owner");
  assert.ok(held.kind === "held");
  assert.deepEqual(lookAtLock(path), { kind: "held" });
  assert.deepEqual(lookAtLock(path), { kind: "held" });
  held.lock[Symbol.dispose]();
  assert.deepEqual(lookAtLock(path), { kind: "free" });
  assert.equal(readOwner(path), "owner");
  assert.deepEqual(lookAtLock(folder.at("lock", "below")), { kind: "hidden", errno: 20 });
});

Deno.test("fault 51: beside two that look at locks without a pause, none of 300 takers finds them taken", async () => {
  using folder = new TempFolder();
  const [study, device] = [folder.at("lock"), folder.at("device")];
  for (const path of [study, device]) assert.equal(kindOf(path), "held");
  await using one = new Program(LOOKER, { args: [study, device] });
  await using other = new Program(LOOKER, { args: [study, device] });
  for (const looker of [one, other]) assert.equal(await looker.line(), "free free");
  const kinds = Array.from({ length: 150 }, () => {
    const attempts = [tryLock(study, "test"), trySharedLock(device, "test")];
    for (const attempt of attempts) if (attempt.kind === "held") attempt.lock[Symbol.dispose]();
    return attempts.map(({ kind }) => kind);
  }).flat();
  assert.deepEqual(kinds.filter((kind) => kind !== "held"), []);
});

Deno.test("tryLock() waits a moment for one who lets go at once, and no longer for one who has it", async () => {
  using folder = new TempFolder();
  const path = folder.at("lock");
  await using holder = new Program(HOLDER, { args: [path, "other"] });
  assert.equal(await holder.line(), "held ");
  const beganMs = performance.now();
  assert.equal(tryLock(path, "test").kind, "busy");
  assert.ok(performance.now() - beganMs >= 50);
  // Killed, it lets go while the taker waits.
  setTimeout(() => holder.kill(), 0);
  await new Promise((resolve) => setTimeout(resolve, 1));
  assert.equal(kindOf(path), "held");
});
