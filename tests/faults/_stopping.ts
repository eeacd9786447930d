/** Studies that a fault test stops in the middle. */
import { join } from "node:path";
import { runFolder, type Sandbox, start, until } from "../e2e/llem.ts";

/** A study whose nth run is fully at work. */
export interface AtWork {
  readonly child: Deno.ChildProcess;
  readonly dir: string;
  readonly folder: string;
}

/** Starts a study and waits until its nth run has written the file `sign`. Each call needs a `name` of its own. */
export async function atWork(
  box: Sandbox,
  study: string,
  options: {
    name?: string;
    index?: number;
    sign?: string;
    args?: readonly string[];
    env?: Record<string, string>;
  } = {},
): Promise<AtWork> {
  const { name = "out", index = 1, sign = "pids", args = [], env = {} } = options;
  const child = start(["run", study, "-o", join(box.dir, name), "--json", ...args], { env });
  const dir = await studyDir(box, name);
  const folder = await until(`run ${index}`, () => runFolder(dir, index));
  await until(`${sign} of run ${index}`, () => Deno.statSync(join(folder, sign)).size > 0);
  return { child, dir, folder };
}

/** The one study directory in a folder, once it is there. */
export function studyDir(box: Sandbox, name = "out"): Promise<string> {
  return until("the study directory", () => {
    const [entry] = [...Deno.readDirSync(join(box.dir, name))];
    return entry === undefined ? null : join(box.dir, name, entry.name);
  });
}

/** Runs at most so many at a time: the machine of these tests has two cores. */
export async function inTurns<T>(
  items: readonly T[],
  atOnce: number,
  run: (item: T) => Promise<void>,
): Promise<void> {
  const left = [...items];
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await run(item);
  }));
}
