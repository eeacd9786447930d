import * as messages from "../../../../../../lib/report/html/charts/experiments/messages.ts";
import { type SampledMessages, samplesOf } from "../../../../samples.ts";

const [label, name, base, best] = ["J/token", "batch=8", "batch=1", "batch=8: 0.28 [0.27, 0.29]"];

const SAMPLES: SampledMessages = samplesOf(messages, {
  throughputTitle: [["TTFT p99 ms"]],
  throughputLatencyText: [
    [{ rate: "total", label: "TTFT p99 ms", count: 3, front: [name, base], isSure: true, bars: "whole" }],
    [{ rate: "total", label: "TTFT p99 ms", count: 3, front: [name], isSure: false, bars: "cut" }],
    [{ rate: "requests", label: "TTFT ms", count: 2, front: [name], isSure: true, bars: "whole" }],
    [{ rate: "gpu", label: "TTFT ms", count: 2, front: [name], isSure: true, bars: "whole" }],
    [{ rate: "user", label: "TTFT ms", count: 2, front: [name], isSure: true, bars: "whole" }],
    [{ rate: "total", label: "TTFT p99 ms", count: 900, front: [name], isSure: false, bars: "none" }],
  ],
  sweptTitle: [[label, "batch"]],
  sweptLayerText: [[label, "fit"], [label, "linear"], [label, "log"]],
  cycleValueText: [[2, "0.31"]],
  sweptText: [[{ label, name: "batch", count: 4, best: null, areCut: false }], [{
    label,
    name: "batch",
    count: 4,
    best,
    areCut: true,
  }]],
  forestTitle: [[label, base]],
  forestText: [
    [{ label, base, margin: 0.02, counts: { better: 2, undecided: 1 }, left_out: 0 }],
    [{ label, base, margin: 0.02, counts: { worse: 1 }, left_out: 1 }],
  ],
  stripTitle: [[label]],
  runValueText: [[name, 2, "0.31"], [null, 2, "0.31"]],
  cycleMarksText: [[2, "outlier, contended"]],
  stripText: [
    [{ label, runs: 15, experiments: 3, flagged: 0 }],
    [{ label, runs: 15, experiments: 3, flagged: 2 }],
  ],
  flaggedText: [[[]], [["outlier", "contended"]]],
  residualsTitle: [[label]],
  residualText: [[7, name, 2, "-1.2"]],
  residualsText: [
    [{ runs: 15, most: "-3.1", at: 7, trend: { tau: 0.7333, p: 0.0556 }, left_out: 0 }],
    [{ runs: 2, most: "-3.1", at: 1, trend: null, left_out: 0 }],
  ],
  fieldTitle: [[label, "batch", "threads"]],
  fieldText: [
    [{ label, x: "batch", y: "threads", count: 12, best: null }],
    [{ label, x: "batch", y: "threads", count: 12, best }],
  ],
  parallelTitle: [[label]],
  parallelText: [
    [{ label, count: 12, axes: ["batch", "threads", "dtype"], best: null }],
    [{ label, count: 12, axes: ["batch", "threads", "dtype"], best }],
  ],
});
export default SAMPLES;
