/**
 * lib/cli owns the command line: arguments in, exit code out. It is the only place that prints, and the only one
 * that puts the parts together.
 */
import { LLEM_VERSION } from "../base/version.ts";
import { hearDefects } from "../base/defect.ts";
import { CommandError, type Ending, EXIT } from "../base/refusal.ts";
import { processStreams, type Streams } from "./terminal/streams.ts";

/** Runs one command. Returns the exit code; everything printed has been written by then. */
export async function runCli(args: readonly string[]): Promise<number> {
  const streams = processStreams();
  const tellDefect = async (error: unknown): Promise<number> =>
    (await import("./defect.ts")).tellDefect(error, args, streams);
  hearDefects(async (error) => Deno.exit(await tellDefect(error)));
  let ending: Ending;
  try {
    ending = await dispatch(args, streams);
  } catch (error) {
    return await tellDefect(error);
  }
  // In this order: losing stdout is told on stderr.
  await streams.out.flush();
  await streams.err.flush();
  if (typeof ending !== "number") return ending.passedOn;
  await dieIfStopped(ending);
  return ending;
}

/** A command that a signal stopped ends by that signal: shells and schedulers look at it. */
async function dieIfStopped(exitCode: number): Promise<void> {
  if (exitCode <= 128) return;
  const { STOP_SIGNALS } = await import("../process/inherited.ts");
  const found = Object.entries(STOP_SIGNALS).find(([, code]) => code === exitCode);
  if (found === undefined) return;
  const { dieBySignal } = await import("../process/die_by_signal.ts");
  dieBySignal(found[0] as keyof typeof STOP_SIGNALS);
}

async function dispatch(args: readonly string[], streams: Streams): Promise<Ending> {
  if (args.length === 1 && ["--version", "-V", "version"].includes(args[0] ?? "")) {
    // Before any package is loaded: scripts ask for it often.
    streams.out.write(`llem ${LLEM_VERSION}\n`);
    return EXIT.ok;
  }
  try {
    const { hideOwnSecrets } = await import("./terminal/own_secrets.ts");
    hideOwnSecrets(streams.err);
    const { parseArguments } = await import("./arguments.ts");
    const lookUp = args.includes("--resume")
      ? (await import("./commands/studies_to_read.ts")).newestUnfinishedStudy
      : undefined;
    const parsed = parseArguments(args, undefined, lookUp);
    if (parsed.kind === "text") {
      (parsed.exitCode === EXIT.ok ? streams.out : streams.err).write(parsed.text);
      return parsed.exitCode;
    }
    const { checkSurroundings } = await import("./terminal/surroundings.ts");
    checkSurroundings(streams.err, parsed.kind === "run" && parsed.verbosity === "quiet");
    return await runCommand(parsed, streams);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    streams.err.write(`llem: ${error.message}\n`);
    return error.exitCode;
  }
}

async function runCommand(command: import("./arguments.ts").Command, streams: Streams): Promise<Ending> {
  switch (command.kind) {
    case "run":
      return (await import("./commands/run.ts")).runCommand(command, streams);
    case "plan":
      return printed(await (await import("./commands/plan.ts")).planCommand(command, streams), streams);
    case "status":
      return printed((await import("./commands/status.ts")).statusCommand(command, streams), streams);
    case "show":
      return printed((await import("./commands/show.ts")).showCommand(command, streams), streams);
    case "list":
      return printed((await import("./commands/list/command.ts")).listCommand(command, streams), streams);
    case "compare":
      return printed(
        await (await import("./commands/compare/command.ts")).compareCommand(command, streams),
        streams,
      );
    case "report":
      return printed(
        await (await import("./commands/report/command.ts")).reportCommand(command, streams),
        streams,
      );
    case "export":
      return printed(
        await (await import("./commands/export/command.ts")).exportCommand(command, streams),
        streams,
      );
    case "history":
      return printed(
        await (await import("./commands/history/command.ts")).historyCommand(command, streams),
        streams,
      );
    case "submit":
    case "submit_again":
    case "submit_finish":
      return printed(
        await (await import("./commands/submit/command.ts")).submitCommand(command, streams),
        streams,
      );
    case "kubernetes":
      return printed(
        (await import("./commands/kubernetes/command.ts")).kubernetesCommand(command, streams),
        streams,
      );
    case "stop":
      return printed(
        await (await import("./commands/stop/command.ts")).stopCommand(command, streams),
        streams,
      );
    case "merge":
      return printed((await import("./commands/merge/command.ts")).mergeCommand(command, streams), streams);
    case "reanalyse":
      return printed((await import("./commands/reanalyse.ts")).reanalyseCommand(command, streams), streams);
    case "doctor":
      return printed(await (await import("./commands/doctor.ts")).doctorCommand(command, streams), streams);
    case "meter":
      return (await import("./commands/meter.ts")).meterCommand(command, streams);
    case "mock-server":
      return printed(
        await (await import("./commands/mock_server.ts")).mockServerCommand(command.options, streams),
        streams,
      );
    case "version":
      streams.out.write(`llem ${LLEM_VERSION}\n`);
      return printed(EXIT.ok, streams);
    case "schema":
      return printed((await import("./commands/schema.ts")).schemaCommand(streams), streams);
  }
}

/** The exit code of a command that does nothing but print: a full disk behind stdout must look neither like success nor like a verdict. */
async function printed(exitCode: number, { out }: Streams): Promise<number> {
  await out.flush();
  return exitCode !== EXIT.usage && out.failure !== null ? EXIT.notSaved : exitCode;
}
