/**
 * All texts that people read, made from sample values: `tests/fixtures/messages.txt`. Run as a program
 * (`deno task messages`) it writes that file.
 *
 * The samples of `lib/process/messages.ts` are in `tests/messages/lib/process.ts`, those of the Python worker's
 * `messages.py` files in `tests/messages/python_samples.py`.
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SampledMessages } from "./samples.ts";

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const SNAPSHOT = join(ROOT, "tests", "fixtures", "messages.txt");

/** One exported function, or one exported table of texts, with what it says. */
interface Told {
  readonly name: string;
  readonly texts: readonly unknown[];
}

/** The snapshot and what is missing for it. */
export interface Snapshot {
  readonly text: string;
  /** `file: function` of each function without samples, and of samples without a function. */
  readonly missing: readonly string[];
}

/** Every file of that name below a folder of the project, relative to its root, sorted. */
export function filesNamed(folder: string, name: string): string[] {
  const entries = [...Deno.readDirSync(join(ROOT, folder))];
  return entries.flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) return filesNamed(path, name);
    return entry.name === name ? [path] : [];
  }).sort();
}

/** Renders every message of the project. Throws where python3 cannot run the Python samples. */
export async function renderMessages(): Promise<Snapshot> {
  const missing: string[] = [];
  const sections = new Map<string, readonly Told[]>();
  for (const file of ["lib", "worker"].flatMap((folder) => filesNamed(folder, "messages.ts"))) {
    const sampled = await sampledMessages(file);
    sections.set(file, sampled === null ? [] : toldBy(sampled));
    missing.push(...missingIn(file, sampled));
  }
  const python = await pythonMessages();
  for (const [file, told] of python.sections) sections.set(file, told);
  const text = [...sections].sort(([one], [other]) => one < other ? -1 : 1).map(section).join("\n");
  return { text, missing: [...missing, ...python.missing] };
}

async function sampledMessages(file: string): Promise<SampledMessages | null> {
  const path = join(ROOT, "tests", "messages", `${dirname(file)}.ts`);
  try {
    Deno.statSync(path);
  } catch {
    return null;
  }
  return (await import(`file://${path}`)).default;
}

function missingIn(file: string, sampled: SampledMessages | null): string[] {
  if (sampled === null) return [`${file}: tests/messages/${dirname(file)}.ts`];
  return Object.keys(sampled.messages)
    .filter((name) => typeof sampled.messages[name] === "function" && !sampled.samples[name]?.length)
    .map((name) => `${file}: ${name}`);
}

function toldBy({ messages, samples }: SampledMessages): Told[] {
  return Object.entries(messages).map(([name, message]) => ({
    name,
    texts: typeof message === "function"
      ? (samples[name] ?? []).map((values) => message(...values))
      : [message],
  }));
}

async function pythonMessages(): Promise<{ sections: [string, Told[]][]; missing: string[] }> {
  const { success, stdout, stderr } = await new Deno.Command("python3", {
    args: ["-I", "-B", join(ROOT, "tests", "messages", "python_samples.py")],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const { texts, missing } = JSON.parse(new TextDecoder().decode(stdout));
  const sections = Object.entries<Record<string, unknown[]>>(texts).map(([file, told]): [string, Told[]] => [
    file,
    Object.entries(told).map(([name, texts]) => ({ name, texts })),
  ]);
  return { sections, missing };
}

function section([file, told]: readonly [string, readonly Told[]]): string {
  const parts = [...told].sort((one, other) => one.name < other.name ? -1 : 1)
    .map(({ name, texts }) => [name, ...texts.map(indented)].join("\n"));
  return [`== ${file}`, ...parts, ""].join("\n");
}

/** Two spaces before each line, a dash at the first; what is no text as JSON; ASCII alone. */
function indented(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2) ?? "null";
  const lines = text.split("\n").map((line, index) => (index === 0 ? "- " : "  ") + line);
  return lines.map((line) => `  ${line}`.trimEnd()).join("\n").replace(
    // deno-lint-ignore no-control-regex -- the whole ASCII range is meant
    /[^\x00-\x7f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

if (import.meta.main) {
  const { text, missing } = await renderMessages();
  Deno.writeTextFileSync(SNAPSHOT, text);
  for (const line of missing) console.error(`no sample: ${line}`);
  if (missing.length > 0) Deno.exit(1);
}
