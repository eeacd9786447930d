/** The Python worker with another engine: its real process, running a few lines of a test in place of PyTorch. */
import { cpSync } from "node:fs";
import { PYTHON_FOLDER, testPython } from "./python_worker.ts";
import type { TempFolder } from "./temp_folder.ts";

/** Copies the worker into a folder, with the body of `run(assignment, report)` replaced. Returns its command line. */
export function pythonWorkerRunning(folder: TempFolder, body: string): string[] {
  const copy = folder.at("python");
  cpSync(PYTHON_FOLDER, copy, { recursive: true });
  const lines = body.trim().split("\n").map((line) => `    ${line}`).join("\n");
  Deno.writeTextFileSync(
    `${copy}/llem_worker/engines/pytorch/run.py`,
    `import ctypes, os, subprocess, sys, time\n\n\ndef run(assignment, report):\n${lines}\n`,
  );
  return [testPython(), `${copy}/main.py`];
}
