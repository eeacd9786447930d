/** The texts of lib/experiment/engines for people: one pure function for each message. Rules follow the path of a field. */
import type { RuleText } from "../rule.ts";

/** What a required section is for, and what to add. */
interface SectionText {
  readonly what: string;
  readonly hint: string;
}

export function programNeeded(): SectionText {
  return { what: "a program to run", hint: "add command: { argv: [program, argument] }" };
}

export function serverNeeded(): SectionText {
  return { what: "the address of a server", hint: "add openai: { base_url: http://127.0.0.1:8000/v1 }" };
}

export function alreadySet(names: readonly string[], field: string): RuleText {
  return {
    message: `names ${names.join(", ")}, which ${field} also sets`,
    hint: names.length === 1 ? "keep one" : "keep one of each",
  };
}

export function flashAttentionNeeded(cacheType: string): RuleText {
  return {
    message: `is ${cacheType}, which needs flash attention, but llamacpp.flash_attn is off`,
    hint: "set flash_attn: auto",
  };
}

export function ubatchTooLarge(batch: number, found: number): RuleText {
  return { message: `must be at most llamacpp.n_batch (${batch}), found ${found}`, hint: null };
}

export function bothQuantised(): RuleText {
  return { message: "cannot be true together with pytorch.load_in_4bit", hint: "keep one" };
}

export function cacheNeeded(): RuleText {
  return { message: "needs the cache, but pytorch.use_cache is false", hint: "remove one of them" };
}

export function speculativeTokensNeeded(path: string): RuleText {
  return { message: `needs ${path}`, hint: "add num_speculative_tokens" };
}

/** Of a format for weights that is one of the KV cache. */
export function cacheFormat(format: string): RuleText {
  return {
    message: `is ${format}, a format of the KV cache: no release of vLLM has it for weights`,
    hint: `write quantization: fp8, or kv_cache_dtype: ${format}`,
  };
}

export function beamsAboveLimit(limit: string): RuleText {
  return { message: `is above ${limit}`, hint: "leave that out: it follows the beam width" };
}

/** Of a backend that llem has only as a server. */
export function serverMeant({ kind, argv }: { readonly kind: string; readonly argv: string }): string {
  return `it is measured as a server, see docs/serving.md: write backend: openai and ` +
    `openai: { server: { kind: ${kind}, argv: [${argv}] } }`;
}

/** Of a server that mostly runs already. */
export function addressMeant(address: string): string {
  return `it is measured as a server, see docs/serving.md: write backend: openai and openai: { base_url: ${address} }`;
}

/** Of another name of a backend. */
export function engineMeant(backend: string): string {
  return `write backend: ${backend}`;
}

export function graphsOff(): RuleText {
  return { message: "has no effect while tensorrt.cuda_graphs is false", hint: "remove one of them" };
}

export function addressNeeded(): RuleText {
  return {
    message: "must have exactly one of base_url and server, found none",
    hint: "add base_url: http://127.0.0.1:8000/v1",
  };
}

export function twoServers(): RuleText {
  return {
    message: "cannot be combined with openai.base_url: llem starts the one, the other runs already",
    hint: "keep one",
  };
}

export function programOfServerNeeded(): RuleText {
  return {
    message: "needs a program to start, or an image",
    hint: 'add argv: [llama-server, -m, "{model}", --port, "{port}"]',
  };
}

/** Of a server that would listen where nobody looks. */
export function portNeeded(): RuleText {
  return {
    message: "does not say {port}: llem chooses a free port for every start of the server",
    hint: 'add --port, "{port}"',
  };
}

/** Never with what was found: it may be the key itself. */
export function variableNameNeeded(): RuleText {
  return {
    message: "must be the name of an environment variable; the key itself stays out of studies",
    hint: "export OPENAI_API_KEY=... and write api_key_env: OPENAI_API_KEY",
  };
}

export function wordsTogether(program: string): RuleText {
  return {
    message: `begins with ${JSON.stringify(program)}, which is several words`,
    hint: "give each word as an item of its own",
  };
}

/** `name` is written in braces. */
export function unknownPlaceholder(name: string): RuleText {
  return { message: `contains {${name}}, which stands for nothing`, hint: "{port} and {model} are known" };
}

export function partsOfLlem(names: readonly string[]): RuleText {
  return {
    message: `contains ${names.join(", ")}, which llem sets itself`,
    hint: "leave out what llem sets",
  };
}

export function keyTwice(header: string): RuleText {
  return { message: `contains ${header}, which openai.api_key_env also sets`, hint: "keep one" };
}

/** A field of a load beside arrivals that make nothing of it. */
export function loadFieldUnused(key: string, arrivals: string, users: readonly string[]): RuleText {
  const [usual = ""] = users;
  return {
    message: `needs arrivals: ${users.join(" or ")}, but openai.load.arrivals is ${arrivals}`,
    hint: `set openai.load.arrivals: ${usual}, or remove ${key}`,
  };
}

export function loadFieldNeeded(key: string, arrivals: string): RuleText {
  return { message: `needs ${key} with arrivals: ${arrivals}`, hint: `add ${key} to openai.load` };
}

export function shortFormUnused(arrivals: string): RuleText {
  return {
    message: `needs arrivals: closed, but openai.load.arrivals is ${arrivals}`,
    hint: "remove one of them; a limit of requests in flight is openai.load.max_in_flight",
  };
}

/** Of `openai.load.concurrency`. */
export function concurrencyDiffers(own: number, short: number): RuleText {
  return { message: `is ${own}, but openai.concurrency is ${short}`, hint: "keep one: they are one setting" };
}

export function slashNeeded(path: string): RuleText {
  return { message: "must be a path of the server that begins with /", hint: `write /${path.trim()}` };
}

export function noServerUrl(baseUrl: string): string {
  // A host with a port or a path lacks the scheme alone.
  const isHost = /^[\w.-]+(:\d+)?(\/\S*)?$/.test(baseUrl);
  return `openai.base_url ${JSON.stringify(baseUrl)} is not the address of a server; ` +
    (isHost ? `write http://${baseUrl}.` : "write it like http://127.0.0.1:8000/v1.");
}

export function credentialsInUrl(): string {
  return "openai.base_url holds a user name or a password. " +
    "Name the environment variable with the key in openai.api_key_env instead.";
}
