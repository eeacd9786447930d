/** The texts of `llem stop` on the command line. */
import { shellWord } from "../../../base/shell_word.ts";
import { plural } from "../../../base/text.ts";
import type { StopMode, StoppedJobs, StopResult } from "../../../session/stop_study.ts";

export const HELP = {
  about: "stop a study that runs, here or on the nodes that share it; it can be gone on with",
  dir: "study directory",
  drain: "let the runs at hand end",
  json: "print one JSON object",
};

/** What was done and what is going to happen, a line each. */
export function stopText(result: StopResult, dir: string): string {
  const resume = `go on with: llem run --resume ${shellWord(dir)}`;
  switch (result.kind) {
    case "not_running":
      return `nothing runs in ${dir}\n`;
    case "asked_before":
      return `process ${result.pid} was asked to end before${
        result.mode === "drain" ? ", after the run at hand" : ""
      }\n`;
    case "signalled":
      if (result.ended) return `stopped: process ${result.pid} has ended\n${resume}\n`;
      return `${
        result.mode === "drain"
          ? `process ${result.pid} ends after the run at hand`
          : `process ${result.pid} was told to end and has not yet`
      }\nthen ${resume}\n`;
    case "elsewhere":
      return `${
        result.host === null
          ? "who runs the study cannot be told"
          : `the study is run by process ${result.pid} on ${result.host}, which cannot be seen from here`
      }; call llem stop there, or cancel its job\n`;
    case "marked":
      return `${marked(result.mode, result.again)}\n${jobs(result.slurm, result.mode)}` +
        `go on with: llem submit ${shellWord(dir)}, or llem run --join ${shellWord(dir)}\n`;
  }
}

function marked(mode: StopMode, again: boolean): string {
  const how = mode === "drain" ? "after the runs at hand" : "within seconds, and their runs are interrupted";
  return again ? `asked before: the agents end ${how}` : `the agents are told: they end ${how}`;
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
