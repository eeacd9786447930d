/**
 * lib/hub owns the way to models and datasets that others publish: the Hugging Face hub, by its API and by its cache
 * on disk. It knows no study and no backend.
 */
import { join } from "node:path";

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
}

const DEFAULT_ENDPOINT = "https://huggingface.co";
/** Any of these, set to a true word, means: no network. */
const OFFLINE = ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE"] as const;
const TRUE_WORDS = ["1", "on", "yes", "true"];

/**
 * Reads HF_ENDPOINT, HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, HF_HOME, XDG_CACHE_HOME, HF_TOKEN, HF_TOKEN_PATH and the offline flags, as
 * huggingface_hub does (its page "Environment variables").
 */
export function hubEnvironment(env: Env): HubEnvironment {
  const given = (name: string): string | null => env[name]?.trim() || null;
  const home = given("HF_HOME") ??
    join(given("XDG_CACHE_HOME") ?? join(env["HOME"] ?? "/", ".cache"), "huggingface");
  return {
    endpoint: (given("HF_ENDPOINT") ?? DEFAULT_ENDPOINT).replace(/\/+$/, ""),
    cache: given("HF_HUB_CACHE") ?? given("HUGGINGFACE_HUB_CACHE") ?? join(home, "hub"),
    token: given("HF_TOKEN") ?? readToken(given("HF_TOKEN_PATH") ?? join(home, "token")),
    offline: OFFLINE.find((name) => TRUE_WORDS.includes(env[name]?.trim().toLowerCase() ?? "")) ?? null,
  };
}

/** The token that `hf auth login` left. */
function readToken(path: string): string | null {
  try {
    return Deno.readTextFileSync(path).trim() || null;
  } catch {
    return null;
  }
}
