import { z } from "zod";
import type { EngineDeclaration } from "../engine_declaration.ts";
import { count, open } from "../fields.ts";
import { serverNeeded } from "./messages.ts";

/** A server that speaks the OpenAI protocol. */
export const openaiSchema = z.strictObject({
  base_url: z.string().min(1).describe("address of the server, such as http://127.0.0.1:8000/v1"),
  api_key_env: open(z.string().min(1)).describe("name of the environment variable with the API key"),
  concurrency: count().default(1).describe("number of concurrent requests"),
});

/** Any server that speaks the OpenAI protocol. */
export const openai = {
  section: open(openaiSchema).describe("backend openai: a server with an OpenAI-compatible API"),
  needs_section: serverNeeded(),
  fields: {},
  rules: [],
  upstream: null,
  former_names: {},
  precision: "of_model",
  models: "elsewhere",
  path_fields: {},
  model_names: [],
  revision: null,
  variable_fields: null,
  secret_fields: { arguments: null, address: "openai.base_url" },
  remote_code: null,
  concurrency: null,
  workload_known: true,
  variables: [],
} satisfies EngineDeclaration;
