import { HIDDEN, hideTexts, SHORTEST } from "./secret_names.ts";

/** The secrets that a worker was given, in the forms in which it may tell them: what nobody is to read. */
export class HiddenTexts {
  readonly #texts: readonly string[];
  readonly #numbers: ReadonlySet<number>;

  constructor(secrets: readonly (string | number)[]) {
    const texts = secrets.flatMap((secret) => formsOf(String(secret)));
    this.#texts = [...new Set(texts)].filter((text) => text.length >= SHORTEST);
    this.#numbers = new Set(
      secrets.filter((secret) => typeof secret === "number" && String(secret).length >= SHORTEST) as number[],
    );
  }

  /** False where a JSON text surely holds none: what is written with an escape shows only once it is read. */
  mayStandIn(json: string): boolean {
    return this.#texts.some((text) => json.includes(text)) || json.includes("\\");
  }

  /** The text without them. */
  hide(text: string): string {
    return hideTexts(text, this.#texts);
  }

  /** A number, or what stands for it where it is one of them as a whole. */
  hideNumber(value: number): number | string {
    return this.#numbers.has(value) ? HIDDEN : value;
  }
}

/** The secrets as one, or null where there is none to look for. */
export function hiddenTexts(secrets: readonly (string | number)[]): HiddenTexts | null {
  return secrets.length === 0 ? null : new HiddenTexts(secrets);
}

/** As it is and line by line, in quotes of each kind, and in quotes once more: JSON often holds JSON. */
function formsOf(secret: string): string[] {
  const lines = secret.includes("\n") ? secret.split(/\r?\n/).map((line) => line.trim()) : [];
  return [secret, ...lines].flatMap(quotedForms).flatMap(quotedForms);
}

/** Inside JSON as JavaScript and as Python write it, and inside what Python's repr gives. */
function quotedForms(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1);
  return [text, json, ascii(json), text.replaceAll("\\", "\\\\")];
}

function ascii(json: string): string {
  return json.replace(/[^\0-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
