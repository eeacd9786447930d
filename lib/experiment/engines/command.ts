import { z } from "zod";
import { isJsonObject } from "../../base/json.ts";
import type { EngineDeclaration } from "../engine_declaration.ts";
import { note } from "../field_notes.ts";
import { open } from "../fields.ts";
import { alreadySet, programNeeded } from "./messages.ts";

/** A worker of the user's own. */
export const commandSchema = z.strictObject({
  argv: z.array(z.string().min(1)).min(1).describe(
    "the program and its arguments; a program with a slash is relative to the study file, others are looked up in PATH",
  ),
  env: z.record(z.string(), z.string()).default({}).describe(
    'environment variables to set for the worker, such as { OMP_NUM_THREADS: "4" }; pass secrets with env_from',
  ),
  env_from: z.array(z.string().min(1)).default([]).describe(
    "names of environment variables that the worker needs; they must be set for llem, and their values are never written",
  ),
  waits_for_gate: note(
    open(z.boolean()).describe(
      "the worker sends `ready` once it has loaded, and waits for the gate; null is false: nothing runs beside its runs",
    ),
    { outsideIdentity: true },
  ),
});

/** Any program that speaks the worker protocol. */
export const command = {
  section: open(commandSchema).describe("backend command: a worker of your own"),
  needs_section: programNeeded(),
  fields: {
    params: z.record(z.string(), z.json()).default({}).describe("free-form parameters for a command worker"),
  },
  rules: [
    (read) => {
      const [env, names] = [read("command.env"), read("command.env_from")];
      if (!isJsonObject(env) || !Array.isArray(names)) return null;
      const twice = names.filter((name) => typeof name === "string" && Object.hasOwn(env, name));
      if (twice.length === 0) return null;
      return {
        at: "command.env_from",
        fields: ["command.env", "command.env_from"],
        ...alreadySet(twice, "command.env"),
      };
    },
  ],
  upstream: null,
  former_names: {},
  precision: "unknown",
  models: "elsewhere",
  path_fields: { "command.argv": "command_line" },
  model_names: [],
  revision: null,
  variable_fields: { set: "command.env", named: "command.env_from" },
  secret_fields: { arguments: "command.argv", address: null },
  remote_code: null,
  concurrency: null,
  workload_known: false,
  serves: null,
  meaning: null,
  variables: [],
} satisfies EngineDeclaration;
