import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** What scripts/test downloads for tests alone: Python environments, a real model, a real server, a browser. */
const DOWNLOADED =
  /support\/(python(s|_worker|_loads)|vllm_(worker|server)|llama_server|browser)\.ts|TEST_PYTHON|\w+_READERS|SETPROCTITLE|models\/SmolLM2|\.venv/;

/** Longer than any download takes that still comes. */
const PATIENCE_MS = 15 * 60_000;
const LOOK_MS = 200;

/** Files of tests in their order, but for those that need what is still being downloaded: they wait for it. */
export class FileQueue {
  readonly #left: string[];
  readonly #isThere: () => boolean;
  readonly #endMs = performance.now() + PATIENCE_MS;

  /** `isThere` tells whether everything has been downloaded. */
  constructor(files: readonly string[], isThere: () => boolean) {
    this.#left = [...files];
    this.#isThere = isThere;
  }

  /** The next file to run; undefined where none is left. Waits while all that are left need a download. */
  async next(): Promise<string | undefined> {
    while (this.#left.length > 0) {
      const isThere = this.#isThere() || performance.now() > this.#endMs;
      const index = this.#left.findIndex((file) => isThere || !needsDownload(file));
      if (index >= 0) return this.#left.splice(index, 1)[0];
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    return undefined;
  }
}

/** True where it, or a module of its own beside it, names a download; of a folder, where a file of tests in it does. */
function needsDownload(path: string): boolean {
  if (Deno.statSync(path).isDirectory) {
    return [...Deno.readDirSync(path)].filter(({ name, isDirectory }) =>
      isDirectory || /_test\.ts$/.test(name)
    )
      .some(({ name }) => needsDownload(join(path, name)));
  }
  const text = Deno.readTextFileSync(path);
  const beside = [...text.matchAll(/"\.\/(_\w+\.ts)"/g)].map(([, name = ""]) => join(dirname(path), name));
  return [text, ...beside.filter(existsSync).map((each) => Deno.readTextFileSync(each))]
    .some((each) => DOWNLOADED.test(each));
}
