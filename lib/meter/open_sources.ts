import { ownVariable } from "../base/own_environment.ts";
import { openAmd } from "./amd/source.ts";
import { type MeterName, NO_WISH, type OpenSource, type OpenWish } from "./meter.ts";
import { openNvml } from "./nvml/source.ts";
import { openRapl } from "./rapl/source.ts";
import { openReplay } from "./replay.ts";

/** Names a recorded trace that is played in place of every meter. */
export const REPLAY_VARIABLE = "LLEM_METER_REPLAY";

/** How each kind of meter is opened here. */
export function sourceOf(meter: MeterName, wish: OpenWish = NO_WISH): OpenSource {
  switch (meter) {
    case "nvml":
      return (report) => openNvml(report, undefined, wish);
    case "amd":
      return (report) => openAmd(report);
    case "rapl":
      return (report) => openRapl(report);
    case "replay":
      return (report) => openReplay(report, ownVariable(REPLAY_VARIABLE) ?? "");
  }
}
