import * as messages from "../../../../../../lib/report/html/charts/runs/messages.ts";
import { type SampledMessages, samplesOf } from "../../../../samples.ts";

const name = "batch=8";

const SAMPLES: SampledMessages = samplesOf(messages, {
  latencyTitle: [["TTFT"]],
  runNameText: [[name, 2]],
  pooledNameText: [["batch=8"]],
  limitText: [[500]],
  percentileHead: [[0.99]],
  latencyText: [
    [{ label: "TTFT", runs: 10, pooled: 2, low: "31", high: "42", limit: null, fromRecord: false }],
    [{ label: "TTFT", runs: 10, low: "31", high: "42", limit: null, fromRecord: false }],
    [{ label: "TTFT", runs: 1, low: "31", high: "31", limit: 500, fromRecord: true }],
  ],
  timelineAxis: [["min"]],
  attemptText: [[name, 2, "timed out", "30", null], [name, 1, "completed", "30", "slot 2 (GPU-1)"]],
  slotText: [["2", "GPU-1, GPU-2"], ["0", undefined]],
  outcomeWord: [["timed_out"]],
  cycleText: [[2]],
  beginHead: [["min"]],
  timelineText: [
    [{ attempts: 15, failed: 0, time: "1.5", unit: "h", busy: "97" }],
    [{ attempts: 15, failed: 2, time: "1.5", unit: "h", busy: "97" }],
  ],
  energySplitTitle: [["J/token"]],
  energyPartText: [[name, "loaded model", "0.1", "J/token"]],
  energySplitText: [
    [{ unit: "J/token", least: "60", most: "70", isUseful: true }],
    [{ unit: "J/run", least: "60", most: "60", isUseful: true }],
    [{ unit: "J/run", least: "0", most: "0", isUseful: false }],
  ],
  heatRunText: [[7, name, "52", "62"]],
  heatText: [
    [{ kind: "temperature", runs: 15, low: "52", high: "62", throttled: 0 }],
    [{ kind: "clocks", runs: 15, low: "1830", high: "1905", throttled: 2 }],
  ],
  boardText: [[0, "GPU-12345678-1234-1234-1234-123456789012"]],
  powerText: [
    [{ runs: 6, devices: 2, traced: 0, choice: "none" }],
    [{ runs: 6, devices: 1, traced: 4, choice: "flagged" }],
    [{ runs: 6, devices: 1, traced: 15, choice: "all" }],
  ],
});
export default SAMPLES;
