import { z } from "zod";
import type { EngineDeclaration } from "../engine_declaration.ts";
import { count, open } from "../fields.ts";

/** A server that speaks the OpenAI protocol. */
export const openaiSchema = z.strictObject({
  base_url: z.string().min(1).describe("where the server answers, such as http://127.0.0.1:8000/v1"),
  api_key_env: open(z.string().min(1)).describe("name of the environment variable that holds the key"),
  concurrency: count().default(1).describe("requests under way at once"),
});

/** Any server that speaks the OpenAI protocol. */
export const openai = {
  section: open(openaiSchema).describe("backend openai: a server that speaks the OpenAI protocol"),
  needs_section: {
    what: "a server to ask",
    hint: "add openai: { base_url: http://127.0.0.1:8000/v1 }",
  },
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
