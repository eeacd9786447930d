/**
 * lib/hub owns the way to models and datasets that others publish: the Hugging Face hub, by its API and by its cache
 * on disk. It knows no study and no backend.
 */
import { join, resolve } from "node:path";
import { expandHome } from "../base/expand_home.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Where the hub and its cache are, by the variables that all of its libraries read. */
export interface HubEnvironment {
  /** Without a slash at its end. */
  readonly endpoint: string;
  /** Absolute folder of `models--*` and `datasets--*`. */
  readonly cache: string;
  /** Null where none is given. */
  readonly token: string | null;
  /** The variable that forbids the network, such as `HF_HUB_OFFLINE`; null where it is allowed. */
  readonly offline: string | null;
  /** Absolute file of certificates to trust besides the usual ones, such as a proxy's; null for none. */
  readonly certificates: string | null;
}

const DEFAULT_ENDPOINT = "https://huggingface.co";
/** Any of these, set to a true word, means: no network. */
const OFFLINE = ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE"] as const;
/** As Python's clients read them; the first that is set counts. */
const CERTIFICATES = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"] as const;
const TRUE_WORDS = ["1", "on", "yes", "true"];

/**
 * Reads HF_ENDPOINT, HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, HF_HOME, XDG_CACHE_HOME, HF_TOKEN,
 * HUGGING_FACE_HUB_TOKEN, HF_TOKEN_PATH and the offline flags, as huggingface_hub does (its page "Environment
 * variables").
 */
export function hubEnvironment(env: Env, cwd = Deno.cwd()): HubEnvironment {
  const valueOf = (name: string): string | null => env[name]?.trim() || null;
  const pathOf = (name: string): string | null => {
    const text = valueOf(name);
    return text === null ? null : hubPath(text, env, cwd);
  };
  const home = hubHome(env, cwd);
  return {
    endpoint: (valueOf("HF_ENDPOINT") ?? DEFAULT_ENDPOINT).replace(/\/+$/, ""),
    cache: pathOf("HF_HUB_CACHE") ?? pathOf("HUGGINGFACE_HUB_CACHE") ?? join(home, "hub"),
    token: valueOf("HF_TOKEN") ?? valueOf("HUGGING_FACE_HUB_TOKEN") ??
      readToken(pathOf("HF_TOKEN_PATH") ?? join(home, "token")),
    offline: OFFLINE.find((name) => TRUE_WORDS.includes(env[name]?.trim().toLowerCase() ?? "")) ?? null,
    certificates: CERTIFICATES.map(pathOf).find((path) => path !== null) ?? null,
  };
}

/** The absolute folder of everything that comes from the hub. */
export function hubHome(env: Env, cwd = Deno.cwd()): string {
  const { HF_HOME: own = "", XDG_CACHE_HOME: cache = "" } = env;
  const folder = own.trim() !== "" ? own : join(cache.trim() !== "" ? cache : "~/.cache", "huggingface");
  return hubPath(folder, env, cwd);
}

/** A path of a variable as huggingface_hub reads it, `~` and other variables written out. Absolute. */
export function hubPath(text: string, env: Env, cwd: string): string {
  const whole = text.trim().replace(
    /\$(?:(\w+)|\{(\w+)\})/g,
    (found, bare, braced) => env[bare ?? braced] ?? found,
  );
  return resolve(cwd, expandHome(whole, env));
}

/** The token that `hf auth login` left. */
function readToken(path: string): string | null {
  try {
    return Deno.readTextFileSync(path).trim() || null;
  } catch {
    return null;
  }
}
