/** Python interpreters for tests: the real one of scripts/setup-python, and scripts that answer as ones that are not here. */
import { fileURLToPath } from "node:url";
import type { PythonFacts } from "../../lib/python/python_facts.ts";
import { type Need, program, testWith } from "./needs.ts";
import type { TempFolder } from "./temp_folder.ts";

/** Has torch, transformers, accelerate, gguf, safetensors and peft. */
export const REAL_PYTHON = fileURLToPath(new URL("../../.venv/bin/python", import.meta.url));
export const ENGINE_PYTHON: Need = program(
  "PyTorch (scripts/setup-python)",
  REAL_PYTHON,
  "-c",
  "from importlib.metadata import version; [version(name) for name in ('torch', 'transformers', 'peft')]",
);

/** A test that runs a real Python worker. */
export function testWithPython(name: string, body: () => void | Promise<void>): void {
  testWith([ENGINE_PYTHON], name, body);
}

/** What an interpreter without any package says. */
export const BARE: PythonFacts = {
  schema: "llem.python/1",
  executable: "/opt/python/bin/python3",
  version: "3.12.1",
  packages: {},
  torch_build: null,
  pip: true,
  externally_managed: false,
};

/** Versions of these modules that are new enough, as an interpreter says them. */
export function having(...modules: readonly string[]): PythonFacts["packages"] {
  return Object.fromEntries(modules.map((module) => [module, "9.0"]));
}

/**
 * Writes a fake of an interpreter that is not here: a script that gives this answer whatever it is asked, and counts in
 * a file beside it how often that was.
 */
export function fakePython(folder: TempFolder, name: string, facts: Partial<PythonFacts> = {}): string {
  const answer = JSON.stringify({ ...BARE, ...facts }).replaceAll("'", "'\\''");
  return folder.write(name, `#!/bin/sh\necho asked >>"$0.asked"\nprintf '%s\\n' '${answer}'\n`);
}
