/**
 * scripts/testing/ owns how the tests are run: every file in a process of its own, some at a time, none for ever. It
 * knows nothing of what they test. Its last line, `tests: 12 passed, 0 failed, 1 ignored`, is what scripts/test reads.
 */
import { statSync } from "node:fs";
import { type Choice, chooseFiles, type KnownSeconds } from "./choose_files.ts";
import { FileQueue } from "./file_queue.ts";
import { readOptions, type TestingOptions } from "./options.ts";
import { countsText, endText, fileText, shareText, sumOf } from "./result_text.ts";
import { type FileResult, runFile } from "./run_file.ts";

/** How long each file took when it last ran here. */
const SECONDS_FILE = ".tools/test-seconds.json";

if (import.meta.main) {
  const options = readOptions(Deno.args, navigator.hardwareConcurrency);
  if (options === null) {
    console.error("scripts/test: --quick and --slow exclude each other");
    Deno.exit(2);
  }
  const known = readSeconds();
  const { leftOut, ...choice } = chooseFiles(options, known);
  for (const line of leftOut) console.log(line);
  const results = await runFiles(choice, options);
  const seconds = results.filter(({ file }) => file.startsWith("tests/"))
    .map(({ file, seconds }) => [file, Math.round(seconds * 10) / 10]);
  Deno.writeTextFileSync(SECONDS_FILE, JSON.stringify({ ...known, ...Object.fromEntries(seconds) }));
  const sum = sumOf(results.map(({ counts }) => counts));
  console.log(
    `${endText(results)}\n${shareText(results, runsVllm, venvSeconds())}\ntests: ${countsText(sum)}`,
  );
  Deno.exit(sum.failed === 0 && sum.passed > 0 ? 0 : 1);
}

/** Runs some files at a time, in their order, and shows each as it ends. */
async function runFiles(
  { files, waiting }: Omit<Choice, "leftOut">,
  options: TestingOptions,
): Promise<FileResult[]> {
  const results: FileResult[] = [];
  const all = files.length + waiting.length;
  const runAll = async (queue: FileQueue): Promise<void> => {
    for (let file = await queue.next(); file !== undefined; file = await queue.next()) {
      const result = await runFile(file, options);
      results.push(result);
      console.log(`[${results.length}/${all}] ${fileText(result, options.paths.length > 0)}`);
    }
  };
  const queue = new FileQueue(files, hasDownloads);
  await Promise.all([
    runAll(new FileQueue(waiting, hasDownloads)),
    ...Array.from({ length: options.atOnce }, () => runAll(queue)),
  ]);
  return results;
}

function runsVllm({ file }: FileResult): boolean {
  return /\/vllm\//.test(file) ||
    statSync(file).isFile() && /vllm_(worker|server)\.ts/.test(Deno.readTextFileSync(file));
}

/** What scripts/test needed to make .venv, or to find that it is there; null where it did neither. */
function venvSeconds(): number | null {
  const sign = Deno.env.get("LLEM_TEST_DOWNLOADED");
  if (sign === undefined || !hasDownloads()) return null;
  return Number(Deno.readTextFileSync(sign));
}

/** False while scripts/test is still downloading: it then names the file by which it tells the end. */
function hasDownloads(): boolean {
  const sign = Deno.env.get("LLEM_TEST_DOWNLOADED");
  return sign === undefined || statSync(sign, { throwIfNoEntry: false }) !== undefined;
}

function readSeconds(): KnownSeconds {
  try {
    return JSON.parse(Deno.readTextFileSync(SECONDS_FILE));
  } catch {
    return {};
  }
}
