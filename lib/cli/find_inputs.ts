import type { InputsContext } from "../inputs/inputs_context.ts";
import { prepareInputs } from "../inputs/prepare_inputs.ts";
import { INPUTS_FILE, restoreInputs, type StudyInputs } from "../inputs/study_inputs.ts";
import type { Plan } from "../plan/plan.ts";
import { STOP_SIGNALS } from "../process/inherited.ts";
import type { StopSwitch } from "../runner/stop.ts";
import { realDisk } from "../storage/disk.ts";
import { CommandError, EXIT } from "./exit_code.ts";

type Place = Omit<InputsContext, "env">;

/** Models and prompts of a new study. Throws CommandError with everything that is missing, or where it is stopped. */
export async function findInputsUnlessStopped(
  plan: Plan,
  place: Omit<Place, "signal">,
  stop: StopSwitch,
): Promise<StudyInputs> {
  try {
    return await findInputs(plan, { ...place, signal: stop.signal });
  } catch (error) {
    if (stop.requested === null) throw error;
    const message = `stopped by ${stop.requested} while looking for models and prompts; nothing was begun.`;
    throw new CommandError(STOP_SIGNALS[stop.requested], message);
  }
}

async function findInputs(plan: Plan, place: Place): Promise<StudyInputs> {
  const configs = [...new Map(plan.runs.map((run) => [run.config_hash, run.config])).values()];
  const { inputs, problems } = await prepareInputs(configs, { ...place, env: Deno.env.toObject() });
  if (problems.length > 0) throw new CommandError(EXIT.preflight, problems.join("\nllem: "));
  return inputs;
}

/** Those that the study began with; found anew, and saved, for a study of an earlier llem that wrote none down. */
export async function restoreOrFindInputs(dir: string, plan: Plan, place: Place): Promise<StudyInputs> {
  try {
    const inputs = restoreInputs(dir);
    const changed = inputs.changedPrompts(dir);
    if (changed.length === 0) return inputs;
    throw new CommandError(
      EXIT.usage,
      `${changed.join(", ")} was changed or removed after the study began. Undo that, or start a new study.`,
    );
  } catch (error) {
    if (error instanceof CommandError) throw error;
    if (!(error instanceof Deno.errors.NotFound)) {
      throw new CommandError(EXIT.usage, `Cannot read ${dir}/${INPUTS_FILE}: ${(error as Error).message}`);
    }
  }
  const inputs = await findInputs(plan, place);
  inputs.save(realDisk, dir);
  return inputs;
}
