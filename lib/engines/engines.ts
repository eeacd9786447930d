/** The behaviour of every engine: one folder each, one line here. */
import type { Backend } from "../experiment/engines.ts";
import { command } from "./command/engine.ts";
import type { Engine } from "./engine.ts";
import { llamacpp } from "./llamacpp/engine.ts";
import { openai } from "./openai/engine.ts";
import { pytorch } from "./pytorch/engine.ts";
import { tensorrt } from "./tensorrt/engine.ts";
import { vllm } from "./vllm/engine.ts";

/** In the order in which doctor and messages list them. */
export const ENGINES: Readonly<Record<Backend, Engine>> = {
  llamacpp,
  pytorch,
  command,
  vllm,
  tensorrt,
  openai,
};
