import assert from "node:assert/strict";
import { machinesOf } from "../../lib/archive/machines.ts";
import { TempFolder } from "../support/temp_folder.ts";

Deno.test("machinesOf() knows the machines of a study's agents and of the parts that it was merged of", () => {
  using folder = new TempFolder();
  assert.equal(machinesOf(folder.path), null);
  const agent = (host: string, hardware: unknown): string =>
    JSON.stringify({
      schema: "llem.agent/1",
      agent: host,
      llem_version: "1",
      joined_at: "2026-01-02T03:04:05Z",
      node: host,
      host,
      boot_id: null,
      pid_namespace: null,
      pid: 1,
      start_ticks: 1,
      slurm: null,
      hardware,
    });
  Deno.mkdirSync(folder.at("agents"));
  Deno.writeTextFileSync(
    folder.at("agents/a.json"),
    agent("a", { "driver": "550", "CPU": "X", "power limit": "699.9" }),
  );
  assert.equal(machinesOf(folder.path), null, "one machine is what environment.json tells");
  Deno.writeTextFileSync(folder.at("agents/b.json"), agent("b", { "driver": "560", "CPU": null }));
  Deno.mkdirSync(folder.at("environments"));
  Deno.writeTextFileSync(
    folder.at("environments/p.json"),
    JSON.stringify({ host: "c", nvidia_driver: "570" }),
  );
  Deno.writeTextFileSync(folder.at("environments/q.json"), "{");
  assert.deepEqual(machinesOf(folder.path), {
    a: { machine: "a", driver: "550", CPU: "X", "power limit": "700 W" },
    b: { machine: "b", driver: "560" },
    c: { machine: "c", driver: "570" },
  });
});
