import assert from "node:assert/strict";
import { type LockPlace, lockRemedy, lockTrouble } from "../../lib/archive/lock_refusal.ts";

Deno.test("a lock that cannot be had is told in words, with a remedy that fits what is locked", () => {
  const cases: readonly (readonly [errno: number, place: LockPlace, trouble: RegExp, remedy: RegExp])[] = [
    [
      30,
      "resumed_study",
      /read-only \(EROFS\)/,
      /^Make it writable, or copy the study directory to another disk/,
    ],
    [30, "new_study", /EROFS/, /^Make it writable, or choose another folder with -o\.$/],
    [2, "devices", /does not exist \(ENOENT\)/, /^Create the folder, or name another with LLEM_LOCK_DIR\.$/],
    [21, "resumed_study", /a folder is in its place \(EISDIR\)/, /^Remove what is in its place\.$/],
    [13, "resumed_study", /permission denied/, /^Start it as the user who began the study\.$/],
    [13, "devices", /permission denied/, /LLEM_LOCK_DIR/],
    [28, "devices", /no space left/, /^Free some, or name another folder with LLEM_LOCK_DIR\.$/],
    [37, "resumed_study", /has no flock \(ENOLCK\)/, /^Move the study directory .*--no-lock\.$/],
    [37, "new_study", /ENOLCK/, /with -o .*--no-lock\.$/],
    [99, "resumed_study", /^errno 99$/, /^Mend that, or copy/],
  ];
  for (const [errno, place, trouble, remedy] of cases) {
    assert.match(lockTrouble("/tmp", errno), trouble);
    assert.match(lockRemedy(errno, place), remedy);
    if (place === "resumed_study") assert.doesNotMatch(lockRemedy(errno, place), / -o\b/);
  }
});
