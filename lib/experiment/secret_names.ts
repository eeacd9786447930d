/**
 * What looks like a secret, by its name or by itself. A guess: it decides about what is written and shown, never about
 * what a worker gets.
 */

/** Stands where a secret stood. */
export const HIDDEN = "***";

/** Words of a name that say secret, whatever the value is. */
const STRONG = setOf("SECRET SECRETS PASSWORD PASSWORDS PASSWD PASSPHRASE CREDENTIAL CREDENTIALS");
/** Words that say it of a text, but not of a number or a yes. */
const WEAK = setOf("KEY KEYS TOKEN AUTH AUTHORIZATION BEARER JWT");
/** Words written together, such as APIKEY and AUTHTOKEN. */
const GLUED = /^(API|ACCESS|AUTH|BEARER|PRIVATE|REFRESH|SECRET)(KEY|TOKEN)S?$/;
/** Before TOKENS they make secrets of what would be a number of tokens. */
const OF_TOKENS = setOf("API ACCESS AUTH BEARER REFRESH SECRET");

/** The tokens and keys of language models: `pad_token`, `max_token`, `token_limit`, `key_dtype`. */
const BEFORE_MODEL_WORDS = setOf(
  "BOS CLS END EOS FIRST IMAGE LAST MASK MAX MIN NEW NEXT PAD PER SEP SPECIAL START STOP UNK",
);
const AFTER_MODEL_WORDS = setOf(
  "BITS BUDGET CACHE COUNT DIM DTYPE FORMAT HEADS ID IDS LEN LENGTH LIMIT PRECISION QUANT RATE SIZE TYPE TYPES VALUE",
);

function setOf(words: string): ReadonlySet<string> {
  return new Set(words.split(" "));
}

/** How sure a name makes it: `text` goes by the value as well. */
export type SecretName = "any" | "text" | null;

/** What a name says of its value; its words are told apart by `_`, `-`, `.`, digits at their end and capitals. */
export function secretName(name: string): SecretName {
  const known = asked.get(name);
  if (known !== undefined) return known;
  const found = readName(name);
  if (asked.size < MOST_ASKED) asked.set(name, found);
  return found;
}

/** A plan asks for the same few names with every experiment. */
const asked = new Map<string, SecretName>();
const MOST_ASKED = 10_000;

function readName(name: string): SecretName {
  const words = wordsOf(name);
  if (words.some((word) => STRONG.has(word)) || (words.length > 1 && words.includes("PWD"))) return "any";
  const isWeak = words.some((word, index) => {
    const [before = "", after = ""] = [words[index - 1], words[index + 1]];
    if (GLUED.test(word)) return true;
    if (word === "TOKENS") return OF_TOKENS.has(before);
    return WEAK.has(word) && !BEFORE_MODEL_WORDS.has(before) && !AFTER_MODEL_WORDS.has(after);
  });
  return isWeak ? "text" : null;
}

function wordsOf(name: string): string[] {
  const spaced = name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").replace(/([A-Z])([A-Z][a-z])/g, "$1 $2");
  return spaced.toUpperCase().split(/[^A-Z0-9]+/).map((word) => word.replace(/\d+$/, "")).filter((word) =>
    word !== ""
  );
}

const NO_SECRET = /^(|true|false|yes|no|on|off|none|null|auto|\d{1,6}(\.\d+)?)$/i;

/** True for a value that is a secret by its name. */
export function isSecretValue(name: SecretName, value: string | number): boolean {
  if (name === null || value === "" || value === HIDDEN) return false;
  return name === "any" || (typeof value === "string" && !NO_SECRET.test(value));
}

/** A token that is known by its form: its prefix, then what only a generator writes. Each starts at a fixed text. */
const TOKENS = new RegExp(
  [
    String.raw`(?<![A-Za-z0-9])hf_(?=[A-Za-z0-9]{0,200}[A-Z0-9])[A-Za-z0-9]{10,}`,
    String.raw`(?<![A-Za-z0-9])(?:sk|pk|rk)[-_](?=[A-Za-z0-9_-]{0,200}[A-Z0-9])[A-Za-z0-9_-]{16,}`,
    String.raw`(?<![A-Za-z0-9])gh[opsur]_[A-Za-z0-9]{16,}`,
    String.raw`(?<![A-Za-z0-9])(?:github_pat_|glpat-|nvapi-|gsk_|xox[abeoprs]-|r8_)[A-Za-z0-9_-]{16,}`,
    String.raw`(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])`,
    String.raw`(?<![A-Za-z0-9])AIza[A-Za-z0-9_-]{30,}`,
    String.raw`(?<![\w-])eyJ[\w-]{10,}\.[\w-]{10,}(?:\.[\w-]*)?`,
    String.raw`-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*`,
    // The user and the password of an address.
    String.raw`(?<=:\/\/)[^\s\/?#@:]{0,256}:[^\s\/?#@]{1,256}(?=@)`,
    String.raw`(?<=\b[Bb]earer\s)[\w.~+\/=-]{8,}`,
  ].join("|"),
  "g",
);

/** The parts of a text that look like tokens. */
export function tokensIn(text: string): string[] {
  return [...text.matchAll(TOKENS)].map(([token]) => token).filter((token) => token !== "");
}

/** An address with a user and a password: `x://a:b@c`. */
const SHORTEST_TOKEN = 9;

/** The text with such parts hidden. */
export function hideTokens(text: string): string {
  return text.length < SHORTEST_TOKEN ? text : text.replace(TOKENS, HIDDEN);
}

/** Shorter texts are not looked for in others: they would be found in words that are none. */
export const SHORTEST = 6;
/** Nor these, where nobody has called them secrets: `X_AUTH=kerberos` would be found in half of all sentences. */
const SHORTEST_UNDECLARED = 8;
const PLAIN_WORD = /^[A-Za-z]{1,15}$/;

/** True for a text that may stand in any sentence. */
export function isPlainWord(text: string): boolean {
  return PLAIN_WORD.test(text);
}

/**
 * What in an environment looks like a secret, long enough to be looked for; a path is where one lies and none itself. A
 * plain word or a short value counts only where its variable is one of those that the study names.
 */
export function secretsOfEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  declared: readonly string[] = [],
): string[] {
  return Object.entries(env).flatMap(([name, value = ""]) => {
    if (value.startsWith("/") || !isSecretValue(secretName(name), value)) return tokensIn(value);
    const isCommon = value.length < SHORTEST_UNDECLARED || isPlainWord(value);
    return isCommon && !declared.includes(name) ? [] : [value];
  });
}

/** A text without these others, the longest first. */
export function hideTexts(text: string, secrets: readonly string[]): string {
  const known = secrets.filter((secret) => secret.length >= SHORTEST && text.includes(secret));
  return known.sort((one, other) => other.length - one.length)
    .reduce((shown, secret) => shown.replaceAll(secret, HIDDEN), text);
}
