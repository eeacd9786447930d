/** The texts of `llem stop` on the command line. */
import { shellWord } from "../../../base/shell_word.ts";
import { plural } from "../../../base/text.ts";
import type { StopMode, StoppedJobs, StopResult } from "../../../session/stop_study.ts";

export const HELP = {
  about: "stop a running study, here or on all nodes that share it; it can be resumed",
  dir: "study directory",
  drain: "let the current runs end first",
  json: "print one JSON object",
};

/** What was done and what is going to happen, a line each. */
export function stopText(result: StopResult, dir: string): string {
  const resume = `resume with: llem run --resume ${shellWord(dir)}`;
  switch (result.kind) {
    case "not_running":
      return `nothing runs in ${dir}\n`;
    case "asked_before":
      return `process ${result.pid} has been told to stop before${
        result.mode === "drain" ? ", after its current runs" : ""
      }\n`;
    case "signalled":
      if (result.ended) return `stopped: process ${result.pid} has ended\n${resume}\n`;
      return `${
        result.mode === "drain"
          ? `process ${result.pid} ends after its current runs`
          : `process ${result.pid} was told to stop and has not ended yet`
      }\nthen ${resume}\n`;
    case "elsewhere":
      return `${
        result.host === null
          ? "nothing tells which process runs the study"
          : `process ${result.pid} on ${result.host} runs the study, out of reach from here`
      }; call llem stop there, or cancel its job\n`;
    case "marked":
      return `${marked(result.mode, result.again)}\n${jobs(result.slurm, result.mode)}` +
        `continue with: ${result.slurm === null ? "" : `llem submit ${shellWord(dir)}, or `}llem run --join ${
          shellWord(dir)
        }\n`;
  }
}

function marked(mode: StopMode, again: boolean): string {
  const how = mode === "drain"
    ? "after their current runs"
    : "within seconds, and their current runs are interrupted";
  return `the agents have been told to stop${again ? " before" : ""}: they end ${how}`;
}

function jobs(slurm: StoppedJobs | null, mode: StopMode): string {
  if (slurm === null) return "";
  const { cancelled, told, trouble } = slurm;
  const signal = mode === "drain" ? "USR2" : "TERM";
  const parts = [
    ...cancelled === 0 ? [] : [`${plural(cancelled, "waiting task")} cancelled`],
    ...told === 0 ? [] : [`${plural(told, "running task")} sent ${signal}`],
  ];
  const done = parts.length === 0 ? "" : `Slurm: ${parts.join(", ")}\n`;
  return trouble === null ? done : `${done}Slurm did not do all of it: ${trouble}\n`;
}
