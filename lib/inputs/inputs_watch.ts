import { join } from "node:path";
import type { ExperimentConfig } from "../experiment/config.ts";
import { joinHash } from "../experiment/identity.ts";
import type { RunInputs } from "../experiment/inputs.ts";
import type { EnvironmentChange } from "../host/environment_changes.ts";
import { type FileMark, lookAgain, markFile } from "./file_mark.ts";
import { changedSinceStart, programMark } from "./messages.ts";
import { aboutRequest, modelRequests } from "./model_request.ts";
import type { StudyInputs } from "./study_inputs.ts";

/**
 * Holds the files that runs load against those with which the study began. A look costs a few microseconds a file; a file is
 * read only where it does not look as it did.
 */
export class InputsWatch {
  readonly #inputs: StudyInputs;
  readonly #dir: string;
  /** The last marks of files by path: one that was put back has another time or inode, and the same content. */
  readonly #marks: Map<string, FileMark>;

  /** `dir` is the study directory; the prompts in it are taken as they are. */
  constructor(inputs: StudyInputs, dir: string) {
    this.#inputs = inputs;
    this.#dir = dir;
    const prompts = inputs.promptsFiles().map((path) => markFile(join(dir, path)));
    const models = [...inputs.marks.values()].flat();
    const marks = [...prompts, ...models, ...inputs.programs].filter((mark) => mark !== null);
    this.#marks = new Map(marks.map((mark) => [mark.path, mark]));
  }

  /** What a run with this configuration is run on. */
  of(config: ExperimentConfig): RunInputs {
    return this.#inputs.of(config);
  }

  /** By what a run with this configuration is joined with those of other studies; null where that is not known. */
  joinHash(config: ExperimentConfig, base_dir: string): string | null {
    return joinHash(config, { ...this.#inputs.contentsOf(config), base_dir });
  }

  /** What a run with this configuration loads that is not as it was, as a sentence; null where all of it is. */
  changeFor(config: ExperimentConfig): string | null {
    for (const request of modelRequests([config])) {
      for (const { path } of this.#inputs.marks.get(request.key) ?? []) {
        const how = this.#changeOf(path);
        if (how !== null) return aboutRequest(request, changedSinceStart(path, how));
      }
    }
    const { prompts } = this.of(config);
    if (prompts === null) return null;
    const path = join(this.#dir, prompts.path);
    const how = this.#changeOf(path);
    return how === null ? null : changedSinceStart(path, how);
  }

  /** Programs and scripts of the user's own that are not what they were when the study began. */
  programChanges(): EnvironmentChange[] {
    return this.#inputs.programs.flatMap(({ path, size, digest }) => {
      const how = this.#changeOf(path);
      if (how === null) return [];
      return [{ path, before: programMark(size, digest), after: how }];
    });
  }

  #changeOf(path: string): string | null {
    const mark = this.#marks.get(path);
    if (mark === undefined) return null;
    const look = lookAgain(mark);
    if (look.kind === "changed") return look.how;
    this.#marks.set(path, look.mark);
    return null;
  }
}
