import type { MeterMessage } from "../../lib/meter/sample.ts";
import { buildNvmlStub } from "../../tests/support/nvml_stub.ts";
import type { Figure } from "./figure.ts";
import { meterFigures } from "./meter_figures.ts";
import { startMeter } from "./meter_process.ts";

const PERIOD_MS = 50;
const WARM_UP_S = 3;

/** What the meter process costs, and how well it keeps its pace: on eight boards that are not there. */
export async function measureMeter(
  { seconds }: { readonly seconds: number },
): Promise<Figure[]> {
  const boards = Array.from({ length: 8 }, (_, index) => ({ uuid: `GPU-bench-${index}` }));
  const env = buildNvmlStub().env({ boards });
  await using meter = startMeter(env, PERIOD_MS);
  const messages: MeterMessage[] = [];
  let firstNs: number | null = null;
  for await (const message of meter.messages) {
    const tNs = timeOf(message);
    if (tNs === null) continue;
    firstNs ??= tNs;
    if (tNs - firstNs >= WARM_UP_S * 1e9) messages.push(message);
    if (tNs - firstNs >= (WARM_UP_S + seconds) * 1e9) return meterFigures(messages, PERIOD_MS);
  }
  throw new Error("the meter process ended by itself");
}

function timeOf(message: MeterMessage): number | null {
  if (message.type === "hello") return null;
  return message.type === "power" ? message.t_ns[0] ?? null : message.t_ns;
}
