import { askSlurm } from "../../../cluster/slurm/slurm_command.ts";
import { EXIT } from "../../../base/refusal.ts";
import { jsonText, printableLines } from "../../../base/text.ts";
import { stopStudy } from "../../../session/stop_study.ts";
import type { Streams } from "../../terminal/streams.ts";
import { refusingUnsaved } from "../save_refused.ts";
import { stopText } from "./messages.ts";
import type { StopCommand } from "./options.ts";

/** `llem stop`: ends a study that runs, here or on other nodes. */
export async function stopCommand({ dir, drain, json }: StopCommand, { out }: Streams): Promise<number> {
  const result = await refusingUnsaved(() => stopStudy(dir, drain ? "drain" : "stop", askSlurm));
  out.write(
    json
      ? `${jsonText({ event: "stop", study_dir: dir, ...result })}\n`
      : printableLines(stopText(result, dir)),
  );
  return result.kind === "elsewhere" ? EXIT.runsFailed : EXIT.ok;
}
