import { z } from "zod";
import type { EngineDeclaration } from "../engine_declaration.ts";
import { open } from "../fields.ts";

/** A worker of the user's own. */
export const commandSchema = z.strictObject({
  argv: z.array(z.string().min(1)).min(1).describe(
    "the program and its arguments; a program with a slash is relative to the study file, any other is taken from PATH",
  ),
  env: z.record(z.string(), z.string()).default({}).describe("added to the environment of the worker"),
});

/** Any program that speaks the worker protocol. */
export const command = {
  section: open(commandSchema).describe("backend command: a worker of your own"),
  needs_section: { what: "a program to run", hint: "add command: { argv: [program, argument] }" },
  fields: {
    params: z.record(z.string(), z.json()).default({}).describe("free mapping for a command worker"),
  },
  rules: [],
  upstream: null,
  former_names: {},
  precision: "unknown",
  models: "elsewhere",
  revision: null,
  remote_code: null,
  workload_known: false,
  variables: [],
} satisfies EngineDeclaration;
