import { expandHome } from "../../base/expand_home.ts";
import { userCacheFolder } from "../../base/user_cache_folder.ts";
import { loadavg } from "node:os";
import { readEnvironment } from "../../host/environment.ts";
import { palette } from "../../report/color.ts";
import { doctorText } from "../../report/doctor_text.ts";
import { jsonText } from "../../base/text.ts";
import { NO_USER_CONFIG } from "../../study/user_config.ts";
import type { Command } from "../arguments.ts";
import { dockerCheck } from "../../doctor/docker.ts";
import { lookAtBoards, type ReadPowerFast } from "../../doctor/boards.ts";
import { energyChecks, type MeterAnswer } from "../../doctor/energy.ts";
import { engineChecks } from "../../doctor/engines.ts";
import { fileChecks } from "../../doctor/files.ts";
import { machineChecks } from "../../doctor/machine.ts";
import { processChecks } from "../../doctor/processes.ts";
import { EXIT } from "../../base/refusal.ts";
import { RESULTS_DIR } from "../../session/read_plan.ts";
import type { Streams } from "../terminal/streams.ts";
import { loadUserConfig } from "../../session/user_config.ts";

/** How doctor reaches the meter. */
export interface DoctorMeter {
  /** Starts the meter and takes its first words; the reason where it does not come up. Never throws. */
  readMeter(): Promise<MeterAnswer>;
  readonly readPowerFast: ReadPowerFast;
}

/** `llem doctor`: what this machine can measure and run, and what to do about the rest. */
export async function doctorCommand(
  { json }: Command & { kind: "doctor" },
  streams: Streams,
  meter: DoctorMeter,
): Promise<number> {
  const env = Deno.env.toObject();
  const config = loadUserConfig(env).config ?? NO_USER_CONFIG;
  const cache = userCacheFolder(env);
  // Before the rest makes work of its own.
  const [load = 0] = loadavg();
  const answer = await meter.readMeter();
  const devices = "reason" in answer ? [] : answer.devices;
  const boards = await lookAtBoards(devices, meter.readPowerFast, cache);
  const checks = [
    ...energyChecks(answer, boards),
    ...await engineChecks(env),
    await dockerCheck(env),
    ...await processChecks(),
    ...fileChecks(expandHome(config.results_dir ?? RESULTS_DIR, env), cache),
    ...machineChecks(readEnvironment(env), load),
  ];
  const ok = checks.every(({ status }) => status !== "broken");
  streams.out.write(
    json
      ? `${jsonText({ schema: "llem.doctor/1", ok, checks, devices, boards: boards.map(boardRecord) })}\n`
      : doctorText({ ok, checks }, palette(Deno.stdout.isTerminal(), streams.noColor)),
  );
  return ok ? EXIT.ok : EXIT.preflight;
}

/** One row per board, the same keys whether its pace is known or not. */
function boardRecord({ uuid, pace }: Awaited<ReturnType<typeof lookAtBoards>>[number]): unknown {
  return "reason" in pace
    ? { uuid, driver: null, period_ms: null, taken_at: null, reason: pace.reason }
    : { ...pace, reason: null };
}
