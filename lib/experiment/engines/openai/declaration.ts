import { z } from "zod";
import { isJsonObject } from "../../../base/json.ts";
import type { EngineDeclaration } from "../../engine_declaration.ts";
import { note } from "../../field_notes.ts";
import { count, open } from "../../fields.ts";
import { isGiven } from "../../rule_forms.ts";
import type { Rule } from "../../rule.ts";
import {
  addressNeeded,
  keyTwice,
  partsOfLlem,
  serverNeeded,
  twoServers,
  variableNameNeeded,
} from "../messages.ts";
import { loadRules, loadSchema, servedLoad, withOneSpelling } from "./load.ts";
import { serverRules, serverSchema } from "./server.ts";

/** A server that speaks the OpenAI protocol, and what it is sent. */
export const openaiSchema = z.strictObject({
  base_url: open(z.string().min(1)).describe(
    "address of a running server, such as http://127.0.0.1:8000/v1; excludes server",
  ),
  api_key_env: note(open(z.string().min(1)).describe("name of the environment variable with the API key"), {
    outsideIdentity: true,
  }),
  concurrency: open(count()).describe("short for load: { concurrency: ... }"),
  server: open(serverSchema).describe("a server for llem to start and stop; excludes base_url"),
  api: z.enum(["completions", "chat"]).default("completions").describe("which requests are made"),
  body: z.record(z.string(), z.json()).default({}).describe("fields merged into every request"),
  headers: z.record(z.string(), z.string()).default({}).describe("further headers of every request"),
  prefix_cache: z.enum(["reset", "unique", "allow"]).default("reset").describe(
    "reset empties the server's cache before the window, unique makes every prompt begin differently, allow does neither",
  ),
  load: loadSchema.prefault({}).describe("when requests are sent"),
  ca_file: note(
    open(z.string().min(1)).describe("certificates (PEM) to trust, relative to the study file"),
    { outsideIdentity: true },
  ),
});

export type OpenaiConfig = z.output<typeof openaiSchema>;

/** Words of load generators and of clients for settings that have another name here. */
const FORMER_NAMES: Readonly<Record<string, string>> = {
  "openai.address": "openai.base_url",
  "openai.endpoint": "openai.base_url",
  "openai.host": "openai.base_url",
  "openai.server_url": "openai.base_url",
  "openai.url": "openai.base_url",
  "openai.api_key": "openai.api_key_env",
  "openai.apikey": "openai.api_key_env",
  "openai.key": "openai.api_key_env",
  "openai.token": "openai.api_key_env",
  "openai.ca_cert": "openai.ca_file",
  "openai.extra_body": "openai.body",
  "openai.batch_size": "openai.concurrency",
  "openai.max_concurrency": "openai.concurrency",
  "openai.num_users": "openai.concurrency",
  "openai.streams": "openai.concurrency",
  "openai.users": "openai.concurrency",
  "openai.qps": "openai.load.rate",
  "openai.rate": "openai.load.rate",
  "openai.request_rate": "openai.load.rate",
  "openai.rps": "openai.load.rate",
  "openai.server.args": "openai.server.argv",
  "openai.server.cmd": "openai.server.argv",
  "openai.server.command": "openai.server.argv",
  "openai.load.burstiness": "openai.load.shape",
  "openai.load.distribution": "openai.load.arrivals",
  "openai.load.kind": "openai.load.arrivals",
  "openai.load.max_concurrency": "openai.load.concurrency",
  "openai.load.path": "openai.load.file",
  "openai.load.qps": "openai.load.rate",
  "openai.load.request_rate": "openai.load.rate",
  "openai.load.rps": "openai.load.rate",
  "openai.load.trace": "openai.load.file",
  "openai.load.type": "openai.load.arrivals",
};

/** What makes a request what llem measures. */
const OWN_PARTS: readonly string[] = ["model", "prompt", "messages", "stream"];
/** Headers that frame a message. */
const OWN_HEADERS: readonly string[] = [
  "connection",
  "content-length",
  "content-type",
  "host",
  "transfer-encoding",
];

const rules: readonly Rule[] = [
  (read) => {
    const fields = ["openai.base_url", "openai.server"];
    const [url, server] = [isGiven(read, "openai.base_url"), isJsonObject(read("openai.server"))];
    if (url && server) return { at: "openai.server", fields, ...twoServers() };
    if (url || server || !isJsonObject(read("openai"))) return null;
    return { at: "openai", fields: ["openai", ...fields], ...addressNeeded() };
  },
  (read) => {
    const variable = read("openai.api_key_env");
    if (typeof variable !== "string" || /^[A-Za-z_]\w*$/.test(variable)) return null;
    return { at: "openai.api_key_env", fields: ["openai.api_key_env"], ...variableNameNeeded() };
  },
  (read) => {
    const body = read("openai.body");
    const taken = isJsonObject(body) ? Object.keys(body).filter((key) => OWN_PARTS.includes(key)) : [];
    if (taken.length === 0) return null;
    return { at: "openai.body", fields: ["openai.body"], ...partsOfLlem(taken) };
  },
  (read) => {
    const names = Object.keys(read("openai.headers") ?? {});
    const taken = names.filter((name) => OWN_HEADERS.includes(name.toLowerCase()));
    if (taken.length === 0) return null;
    return { at: "openai.headers", fields: ["openai.headers"], ...partsOfLlem(taken) };
  },
  (read) => {
    const names = Object.keys(read("openai.headers") ?? {});
    const name = names.find((name) => name.toLowerCase() === "authorization");
    if (name === undefined || !isGiven(read, "openai.api_key_env")) return null;
    return {
      at: "openai.headers",
      fields: ["openai.headers", "openai.api_key_env"],
      ...keyTwice(name),
    };
  },
  ...serverRules,
  ...loadRules,
];

/** Any server that speaks the OpenAI protocol. */
export const openai = {
  section: open(openaiSchema).describe("backend openai: a server with an OpenAI-compatible API, under load"),
  needs_section: serverNeeded(),
  fields: {},
  rules,
  upstream: null,
  former_names: FORMER_NAMES,
  precision: "of_model",
  models: "elsewhere",
  path_fields: {
    "openai.server.argv": "command_line",
    "openai.load.file": "file",
    "openai.ca_file": "file",
  },
  model_names: [],
  revision: null,
  variable_fields: { set: "openai.server.env", named: "openai.server.env_from" },
  secret_fields: { arguments: "openai.server.argv", address: "openai.base_url" },
  remote_code: null,
  concurrency: null,
  workload_known: true,
  serves: {
    address: "openai.base_url",
    server: "openai.server",
    key: "openai.api_key_env",
    load: "openai.load",
    concurrency: "openai.concurrency",
    loadOf: (section) =>
      isJsonObject(section["load"]) ? servedLoad(section as unknown as OpenaiConfig) : null,
  },
  meaning: withOneSpelling,
  variables: [],
} satisfies EngineDeclaration;
