import { ownChild } from "../base/own_children.ts";
import { explainSpawnError } from "./spawn_error.ts";

/** Starts a process of our own, which is no run's. Throws, in words for people, where the system does not let it. */
export function spawnHelper(program: string, options: Deno.CommandOptions): Deno.ChildProcess {
  try {
    return ownChild(new Deno.Command(program, options).spawn());
  } catch (error) {
    const { message } = explainSpawnError(error, { program, cwd: String(options.cwd ?? "/") });
    throw new Error(`${message}.`, { cause: error });
  }
}
