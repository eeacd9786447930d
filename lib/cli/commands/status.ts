import { makeManifest } from "../../journal/manifest.ts";
import { statusRecord } from "../../report/status_record.ts";
import { statusText } from "../../report/status_text.ts";
import { jsonText, printable, printableLines } from "../../base/text.ts";
import type { Command } from "../arguments.ts";
import { EXIT } from "../../base/refusal.ts";
import { studiesToRead } from "./studies_to_read.ts";
import type { Streams } from "../terminal/streams.ts";
import { sloOfRuns } from "../../archive/summary_builder.ts";
import { findRunner } from "../../archive/runner_presence.ts";
import { withoutMissing } from "../../archive/missing_results.ts";
import { boardNumbers } from "../../archive/board_numbers.ts";
import { agentsAtWork } from "../../archive/shared/agents_at_work.ts";
import { isShared } from "../../cluster/agents.ts";
import { agentRecord, agentsText } from "../../report/agents/agents_text.ts";
import { openStudy } from "../../archive/open_study.ts";

/**
 * `llem status`: what is done, running and left. Takes no lock, so it works while the study runs. With --json one line
 * for each study.
 */
export function statusCommand(command: Command & { kind: "status" }, streams: Streams): number {
  const tell = (line: string): void => void streams.err.write(`llem: ${printable(line)}\n`);
  const { studies, listing } = studiesToRead(command, "llem status", tell);
  (command.json ? streams.err : streams.out).write(printableLines(listing));
  for (const study of studies) {
    if (studies.length > 1 && !command.json) streams.out.write(`${printable(study)}:\n`);
    streams.out.write(statusOf(study, command, tell));
  }
  return studies.length === 0 && command.json ? EXIT.usage : EXIT.ok;
}

function statusOf(
  study: string,
  { json }: { readonly json: boolean },
  tell: (line: string) => void,
): string {
  const { dir, plan, state: journaled, others } = openStudy(study);
  const agents = isShared(dir) ? agentsAtWork(dir, others) : null;
  const now = new Date().toISOString();
  const state = withoutMissing(dir, journaled);
  const runner = findRunner(dir);
  const slo = plan.slo === null ? null : { limits: plan.slo, ...sloOfRuns(dir, plan, state) };
  const record = statusRecord(makeManifest(plan, state), plan, runner, slo);
  for (const { trouble } of others) if (trouble !== null) tell(trouble);
  const shared = agents === null ? {} : { agents: agents.map(agentRecord) };
  return json
    ? `${jsonText({ study_dir: dir, ...record, ...shared })}\n`
    : statusText(record, runner, { dir, now, boards: boardNumbers(dir) }) + agentsText(agents ?? [], now);
}
