import type { ExperimentConfig } from "../../experiment/config.ts";
import { type ServerKind, serverKindOf } from "../../experiment/engines/openai/server.ts";
import type { GpuHost, GpuUse } from "../engine.ts";
import { serverKindFacts } from "./server_kinds.ts";

/**
 * Options of servers whose product is the number of their GPUs, each with its spellings. A server without them takes one GPU.
 * Sources: the argument parsers of the servers (vLLM's serve, sglang.launch_server, trtllm-serve, lmdeploy serve api_server).
 */
const SIZES: Readonly<Partial<Record<ServerKind, readonly (readonly string[])[]>>> = {
  "vllm": [
    ["--tensor-parallel-size", "-tp"],
    ["--pipeline-parallel-size", "-pp"],
    ["--data-parallel-size", "-dp"],
  ],
  "sglang": [
    ["--tensor-parallel-size", "--tp-size", "--tp"],
    ["--pipeline-parallel-size", "--pp-size", "--pp"],
    ["--data-parallel-size", "--dp-size", "--dp"],
  ],
  "trtllm": [["--tp_size", "--tensor_parallel_size"], ["--pp_size", "--pipeline_parallel_size"], [
    "--cp_size",
  ]],
  "lmdeploy": [["--tp"], ["--dp"]],
};

/** With it the copies of SGLang share the GPUs of one. */
const SHARED_COPIES = "--enable-dp-attention";

/**
 * The GPUs of a run against a server: as many as its options say where llem starts it, and where they say so. TGI takes all that
 * are visible unless it is told, and so do others; what a server that runs already holds is its own affair.
 */
export function openaiGpus({ openai: section }: ExperimentConfig, { has_gpu }: GpuHost): GpuUse {
  const server = section?.server ?? null;
  // Its memory is waited for, and nobody else gets its boards.
  if (server === null || !has_gpu || !serverKindFacts(server.kind).holds_gpu) return { kind: "unknown" };
  return { kind: "some", count: countOf(serverKindOf(server.kind), server.argv) };
}

/** Null where nothing tells: an option in a file of its own, for example. */
function countOf(kind: ServerKind, argv: readonly string[]): number | null {
  const shards = optionOf(argv, ["--num-shard"]);
  if (kind === "tgi") return optionOf(argv, ["--sharded"]) === "false" ? 1 : wholeNumber(shards);
  const sizes = SIZES[kind];
  if (sizes === undefined || optionOf(argv, ["--config", "--extra_llm_api_options"]) !== null) return null;
  const shared = kind === "sglang" && argv.includes(SHARED_COPIES);
  const counts = sizes.filter((spellings) => !shared || !spellings.includes("--dp"))
    .map((spellings) => {
      const text = optionOf(argv, spellings);
      return text === null ? 1 : wholeNumber(text);
    });
  return counts.reduce((product, count) => product === null || count === null ? null : product * count, 1);
}

/** The value of an option, the last where it is given several times: `--tp 2` or `--tp=2`. */
function optionOf(argv: readonly string[], spellings: readonly string[]): string | null {
  let found: string | null = null;
  for (const [at, word] of argv.entries()) {
    const [name = "", ...rest] = word.split("=");
    if (spellings.includes(name)) found = rest.length > 0 ? rest.join("=") : argv[at + 1] ?? null;
  }
  return found;
}

function wholeNumber(text: string | null): number | null {
  return text !== null && /^[1-9]\d{0,3}$/.test(text) ? Number(text) : null;
}
