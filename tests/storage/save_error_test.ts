import assert from "node:assert/strict";
import { SaveError } from "../../lib/storage/save_error.ts";

Deno.test("SaveError says what could not be saved, why, and what to do", () => {
  const coded = (code: string): Error => Object.assign(new Error("said the system"), { code });
  const cases: readonly (readonly [cause: unknown, reason: RegExp])[] = [
    [coded("ENOSPC"), /no space left on the device\. Free some, then resume or start again\.$/],
    [new Error("No space left on device (os error 28)"), /no space left on the device/],
    [coded("EDQUOT"), /quota exceeded/],
    [new Error("Disk quota exceeded (os error 122)"), /quota exceeded/],
    [coded("EROFS"), /read-only\. Make it writable, or choose another folder with -o\.$/],
    [new Error("Read-only file system (os error 30)"), /read-only/],
    [
      new Deno.errors.PermissionDenied("denied"),
      /permission denied\. Choose a folder that you can write to with -o\.$/,
    ],
    [new Deno.errors.NotADirectory("not one"), /is a file, not a folder/],
    [coded("EIO"), /the device failed \(input\/output error\)\. See .* with -o\.$/],
    [new Error("Input/output error (os error 5)"), /the device failed/],
    [new Error("Stale file handle (os error 55)"), /Stale file handle/],
  ];
  for (const [cause, reason] of cases) {
    const error = new SaveError("the result", "/tmp/x/result.json", cause);
    assert.match(error.message, /^Cannot save the result \/tmp\/x\/result\.json: /);
    assert.match(error.message, reason);
    assert.equal(error.cause, cause);
    assert.equal(error.path, "/tmp/x/result.json");
    assert.equal(error.name, "SaveError");
  }
});
