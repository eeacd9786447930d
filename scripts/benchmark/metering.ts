import type { MeterMessage } from "../../lib/meter/sample.ts";
import { C_COMPILER } from "../../tests/support/needs.ts";
import { buildNvmlStub } from "../../tests/support/nvml_stub.ts";
import { measureEdges } from "./edge_latency.ts";
import type { Figure } from "./figure.ts";
import { measureMeteredOverhead } from "./metered_overhead.ts";
import { meterFigures } from "./meter_figures.ts";
import { startMeter } from "./meter_process.ts";

const PERIOD_MS = 50;
const WARM_UP_S = 3;

export interface MeterTimes {
  readonly seconds: number;
  readonly rounds: number;
  readonly runsPerRound: number;
}

/** What metering costs, and how well the meter keeps its pace: on eight boards that are not there. */
export async function measureMeter(
  { seconds, ...studies }: MeterTimes,
  hasCompiler: () => boolean = C_COMPILER.isMet,
): Promise<Figure[]> {
  if (!hasCompiler()) return [NOT_MEASURED];
  const boards = Array.from({ length: 8 }, (_, index) => ({ uuid: `GPU-bench-${index}` }));
  const env = buildNvmlStub().env({ boards });
  return [
    ...await measureProcess(env, seconds),
    ...await measureEdges(env, PERIOD_MS),
    ...await measureMeteredOverhead(env, studies),
  ];
}

const NOT_MEASURED: Figure = {
  name: "meter",
  value: null,
  aim: null,
  remark: `not measured: the boards that stand in for real ones need ${C_COMPILER.what}`,
};

async function measureProcess(env: Readonly<Record<string, string>>, seconds: number): Promise<Figure[]> {
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
