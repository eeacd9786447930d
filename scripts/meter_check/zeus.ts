import { Helper } from "./helper.ts";

/** One window of ZeusMonitor on all boards: begins and ends at a line on stdin, then prints joules by index. */
const PROGRAM = `
import json, os, sys
os.environ.pop("CUDA_VISIBLE_DEVICES", None)
from zeus.monitor import ZeusMonitor
monitor = ZeusMonitor()
print("ready", flush=True)
sys.stdin.readline()
monitor.begin_window("window", False)
print("begun", flush=True)
sys.stdin.readline()
print(json.dumps({str(i): float(j) for i, j in monitor.end_window("window", False).gpu_energy.items()}), flush=True)
`;

/** A monitor that stands ready, or why there is none. */
export async function openZeus(): Promise<ZeusWindow | { readonly reason: string }> {
  let helper: Helper;
  try {
    helper = new Helper("python3", ["-c", PROGRAM], { quiet: true });
  } catch {
    return { reason: "python3 is not there" };
  }
  if (await helper.line() === "ready") return new ZeusWindow(helper);
  await helper[Symbol.asyncDispose]();
  return { reason: "python3 has no package zeus that works here (pip install zeus)" };
}

export class ZeusWindow implements AsyncDisposable {
  readonly #helper: Helper;

  constructor(helper: Helper) {
    this.#helper = helper;
  }

  async begin(): Promise<void> {
    await this.#helper.tell("begin");
    await this.#helper.line();
  }

  /** Joules by the index of the board; null where it failed. */
  async end(): Promise<ReadonlyMap<number, number> | null> {
    await this.#helper.tell("end");
    const line = await this.#helper.line();
    if (line === null) return null;
    const joules: Record<string, number> = JSON.parse(line);
    return new Map(Object.entries(joules).map(([index, value]) => [Number(index), value]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#helper[Symbol.asyncDispose]();
  }
}
