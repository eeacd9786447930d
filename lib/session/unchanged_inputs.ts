import { inputChanged } from "../inputs/input_changed.ts";
import type { InputsWatch } from "../inputs/inputs_watch.ts";
import type { Emit } from "../journal/runner_event.ts";
import type { Launcher } from "../launch/attempt_request.ts";
import { programChanged } from "./messages.ts";

/** Starts no run on other files than those with which the study began. */
export function launchUnchanged(launch: Launcher, inputs: InputsWatch): Launcher {
  return (request) => {
    const change = inputs.changeFor(request.run.config);
    if (change === null) return launch(request);
    const { type: errno, message } = inputChanged(change);
    return { failure: { errno, message } };
  };
}

/** Programs of the user's own may change as they like; whoever compares runs wants to know. */
export function tellChangedPrograms(inputs: InputsWatch, emit: Emit): void {
  for (const { path, after } of inputs.programChanges()) {
    const text = programChanged(path, `${after}`);
    emit({ type: "warning", code: "program_changed", text });
  }
}
