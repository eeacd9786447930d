import type { ExperimentConfig } from "../experiment/config.ts";
import type { ResolvedModel } from "../experiment/inputs.ts";
import { missingFiles, type ModelPart } from "../hub/model_files.ts";
import { type FileMark, lookAgain } from "./file_mark.ts";
import { isGguf } from "./weights/gguf.ts";
import { changedSinceStart, lacksFiles, modelVanished, noLongerExists } from "./messages.ts";
import { modelRequests, subjectOf } from "./model_request.ts";
import type { StudyInputs } from "./study_inputs.ts";

/**
 * A sentence for each model of these configurations that was found when the study began and is not there any more, or is
 * another one by now.
 */
export function vanishedModels(configs: readonly ExperimentConfig[], inputs: StudyInputs): string[] {
  return modelRequests(configs).flatMap((request) => {
    const model = inputs.model(request.key);
    if (model === null) return [];
    const gone = whyGone(model, request.part);
    const told = gone === null
      ? whyChanged(inputs.marks.get(request.key) ?? [])
      : changedSinceStart(model.path ?? "", gone);
    return told === null ? [] : [modelVanished(subjectOf(request), told, downloadOf(model))];
  });
}

function whyGone({ kind, path }: ResolvedModel, part: ModelPart): string | null {
  if (path === null) return null;
  if (kind === "file") return isGguf(path) ? null : noLongerExists();
  const missing = missingFiles(path, part);
  return missing.length === 0 ? null : lacksFiles(missing);
}

function whyChanged(marks: readonly FileMark[]): string | null {
  for (const mark of marks) {
    const look = lookAgain(mark);
    if (look.kind === "changed") return changedSinceStart(mark.path, look.how);
  }
  return null;
}

/** Null for a model that no hub has. */
function downloadOf({ hub_id, revision }: ResolvedModel): Parameters<typeof modelVanished>[2] {
  return hub_id === null ? null : { id: hub_id, revision };
}
