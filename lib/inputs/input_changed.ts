/** The error of a run whose model, adapter or prompts are not those with which its study began. */
export function inputChanged(change: string): { readonly type: "input_changed"; readonly message: string } {
  return {
    type: "input_changed",
    message: `${change}. Put it back and resume with --resume DIR --retry-failed, or start a new study`,
  };
}
