import assert from "node:assert/strict";
import { parseGpuMemory } from "../../lib/host/gpu_memory.ts";

Deno.test("parseGpuMemory() reads what nvidia-smi prints for every GPU", () => {
  const text = "GPU-5a0c2b1e-0000-1111-2222-333344445555, 1204\nGPU-ffff, 0\nGPU-eeee, [N/A]\n\n";
  assert.deepEqual([...parseGpuMemory(text)], [["GPU-5a0c2b1e-0000-1111-2222-333344445555", 1204], [
    "GPU-ffff",
    0,
  ]]);
  assert.equal(parseGpuMemory("No devices were found\n").size, 0);
});
