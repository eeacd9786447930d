import { ownVariable } from "../base/own_environment.ts";
import { openAmd } from "./amd/source.ts";
import type { MeterName, OpenSource } from "./meter.ts";
import { openNvml } from "./nvml/source.ts";
import { openRapl } from "./rapl/source.ts";
import { openReplay } from "./replay.ts";

/** Names a recorded trace that is played in place of every meter. */
export const REPLAY_VARIABLE = "LLEM_METER_REPLAY";

/** How each kind of meter is opened here. `avoid` names devices that hang: opening one more time what hangs would hang. */
export function sourceOf(meter: MeterName, avoid: readonly string[] = []): OpenSource {
  switch (meter) {
    case "nvml":
      return (report) => openNvml(report, undefined, avoid);
    case "amd":
      return (report) => openAmd(report);
    case "rapl":
      return (report) => openRapl(report);
    case "replay":
      return (report) => openReplay(report, ownVariable(REPLAY_VARIABLE) ?? "");
  }
}
