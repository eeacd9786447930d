/** What only a GPU can prove: the list, the page that tells of it, and what is said where there is nothing to run. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { brokenRules } from "../../lib/experiment/rules.ts";
import { resolveConfig } from "../../lib/experiment/resolve_config.ts";
import { COMMON, GPU_CHECKS } from "../../scripts/gpu_check/checks.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

Deno.test("every check of what only a GPU can prove is a configuration, and stands in docs/proven with its claim", () => {
  const page = Deno.readTextFileSync(`${ROOT}docs/proven/gpus.md`).split(/\s+/).join(" ");
  for (const { name, claim, draft } of GPU_CHECKS) {
    const config = { model: "m", ...COMMON, ...draft };
    assert.ok(resolveConfig(config) !== null, name);
    assert.deepEqual(brokenRules(config), [], name);
    assert.match(page, new RegExp(`- \`${name}\`, [^:]+: ${RegExp.escape(claim)}`), name);
  }
});

Deno.test("where an engine is not installed, its checks are not run and say so", () => {
  const { success, stdout } = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", "--no-check", `${ROOT}scripts/gpu_check/main.ts`],
    env: { LLEM_PYTHON: "/nonexistent/python3" },
  }).outputSync();
  assert.ok(success);
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  assert.deepEqual(lines, GPU_CHECKS.map(({ name, module }) => `${name}: not run: no ${module} here`));
});

Deno.test("a check finds its claim in a record, and not where the record lacks it", () => {
  const clock = { engine_clock: { ttft_difference_ms: { median: 1.2, max: 9 } } };
  const cache = { prefix_cache: { cached_tokens: 0, reused_blocks: 0 } };
  const settings = { engine_processes: false, speculative: "NGram" };
  const record = { measurement: { metrics: { ...clock, ...cache }, settings } };
  const verdict = (name: string): string | null | undefined =>
    GPU_CHECKS.find((check) => check.name === name)?.fault(record);
  for (
    const name of [
      "vllm-run",
      "vllm-clock",
      "vllm-prefix",
      "tensorrt-run",
      "tensorrt-clock",
      "tensorrt-prefix",
    ]
  ) {
    assert.equal(verdict(name), null, name);
  }
  for (const name of ["tensorrt-reuse", "tensorrt-tensor-parallel", "vllm-graphs"]) {
    assert.equal(typeof verdict(name), "string", name);
  }
  for (const check of GPU_CHECKS) {
    if (check.name !== "tensorrt-beams") {
      assert.equal(typeof check.fault({}), "string", check.name);
    }
  }
});
