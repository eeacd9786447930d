import { expandHome } from "../../base/expand_home.ts";
import { EXIT } from "../../base/refusal.ts";
import { jsonText } from "../../base/text.ts";
import { userCacheFolder } from "../../base/user_cache_folder.ts";
import { examine } from "../../doctor/doctor.ts";
import { doctorMeter } from "../../doctor/meter.ts";
import { palette } from "../../report/color.ts";
import { doctorText } from "../../report/doctor_text.ts";
import { RESULTS_DIR } from "../../session/read_plan.ts";
import { loadUserConfig } from "../../session/user_config.ts";
import { NO_USER_CONFIG } from "../../study/user_config.ts";
import type { Command } from "../arguments.ts";
import type { Streams } from "../terminal/streams.ts";

/** `llem doctor`: what this machine can measure and run, and what to do about the rest. */
export async function doctorCommand(
  { json }: Command & { kind: "doctor" },
  streams: Streams,
): Promise<number> {
  const env = Deno.env.toObject();
  const config = loadUserConfig(env).config ?? NO_USER_CONFIG;
  const { ok, checks, backends, devices, boards } = await examine({
    env,
    meter: doctorMeter(env),
    results_dir: expandHome(config.results_dir ?? RESULTS_DIR, env),
    private_files: config.private_files,
    cache: userCacheFolder(env),
  });
  streams.out.write(
    json
      ? `${jsonText({ schema: "llem.doctor/1", ok, checks, backends, devices, boards })}\n`
      : doctorText({ ok, checks }, palette(Deno.stdout.isTerminal(), streams.noColor)),
  );
  return ok ? EXIT.ok : EXIT.preflight;
}
