import { z } from "zod";
import { count, open } from "./_fields.ts";

/** A server that speaks the OpenAI protocol. */
export const openaiSchema = z.strictObject({
  base_url: z.string().min(1).describe("where the server answers, such as http://127.0.0.1:8000/v1"),
  api_key_env: open(z.string().min(1)).describe("name of the environment variable that holds the key"),
  concurrency: count().default(1).describe("requests under way at once"),
});
