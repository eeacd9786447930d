import { inputChangedError } from "./messages.ts";

/** The error of a run whose model, adapter or prompts are not those with which its study began. */
export function inputChanged(change: string): { readonly type: "input_changed"; readonly message: string } {
  return { type: "input_changed", message: inputChangedError(change) };
}
