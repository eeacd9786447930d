import assert from "node:assert/strict";
import { umaskTrouble, usableByOwner } from "../../lib/storage/umask.ts";
import { TempFolder } from "../support/temp_folder.ts";

Deno.test("umaskTrouble() names a umask that takes rights from the owner, but not for who is kept out by no mode", () => {
  for (const umask of [0o777, 0o277, 0o333, 0o477, 0o177]) {
    assert.match(
      umaskTrouble(umask, true) ?? "",
      new RegExp(`^the umask ${umask.toString(8)} removes your own rights`),
    );
    assert.equal(umaskTrouble(umask, false), null);
  }
  for (const umask of [0, 0o022, 0o077]) assert.equal(umaskTrouble(umask, true), null);
});

Deno.test("usableByOwner() leaves the owner the rights to what is made, and gives the umask back", () => {
  using folder = new TempFolder();
  const before = Deno.umask(0o727);
  try {
    {
      using _ = usableByOwner();
      Deno.mkdirSync(folder.at("made"));
    }
    assert.equal(Deno.umask(), 0o727);
  } finally {
    Deno.umask(before);
  }
  assert.equal((Deno.statSync(folder.at("made")).mode ?? 0) & 0o777, 0o750);
});
