import { z } from "zod";
import { isJsonObject } from "../../../base/json.ts";
import { note } from "../../field_notes.ts";
import { open } from "../../fields.ts";
import { isGiven } from "../../rule_forms.ts";
import type { Rule } from "../../rule.ts";
import {
  alreadySet,
  portNeeded,
  programOfServerNeeded,
  slashNeeded,
  unknownPlaceholder,
  wordsTogether,
} from "../messages.ts";

/** Servers whose paths, token ids, tokenizer, counters and cache reset llem knows; `other` is any with the protocol. */
const SERVER_KINDS = [
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
/** A value of `openai.server.kind`. */
export type ServerKind = typeof SERVER_KINDS[number];

/** The kind of this name; `other` for a name that is none. */
export function serverKindOf(name: string): ServerKind {
  return SERVER_KINDS.find((kind) => kind === name) ?? "other";
}

/** Other spellings of these, and names that other sections and packages have for the same engine. */
const FORMER_KINDS: Readonly<Record<string, ServerKind>> = {
  "llama-cpp": "llama-server",
  "llama.cpp": "llama-server",
  "llama_cpp": "llama-server",
  "llama_server": "llama-server",
  "llamacpp": "llama-server",
  "llamaserver": "llama-server",
  "tensorrt": "trtllm",
  "tensorrt-llm": "trtllm",
  "tensorrt_llm": "trtllm",
  "trt-llm": "trtllm",
  "trtllm-serve": "trtllm",
  "text-generation-inference": "tgi",
  "openai": "other",
};

/** A server that belongs to the experiment: llem starts and stops it. */
export const serverSchema = z.strictObject({
  kind: note(z.enum(SERVER_KINDS).default("other").describe("what it is"), { formerValues: FORMER_KINDS }),
  argv: z.array(z.string().min(1)).default([]).describe(
    "program and arguments; {port} is a free port, {model} the model",
  ),
  image: open(z.string().min(1)).describe("container image; argv are its arguments"),
  env: z.record(z.string(), z.string()).default({}).describe("environment variables to set"),
  env_from: z.array(z.string().min(1)).default([]).describe(
    "names of environment variables to pass",
  ),
  lifetime: z.enum(["run", "group"]).default("run").describe(
    "run: a new one for every run; group: one for consecutive runs that need the same",
  ),
  ready_path: note(
    open(z.string().min(1)).describe(
      "path that answers 200 when ready; null is that of its kind",
    ),
    { outsideIdentity: true },
  ),
});

const SERVER = "openai.server";
/** What stands for something in `argv`. */
const PLACEHOLDERS: readonly string[] = ["port", "model"];

/** The rules of a server of our own. */
export const serverRules: readonly Rule[] = [
  (read) => {
    const path = read(`${SERVER}.ready_path`);
    if (typeof path !== "string" || /^\/\S*$/.test(path)) return null;
    return { at: `${SERVER}.ready_path`, fields: [`${SERVER}.ready_path`], ...slashNeeded(path) };
  },
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
    const argv = read(`${SERVER}.argv`);
    const [program, ...rest] = Array.isArray(argv) ? argv : [];
    // One word with a blank may be a path; one with arguments is none.
    if (typeof program !== "string" || rest.length > 0 || !/\s-/.test(program)) return null;
    return { at: `${SERVER}.argv`, fields: [`${SERVER}.argv`], ...wordsTogether(program) };
  },
  (read) => {
    const argv = read(`${SERVER}.argv`);
    const [name] = (Array.isArray(argv) ? argv : []).flatMap((word) =>
      typeof word === "string" ? /^\{([a-z_]+)\}$/i.exec(word)?.[1] ?? [] : []
    ).filter((name) => !PLACEHOLDERS.includes(name));
    if (name === undefined) return null;
    return { at: `${SERVER}.argv`, fields: [`${SERVER}.argv`], ...unknownPlaceholder(name) };
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
