import assert from "node:assert/strict";
import { errno, ESRCH, libc } from "../../lib/base/libc.ts";
import { NO_SUCH_PID } from "../support/libc.ts";

const ENOENT = 2;
const EBADF = 9;
const MISSING = new TextEncoder().encode("/no/such/file\0");

Deno.test("errno() is that of the call just made, whatever the runtime did before it", () => {
  const calls: readonly (readonly [call: () => number, expected: number])[] = [
    [() => libc().kill(NO_SUCH_PID, 0), ESRCH],
    [() => libc().open(MISSING, 0, 0), ENOENT],
    [() => libc().close(-1), EBADF],
  ];
  const waste: unknown[] = [];
  for (let round = 0; round < 3000; round++) {
    for (const [call, expected] of calls) {
      // Garbage that is collected now and then, by calls of its own. Collected between the two, it would set errno.
      waste.push(new Uint8Array(4096));
      const result = call();
      const found = errno();
      assert.deepEqual([result, found], [-1, expected], `round ${round}`);
    }
    if (waste.length > 300) waste.length = 0;
  }
});
