import { z } from "zod";
import { isJsonObject } from "../../base/json.ts";
import { note } from "../field_notes.ts";
import { open } from "../fields.ts";
import { isGiven } from "../rule_forms.ts";
import type { Rule } from "../rule.ts";
import { alreadySet, portNeeded, programOfServerNeeded } from "./messages.ts";

/** Servers whose paths, token ids, tokenizer, counters and cache reset llem knows; `other` is any with the protocol. */
export const SERVER_KINDS = [
  "vllm",
  "sglang",
  "trtllm",
  "llama-server",
  "tgi",
  "lmdeploy",
  "ollama",
  "nim",
  "other",
] as const;
export type ServerKind = typeof SERVER_KINDS[number];

/** A server that belongs to the experiment: llem starts and stops it. */
export const serverSchema = z.strictObject({
  kind: z.enum(SERVER_KINDS).default("other").describe(
    "what it is: its paths, prompts by token ids, cache reset",
  ),
  argv: z.array(z.string().min(1)).default([]).describe(
    "the program and its arguments; {port} and {model} stand for the free port and the model",
  ),
  image: open(z.string().min(1)).describe("container image to start it in; argv are its arguments then"),
  env: z.record(z.string(), z.string()).default({}).describe("environment variables to set for it"),
  env_from: z.array(z.string().min(1)).default([]).describe(
    "names of environment variables that it needs; their values are never written",
  ),
  lifetime: z.enum(["run", "group"]).default("run").describe(
    "run starts it for every run; group keeps it over runs in a row that need the same server",
  ),
  ready_path: note(
    open(z.string().regex(/^\/\S*$/)).describe(
      "path that answers 200 once it is ready; null is that of its kind",
    ),
    { outsideIdentity: true },
  ),
});

export type ServerConfig = z.output<typeof serverSchema>;

const SERVER = "openai.server";

/** The rules of a server of our own. */
export const serverRules: readonly Rule[] = [
  (read) => {
    const argv = read(`${SERVER}.argv`) ?? [];
    if (!isJsonObject(read(SERVER)) || isGiven(read, `${SERVER}.image`)) return null;
    if (!Array.isArray(argv) || argv.length > 0) return null;
    return { at: SERVER, fields: [SERVER, `${SERVER}.argv`, `${SERVER}.image`], ...programOfServerNeeded() };
  },
  (read) => {
    const [argv, env] = [read(`${SERVER}.argv`), read(`${SERVER}.env`)];
    if (!Array.isArray(argv) || argv.length === 0 || isGiven(read, `${SERVER}.image`)) return null;
    const texts = [...argv, ...isJsonObject(env) ? Object.values(env) : []];
    if (texts.some((text) => typeof text === "string" && text.includes("{port}"))) return null;
    return { at: `${SERVER}.argv`, fields: [`${SERVER}.argv`, `${SERVER}.env`], ...portNeeded() };
  },
  (read) => {
    const [env, names] = [read(`${SERVER}.env`), read(`${SERVER}.env_from`)];
    if (!isJsonObject(env) || !Array.isArray(names)) return null;
    const twice = names.filter((name) => typeof name === "string" && Object.hasOwn(env, name));
    if (twice.length === 0) return null;
    return {
      at: `${SERVER}.env_from`,
      fields: [`${SERVER}.env`, `${SERVER}.env_from`],
      ...alreadySet(twice, `${SERVER}.env`),
    };
  },
];
