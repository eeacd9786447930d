import { deepStrictEqual, ok } from "node:assert/strict";
import { unneededPackages } from "../../scripts/unneeded_packages.ts";

Deno.test("unneededPackages() gives what no module leads to, also not by way of another package", () => {
  const graph = {
    modules: [{ npmPackage: "a@1" }, {}],
    npmPackages: {
      "a@1": { dependencies: ["b@1"] },
      "b@1": { dependencies: ["a@1"] },
      "c@1": { dependencies: ["b@1", "d@1"] },
      "d@1": { dependencies: [] },
    },
  };
  deepStrictEqual(unneededPackages(graph), ["c@1", "d@1"]);
});

Deno.test("the program does not reach the packages of its tests", () => {
  const { stdout } = new Deno.Command(Deno.execPath(), { args: ["info", "--quiet", "--json", "main.ts"] })
    .outputSync();
  const unneeded = unneededPackages(JSON.parse(new TextDecoder().decode(stdout)));
  ok(unneeded.some((key) => key.startsWith("ajv@")), unneeded.join(", "));
  ok(!unneeded.some((key) => key.startsWith("zod@")), unneeded.join(", "));
  ok(unneeded.some((key) => key.startsWith("@huggingface/tasks@")), unneeded.join(", "));
  ok(!unneeded.some((key) => key.startsWith("@huggingface/hub@")), unneeded.join(", "));
});
