import * as messages from "../../../../../lib/cli/commands/stop/messages.ts";
import { type SampledMessages, samplesOf } from "../../../samples.ts";

const DIR = "results/study_2026-01-02T03-04-05_a2c4";

const SAMPLES: SampledMessages = samplesOf(messages, {
  stopText: [
    [{ kind: "not_running" }, DIR],
    [{ kind: "asked_before", pid: 12, mode: "stop" }, DIR],
    [{ kind: "asked_before", pid: 12, mode: "drain" }, DIR],
    [{ kind: "signalled", pid: 12, mode: "stop", ended: true }, DIR],
    [{ kind: "signalled", pid: 12, mode: "stop", ended: false }, DIR],
    [{ kind: "signalled", pid: 12, mode: "drain", ended: false }, DIR],
    [{ kind: "elsewhere", host: "gpu3", pid: 12 }, DIR],
    [{ kind: "elsewhere", host: null, pid: null }, DIR],
    [{ kind: "marked", mode: "stop", again: false, slurm: null }, DIR],
    [{ kind: "marked", mode: "drain", again: true, slurm: { cancelled: 1, told: 2, trouble: null } }, DIR],
    [
      { kind: "marked", mode: "stop", again: false, slurm: { cancelled: 0, told: 1, trouble: "absent" } },
      DIR,
    ],
  ],
});
export default SAMPLES;
