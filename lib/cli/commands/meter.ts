import type { Palette } from "../../report/color.ts";
import { palette } from "../../report/color.ts";
import { LiveMeter } from "../../report/metered/live_meter.ts";
import { jsonText, printable } from "../../base/text.ts";
import { MeterClient } from "../../meter/meter_client.ts";
import { STOP_SIGNALS } from "../../process/inherited.ts";
import { pause } from "../../base/abort.ts";
import { StopSwitch } from "../../process/stop.ts";
import type { Command } from "../arguments.ts";
import { CommandError, type Ending, EXIT } from "../../base/refusal.ts";
import { meterEnded, meterWarning, noMeter } from "../messages.ts";
import { meterProgram } from "./meter_program.ts";
import { listenForStop } from "../terminal/signals.ts";
import { startMeter } from "../../metering/start_meter.ts";
import type { Streams } from "../terminal/streams.ts";

const REDRAW_MS = 1000;
const CLEAR_SCREEN = "\x1b[H\x1b[2J";

/** `llem meter`: what the machine draws, live; with a command, what that command took. */
export async function meterCommand(
  command: Command & { kind: "meter" },
  streams: Streams,
): Promise<Ending> {
  const env = Deno.env.toObject();
  const client = await startMeter({ env, period_ms: command.period_ms });
  if ("reason" in client) throw new CommandError(EXIT.preflight, noMeter(client.reason));
  await using meter = client;
  for (const { text, remedy } of meter.early) {
    streams.err.write(`llem: ${printable(meterWarning(text, remedy))}\n`);
  }
  if (command.argv.length > 0) return await meterProgram(command, meter, streams);
  return await showLive(meter, streams, command.json || !streams.outIsTerminal);
}

/** Until a signal or the reader ends it. */
async function showLive(meter: MeterClient, streams: Streams, json: boolean): Promise<number> {
  const stop = new StopSwitch();
  using _ = listenForStop(stop);
  const live = new LiveMeter(meter.hello.devices);
  const colors: Palette = palette(streams.outIsTerminal, streams.noColor);
  const { out } = streams;
  let hasEnded = false;
  const ended = new AbortController();
  if (json) out.write(`${jsonText(meter.hello)}\n`);
  using _listening = meter.listen((message) => {
    if (json) out.write(`${jsonText(message)}\n`);
    else live.take(message);
    if (message.type !== "trouble" || message.code !== "ended") return;
    hasEnded = true;
    ended.abort();
  });
  out.closed.addEventListener("abort", () => ended.abort());
  while (!stop.signal.aborted && !ended.signal.aborted) {
    await pause(REDRAW_MS, stop.signal, ended.signal, out.closed);
    if (!json) out.writeIfIdle(`${CLEAR_SCREEN}${live.text(colors)}`);
    if (out.closed.aborted) break;
  }
  if (hasEnded) throw new CommandError(EXIT.preflight, meterEnded());
  if (stop.requested !== null) return STOP_SIGNALS[stop.requested];
  return out.failure === null ? EXIT.ok : EXIT.notSaved;
}
