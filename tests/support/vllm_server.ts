/** A real vLLM as a server. It takes a minute to load: only `scripts/test --slow` measures it. */
import { fileURLToPath } from "node:url";
import { isFile } from "../../lib/base/files.ts";
import { type Need, testWith } from "./needs.ts";
import { testVllmPython, VLLM_PYTHON } from "./vllm_worker.ts";

const PACKAGES = fileURLToPath(new URL("../../.tools/vllm-server", import.meta.url));
const SLOW: Need = {
  what: "scripts/test --slow",
  isMet: () => Deno.env.get("LLEM_TEST_SLOW") === "1",
};
const SERVER: Need = {
  what: "vLLM's server (scripts/setup-vllm-server)",
  isMet: () => isFile(`${PACKAGES}/.setup-vllm-server`),
};

/** A test that starts a real server of vLLM. */
export function testWithVllmServer(name: string, body: () => void | Promise<void>): void {
  testWith([SLOW, VLLM_PYTHON, SERVER], name, body);
}

/** Its command line for a tiny model on a CPU, as `openai.server.argv` has it; its own program asks for a package `vllm`. */
export function vllmServerArgv(...more: readonly string[]): string[] {
  const program = [testVllmPython(), "-m", "vllm.entrypoints.openai.api_server"];
  const places = ["--model", "{model}", "--port", "{port}"];
  const tiny = ["--dtype", "float32", "--enforce-eager", "--kv-cache-memory-bytes", "100000000"];
  return [...program, ...places, ...tiny, ...more];
}

/** What it needs beside the environment of a run. */
export const VLLM_SERVER_ENV: Readonly<Record<string, string>> = {
  PYTHONPATH: PACKAGES,
  // It resets its prefix cache only with this.
  VLLM_SERVER_DEV_MODE: "1",
  VLLM_CPU_OMP_THREADS_BIND: "nobind",
  VLLM_NO_USAGE_STATS: "1",
  OMP_NUM_THREADS: "1",
  HF_HUB_OFFLINE: "1",
};
