/** Names that people and other tools have for engines, none of them one of ours: what to write instead. */
import { addressMeant, engineMeant, serverMeant } from "./messages.ts";

/** How a server is started that llem measures through the protocol of OpenAI. */
interface Served {
  readonly kind: string;
  readonly argv: string;
}

const SGLANG: Served = {
  kind: "sglang",
  argv: 'python3, -m, sglang.launch_server, --model-path, "{model}", --port, "{port}"',
};
const VLLM: Served = { kind: "vllm", argv: 'vllm, serve, "{model}", --port, "{port}"' };
const TGI: Served = {
  kind: "tgi",
  argv: 'text-generation-launcher, --model-id, "{model}", --port, "{port}"',
};
const LMDEPLOY: Served = {
  kind: "lmdeploy",
  argv: 'lmdeploy, serve, api_server, "{model}", --server-port, "{port}"',
};
const LLAMA_SERVER: Served = { kind: "llama-server", argv: 'llama-server, -m, "{model}", --port, "{port}"' };
const TRTLLM: Served = { kind: "trtllm", argv: 'trtllm-serve, "{model}", --port, "{port}"' };

const SERVERS: readonly (readonly [served: Served, names: readonly string[]])[] = [
  [SGLANG, ["sglang", "sgl", "sg-lang"]],
  [VLLM, ["vllm-server", "vllm_server", "vllm-openai", "vllm-serve"]],
  [TGI, ["tgi", "text-generation-inference"]],
  [LMDEPLOY, ["lmdeploy", "turbomind"]],
  [LLAMA_SERVER, ["llama-server", "llama_server", "llamaserver"]],
  [TRTLLM, ["trtllm-serve", "triton"]],
];

const ENGINES: Readonly<Record<string, readonly string[]>> = {
  pytorch: ["transformers", "hf", "huggingface", "torch", "accelerate"],
  llamacpp: ["llama.cpp", "llama-cpp", "llama_cpp", "llama-cpp-python", "gguf", "ggml"],
  tensorrt: ["trt", "trt-llm", "trt_llm", "trtllm", "tensorrt-llm", "tensorrt_llm", "tensorrtllm"],
};

/** Servers that mostly run already, by the address that they have where nobody gave them another. */
const ADDRESSES: Readonly<Record<string, readonly string[]>> = {
  "http://127.0.0.1:11434/v1": ["ollama"],
  "http://127.0.0.1:8000/v1": ["nim", "server", "http", "openai-compatible", "litellm"],
};

/** By the name that was written: what to write for it. */
export const BACKENDS_OF_OTHERS: Readonly<Record<string, string>> = Object.fromEntries([
  ...SERVERS.flatMap(([served, names]) => names.map((name) => [name, serverMeant(served)])),
  ...Object.entries(ADDRESSES).flatMap(([address, names]) =>
    names.map((name) => [name, addressMeant(address)])
  ),
  ...Object.entries(ENGINES).flatMap(([engine, names]) => names.map((name) => [name, engineMeant(engine)])),
]);
