/** The bundle that scripts/compile leaves in build/js, which the compiled program holds. */
import assert from "node:assert/strict";
import { projectFile } from "../../lib/base/project_files.ts";
import { withSources } from "../../lib/base/source_places.ts";

const MODULES = [...Deno.readDirSync(projectFile("build/js"))]
  .filter(({ isFile }) => isFile)
  .map(({ name }) => ({ name, text: Deno.readTextFileSync(projectFile(`build/js/${name}`)) }));

Deno.test("withSources() names the source file of each place in a bundled module", () => {
  const line = "function withSources(text) {";
  const holder = MODULES.find(({ text }) => text.split("\n").includes(line));
  assert.ok(holder !== undefined, "the bundle holds lib/base/source_places.ts");
  const at = holder.text.split("\n").indexOf(line) + 1;
  const frame = (where: string): string => `    at withSources (${where}${holder.name}:${at}:3)`;
  assert.equal(
    withSources(`Error: wrong\n${frame("file:///tmp/deno-compile-llem/build/js/")}\n    at main.ts:1:2`),
    `Error: wrong\n    at withSources (lib/base/source_places.ts (build/js/${holder.name}:${at}:3))\n    at main.ts:1:2`,
  );
  const elsewhere = frame("file:///somewhere/else/");
  assert.equal(withSources(elsewhere), elsewhere);
  assert.match(withSources("file:///x/build/js/none.js:1:1"), /^file:/);
});

Deno.test("bundled modules name packages as npm/NAME, not by where this machine keeps them", () => {
  const sources = MODULES.flatMap(({ text }) => [...text.matchAll(/^\/\/ (\S+\.(?:ts|js|mjs|cjs))$/gm)]);
  const folders = new Set(sources.map(([, path = ""]) => path.split("/")[0]));
  assert.deepEqual([...folders].sort(), ["lib", "main.ts", "npm", "worker"]);
  for (const { name, text } of MODULES) assert.ok(!text.includes("/npm/registry"), name);
});
