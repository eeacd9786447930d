import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { planOf, tell } from "./_tell.ts";

const CODE_OF_OTHERS: readonly (readonly [text: string, at: string, field: string])[] = [
  [
    "backend: pytorch\npytorch: { passthrough_kwargs: { trust_remote_code: true } }",
    "pytorch.passthrough_kwargs",
    "pytorch.trust_remote_code",
  ],
  [
    "backend: pytorch\npytorch: { config: [{ a: { trust_remote_code: false } }] }",
    "pytorch.config.0.a",
    "pytorch.trust_remote_code",
  ],
  [
    "backend: vllm\nvllm: { engine: { trust_remote_code: true, hf: { trust_remote_code: true } } }",
    "vllm.engine.hf",
    "vllm.engine.trust_remote_code",
  ],
  [
    "backend: vllm\nvllm: { engine: { compilation_config: { trust_remote_code: true } } }",
    "vllm.engine.compilation_config",
    "vllm.engine.trust_remote_code",
  ],
  [
    "backend: tensorrt\ntensorrt: { build: { trust_remote_code: true } }",
    "tensorrt.build",
    "tensorrt.trust_remote_code",
  ],
  [
    "backend: vllm\npassthrough_kwargs: { a: { trust_remote_code: true } }",
    "passthrough_kwargs.a",
    "pytorch.",
  ],
  ["backend: vllm\npassthrough_kwargs: { trust_remote_code: true }", "passthrough_kwargs", "pytorch."],
];

Deno.test("readStudy() refuses code of others by any way but the declared field", () => {
  for (const [text, at, field] of CODE_OF_OTHERS) {
    const { errors, plan } = tell(`model: m\n${text}\n`);
    const problem = `${at}: contains trust_remote_code, which has its own field (use ${field}`;
    deepStrictEqual([plan, errors.length], [null, 1], errors.join("\n"));
    ok(errors[0]?.includes(problem), errors[0]);
  }
  const swept = "sweep: { pytorch.config: [{ trust_remote_code: true }, { a: 1 }] }";
  strictEqual(planOf(`model: m\nbackend: pytorch\n${swept}\n`).skipped.length, 1);
  for (
    const given of [
      "pytorch: { trust_remote_code: true }",
      "pytorch: { config: { trust_remote_code: null } }",
    ]
  ) {
    ok(planOf(`model: m\nbackend: pytorch\n${given}\n`).runs.length > 0);
  }
});
