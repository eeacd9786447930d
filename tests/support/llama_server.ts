/** The real server that scripts/setup-servers gets for tests. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { isFile } from "../../lib/base/files.ts";
import { type Need, testWith } from "./needs.ts";

const FOLDER = fileURLToPath(new URL("../../.tools/llama-server/", import.meta.url));
const ANNOUNCED = "llama-server (scripts/setup-servers)";

export const LLAMA_SERVER = `${FOLDER}llama-server`;
/** A generated model of llama's architecture: what it says is nonsense. */
export const TINY_RANDOM = fileURLToPath(new URL("../../build/llamacpp/tiny-random.gguf", import.meta.url));

/** A real model, small: what it says is language. */
export const SMOLLM2 = fileURLToPath(
  new URL("../../models/SmolLM2-135M-Instruct.Q4_1.gguf", import.meta.url),
);
export const HAS_SMOLLM2: Need = {
  what: "SmolLM2 (scripts/fetch-model smollm2)",
  isMet: () => isFile(SMOLLM2),
};

/**
 * Like Deno.test, for a test with llama-server. Where the machine cannot run it the test is ignored, and where nobody got it;
 * where scripts/test was to get it and it is not there, the test fails.
 */
export function testWithLlamaServer(
  name: string,
  body: () => void | Promise<void>,
  needs: readonly Need[] = [],
): void {
  const lack = isFile(`${FOLDER}needs`) ? Deno.readTextFileSync(`${FOLDER}needs`).trim() : null;
  const isPromised = Deno.env.get("LLEM_TEST_DOWNLOADED") !== undefined;
  const need: Need = {
    what: lack === null ? ANNOUNCED : `${lack}, for llama-server`,
    isMet: () => lack === null && (isPromised || isFile(LLAMA_SERVER)),
  };
  testWith([need, ...needs], name, () => {
    assert.ok(isFile(LLAMA_SERVER), `${LLAMA_SERVER} is missing: see what scripts/setup-servers says`);
    return body();
  });
}
