import { join } from "node:path";
import { namesIn, removeTree } from "../../base/files.ts";
import { agentsOf } from "../../archive/shared/agents_of.ts";
import { SHARED } from "../../cluster/shared_files.ts";

/** Where an agent keeps what its workers are started from: others start theirs from the same study, and end at other times. */
export function makeOwnFolder(dir: string, agent: string): { readonly path: string } & Disposable {
  const path = join(dir, SHARED.own, agent);
  Deno.mkdirSync(path, { recursive: true });
  return { path, [Symbol.dispose]: () => removeTree(path) };
}

/** Removes what agents have left there whose process is known to have ended; with `all`, of whoever shows no sign of life. */
export function removeLostFolders(dir: string, { all = false }: { readonly all?: boolean } = {}): void {
  const folders = namesIn(join(dir, SHARED.own));
  if (folders.length === 0) return;
  const states = new Map(agentsOf(dir).map(({ agent, state }) => [agent.agent, state]));
  for (const name of folders) {
    const state = states.get(name);
    if (state === "left" || state === "gone" || all && state === "silent") {
      removeTree(join(dir, SHARED.own, name));
    }
  }
}
