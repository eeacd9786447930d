import assert from "node:assert/strict";
import {
  type DeviceLockAttempt,
  deviceLockPath,
  lockFolder,
  quarantine,
  type QuarantinedProcess,
  tryDeviceLock,
} from "../../lib/storage/device_lock.ts";
import { tryLock } from "../../lib/storage/lock.ts";
import { ROOT_USER, testWith } from "../support/needs.ts";
import { TempFolder } from "../support/temp_folder.ts";

{
  // Loads libc before any test: a library that a test loads counts as a leak.
  using folder = new TempFolder();
  const attempt = tryLock(folder.at("lock"), "");
  if (attempt.kind === "held") attempt.lock[Symbol.dispose]();
}

const PROCESS: QuarantinedProcess = {
  pid: 77,
  start_ticks: 5,
  boot_id: "boot",
  study_dir: "/studies/s",
  run_id: "0001_x",
};

function attempt(folder: TempFolder, device: string, lives: boolean | null = null): DeviceLockAttempt {
  return tryDeviceLock({
    folder: folder.path,
    device,
    owner: "me",
    stillLives: () => {
      assert.ok(lives !== null, "there is no quarantine to ask about");
      return lives;
    },
  });
}

function free(taken: DeviceLockAttempt): void {
  assert.ok(taken.kind === "held", taken.kind);
  taken.lock[Symbol.dispose]();
}

Deno.test("lockFolder() is what LLEM_LOCK_DIR names, else one that everybody may write", () => {
  assert.equal(lockFolder({ LLEM_LOCK_DIR: "/some/where" }), "/some/where");
  for (const env of [{}, { LLEM_LOCK_DIR: "" }]) {
    const folder = lockFolder(env);
    assert.ok(["/run/lock", "/tmp"].includes(folder));
    assert.ok(((Deno.statSync(folder).mode ?? 0) & 0o002) !== 0);
  }
});

Deno.test("deviceLockPath() keeps any name within its folder", () => {
  for (const device of ["0", "GPU-1234", "../../etc/passwd", "a/b", "", "..", "x".repeat(500)]) {
    const path = deviceLockPath("/lock", device);
    assert.match(path, /^\/lock\/llem-device-[A-Za-z0-9._+=-]+\.lock$/);
    assert.ok(path.length < 100);
  }
  assert.equal(deviceLockPath("/lock", "GPU-1234"), "/lock/llem-device-GPU-1234.lock");
});

Deno.test("tryDeviceLock() gives a device to one, and makes a file that every user may lock", () => {
  using folder = new TempFolder();
  const old = Deno.umask(0o077);
  const first = attempt(folder, "0");
  Deno.umask(old);
  assert.ok(first.kind === "held");
  assert.deepEqual(attempt(folder, "0"), { kind: "busy", owner: "me" });
  first.lock.describe("me and my study");
  assert.deepEqual(attempt(folder, "0"), { kind: "busy", owner: "me and my study" });
  free(attempt(folder, "1"));
  const mode = Deno.statSync(deviceLockPath(folder.path, "0")).mode ?? 0;
  assert.equal(mode & 0o777, 0o666);
  first.lock[Symbol.dispose]();
  free(attempt(folder, "0"));
});

Deno.test("tryDeviceLock() follows no link and writes through none", () => {
  using folder = new TempFolder();
  const victim = folder.write("victim", "precious\n");
  Deno.symlinkSync(victim, deviceLockPath(folder.path, "0"));
  assert.deepEqual(attempt(folder, "0"), { kind: "refused", errno: 40 });
  assert.equal(folder.read("victim"), "precious\n");
  // A link to nothing is not followed to make something either.
  Deno.symlinkSync(folder.at("made"), deviceLockPath(folder.path, "1"));
  assert.deepEqual(attempt(folder, "1"), { kind: "refused", errno: 40 });
  assert.equal(folder.isFile("made"), false);
});

Deno.test("tryDeviceLock() refuses a device in quarantine while that process lives, and lifts it afterwards", () => {
  using folder = new TempFolder();
  quarantine(folder.path, "0", PROCESS);
  assert.deepEqual(attempt(folder, "0", true), { kind: "quarantined", by: PROCESS });
  // The look at it has left the lock free.
  assert.deepEqual(attempt(folder, "0", true), { kind: "quarantined", by: PROCESS });
  free(attempt(folder, "1"));
  free(attempt(folder, "0", false));
  // It is gone for good: nobody is asked any more.
  free(attempt(folder, "0"));
  assert.deepEqual(folder.names(), ["llem-device-0.lock", "llem-device-1.lock"]);
});

Deno.test("quarantine() replaces an earlier one, and a link in its place", () => {
  using folder = new TempFolder();
  quarantine(folder.path, "0", PROCESS);
  quarantine(folder.path, "0", { ...PROCESS, pid: 78 });
  assert.deepEqual(attempt(folder, "0", true), { kind: "quarantined", by: { ...PROCESS, pid: 78 } });
  const victim = folder.write("victim", "precious\n");
  Deno.removeSync(folder.at("llem-device-0.quarantine"));
  Deno.symlinkSync(victim, folder.at("llem-device-0.quarantine"));
  // Nor is a link read.
  free(attempt(folder, "0"));
  quarantine(folder.path, "0", PROCESS);
  assert.equal(folder.read("victim"), "precious\n");
  assert.equal(attempt(folder, "0", true).kind, "quarantined");
});

Deno.test("tryDeviceLock() takes a quarantine that names no process for none", () => {
  using folder = new TempFolder();
  for (const text of ["", "{", "[]", "null", '{"pid":"77"}', '{"pid":77}', "x".repeat(100_000)]) {
    folder.write("llem-device-0.quarantine", text);
    free(attempt(folder, "0"));
  }
});

testWith(
  [ROOT_USER],
  "a device lock that one user made can be taken by any other, also in a sticky folder",
  async () => {
    using folder = new TempFolder();
    Deno.chmodSync(folder.path, 0o1777);
    free(attempt(folder, "0"));
    const path = deviceLockPath(folder.path, "0");
    Deno.chownSync(path, 12345, 12345);
    free(attempt(folder, "0"));
    const other = await new Deno.Command("setpriv", {
      args: [
        "--reuid",
        "23456",
        "--regid",
        "23456",
        "--clear-groups",
        "sh",
        "-c",
        'exec 9<>"$1" && flock -n 9',
        "x",
        path,
      ],
    }).output();
    assert.equal(other.code, 0, new TextDecoder().decode(other.stderr));
  },
);
