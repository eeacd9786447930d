import assert from "node:assert/strict";
import { lockRemedy, lockTrouble } from "../../lib/archive/lock_refusal.ts";
import type { LockPlace } from "../../lib/archive/messages.ts";

Deno.test("a lock that cannot be had is told in words, with a remedy that fits what is locked", () => {
  const cases: readonly (readonly [errno: number, place: LockPlace, trouble: RegExp, remedy: RegExp])[] = [
    [
      30,
      "resumed_study",
      /read-only \(EROFS\)/,
      /^Make it writable, or copy the study directory to another disk/,
    ],
    [30, "new_study", /EROFS/, /^Make it writable, or choose another folder with -o\.$/],
    [2, "devices", /does not exist \(ENOENT\)/, /^Create the folder, or set LLEM_LOCK_DIR to another one\.$/],
    [21, "resumed_study", /it is a folder, not a file \(EISDIR\)/, /^Remove it\.$/],
    [13, "resumed_study", /permission denied/, /^Resume as the user who started the study\.$/],
    [13, "devices", /permission denied/, /LLEM_LOCK_DIR/],
    [28, "devices", /no space left/, /^Free some space, or set LLEM_LOCK_DIR to another folder\.$/],
    [
      37,
      "resumed_study",
      /does not support flock \(ENOLCK\)/,
      /^Move the study directory .*--no-lock if .*\.$/,
    ],
    [37, "new_study", /ENOLCK/, /with -o .*--no-lock if .*\.$/],
    [99, "resumed_study", /^errno 99$/, /^Fix that, or copy/],
  ];
  for (const [errno, place, trouble, remedy] of cases) {
    assert.match(lockTrouble("/tmp", errno), trouble);
    assert.match(lockRemedy(errno, place), remedy);
    if (place === "resumed_study") assert.doesNotMatch(lockRemedy(errno, place), / -o\b/);
  }
});
