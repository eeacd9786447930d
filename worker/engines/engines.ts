/** The engines that this program brings: one folder each, one line here. Others live in Python or are the user's own. */
import type { Backend } from "../../lib/experiment/engines.ts";
import type { Assignment } from "../../lib/protocol/assignment.ts";
import type { Report } from "../report.ts";
import { checkLlamacpp } from "./llamacpp/check.ts";
import { runLlamacpp } from "./llamacpp/main.ts";
import { checkOpenai } from "./openai/check.ts";
import { runOpenai } from "./openai/main.ts";

/** What the worker asks of an engine. */
export interface WorkerEngine {
  /** Sends every frame of a run but for an error; throws what goes wrong. */
  run(assignment: Assignment, report: Report): Promise<void>;
  /** Says as one line of JSON on stdout whether the engine works here; true where it does. The words are its own. */
  check(words: readonly string[]): boolean | Promise<boolean>;
}

export const WORKER_ENGINES: Readonly<Partial<Record<Backend, WorkerEngine>>> = {
  llamacpp: { run: runLlamacpp, check: checkLlamacpp },
  openai: { run: runOpenai, check: checkOpenai },
};
