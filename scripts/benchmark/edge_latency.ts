import { monotonicMs } from "../../lib/base/clock.ts";
import { MeterClient } from "../../lib/meter/meter_client.ts";
import type { Figure } from "./figure.ts";
import { percentile } from "./percentile.ts";
import { LLEM } from "./places.ts";

const EDGES = 60;

/** How long a run waits for one edge: from asking the meter process until all counters and states have been heard. */
export async function measureEdges(
  env: Readonly<Record<string, string>>,
  periodMs: number,
): Promise<Figure[]> {
  const program = { program: LLEM, args: [], env };
  const client = await MeterClient.start(program, { meters: ["nvml"], period_ms: periodMs });
  if ("reason" in client) throw new Error(client.reason);
  await using meter = client;
  const times: number[] = [];
  for (let edge = 0; edge < EDGES; edge++) {
    // At ever other points of the grid on which the meter reads.
    await new Promise((resolve) => setTimeout(resolve, periodMs + edge));
    const beginMs = monotonicMs();
    await meter.edge();
    times.push(monotonicMs() - beginMs);
  }
  const remark = `${meter.hello.devices.length} boards, ${EDGES} edges`;
  return [
    { name: "meter_edge_ms_p50", value: percentile(times, 50), aim: null, remark },
    { name: "meter_edge_ms_p99", value: percentile(times, 99), aim: null, remark },
  ];
}
