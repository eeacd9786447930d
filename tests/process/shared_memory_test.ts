import assert from "node:assert/strict";
import { join } from "node:path";
import { exists } from "../../lib/base/files.ts";
import { removeSharedMemory } from "../../lib/process/shared_memory.ts";

const FOLDER = "/dev/shm";

Deno.test("removeSharedMemory takes names for a process's own by a UUID alone", () => {
  const tag = crypto.randomUUID();
  const [own, other] = [join(FOLDER, `psm_${tag}_0`), join(FOLDER, `psm_${crypto.randomUUID()}`)];
  for (const path of [own, other]) Deno.writeTextFileSync(path, "");
  try {
    // Only parts of this very UUID: an empty text would cost everybody's files, were it taken.
    for (const text of [tag.slice(0, 8), tag.slice(1), `_${tag}`]) {
      assert.deepEqual(removeSharedMemory({ tag: text, mapped: [], since_ms: 0 }), [], text);
    }
    // What was there before, and what somebody asks for whose time is not known.
    for (const since_ms of [Date.now() + 1000, NaN]) {
      assert.deepEqual(removeSharedMemory({ tag: crypto.randomUUID(), mapped: [own, other], since_ms }), []);
    }
    assert.deepEqual(removeSharedMemory({ tag, mapped: [], since_ms: 0 }), [own]);
    assert.ok(exists(other));
  } finally {
    for (const path of [own, other].filter(exists)) Deno.removeSync(path);
  }
});
