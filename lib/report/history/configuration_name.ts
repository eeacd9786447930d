import type { ConfigurationHistory } from "../../results/history/history.ts";
import { variedText } from "../run_name.ts";

/** `org/model, pytorch, batch_size=8`: by what a configuration is named, and asked for. */
export function configurationName(
  { model, backend, varied }: Pick<ConfigurationHistory, "model" | "backend" | "varied">,
): string {
  const own = Object.fromEntries(
    Object.entries(varied).filter(([path]) => path !== "model" && path !== "backend"),
  );
  return [model, backend, variedText(own)].filter((part) => part !== "").join(", ");
}
