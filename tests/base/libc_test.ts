import assert from "node:assert/strict";
import { errno, ESRCH, libc } from "../../lib/base/libc.ts";
import { NO_SUCH_PID } from "../support/libc.ts";

const ENOENT = 2;
const EBADF = 9;
const MISSING = new TextEncoder().encode("/no/such/file\0");

Deno.test("errno() is that of the call just made, whatever the runtime does in between", () => {
  const calls: readonly (readonly [call: () => number, expected: number])[] = [
    [() => libc().kill(NO_SUCH_PID, 0), ESRCH],
    [() => libc().open(MISSING, 0, 0), ENOENT],
    [() => libc().close(-1), EBADF],
  ];
  const waste: unknown[] = [];
  for (let round = 0; round < 3000; round++) {
    for (const [call, expected] of calls) {
      assert.equal(call(), -1);
      // Garbage that is collected now and then, by calls of its own.
      waste.push(new Uint8Array(4096));
      assert.equal(errno(), expected, `round ${round}`);
    }
    if (waste.length > 300) waste.length = 0;
  }
});
