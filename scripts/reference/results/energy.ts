/** `energy` of result.json. */
import type { DeviceRow, EnergyRecord, LevelRow } from "../../../lib/results/energy/record.ts";
import { type FieldsOf, flag, group, groups, list, number, open, text } from "./field.ts";

const DEVICE: FieldsOf<DeviceRow> = {
  uuid: text("UUID of the GPU, or name of a CPU package or memory"),
  name: text("its name"),
  source: text("`counter` or `integral` of power: which of both counts"),
  joules: number("J", "energy over the window, by the source"),
  counter_j: number("J", "by its energy counter"),
  integral_j: number("J", "by the integral of its readings of power"),
  ratio: number("1", "counter over integral"),
  notes: list("why a meter of it gave no number, or was not used"),
  avg_power_w: number("W", "average power over the window"),
  samples: number(null, "readings of power in the window"),
  longest_gap_ms: number("ms", "longest time between two of them"),
  power: text("what a reading is: `instant`, `average_1s` or `average`"),
  trimmed: flag("a second was left out at both edges, as readings are averages"),
  update_period_ms: number("ms", "how often the device updates its readings"),
  update_period_from: text("`calibration` or `assumed`"),
  correction_j: number("J", "joules moved to come from the counter's readings to the exact edges"),
};

const LEVEL: FieldsOf<LevelRow> = {
  power_w: number("W", "of all devices of the headline together"),
  reason: text("why it is null"),
  drift_w: number("W", "after less before the window, where the worker idled on both sides"),
  devices: open("each device by its UUID: `power_w`, `seconds`, and for the bare baseline when it was taken"),
};

const NET = {
  bare: number("J", "without what the devices draw without any worker"),
  context: number("J", "without what they draw with a context and nothing else"),
  loaded: number("J", "without what the loaded model draws when idle"),
};

export const ENERGY: FieldsOf<EnergyRecord> = {
  headline_j: number("J", "energy of the devices over the window; null where the verdict is `unattributable`"),
  method: text("which meter it comes from: `nvml_counter`, `nvml_integral`, `amd_counter`, `rapl` ... or `mixed`"),
  verdict: text("`resolved`, `marginal` or `unattributable`: see [Energy](energy.md)"),
  verdict_reasons: list("why it is not `resolved`, one sentence each"),
  covers: text("what the number covers, in words"),
  window_s: number("s", "length of the window: the union of the `measure` phases"),
  uncertainty_j: number("J", "expanded (k = 2), without the gain of the sensor"),
  relative: number("1", "`uncertainty_j` over `headline_j`"),
  avg_power_w: number("W", "`headline_j` per second"),
  j_per_output_token: number("J/token", "per generated token"),
  j_per_total_token: number("J/token", "per token of prompts and generated tokens"),
  net_j_per_output_token: number("J/token", "of `net_j.loaded`, per generated token"),
  idle_share: number("1", "what the loaded model would have drawn idle, over the headline"),
  output_tokens: number("tokens", "what joules are divided by"),
  total_tokens: number("tokens", "the same with the tokens of prompts"),
  wh_per_1000_requests: number("Wh", "energy of 1000 requests"),
  budget: group("standard uncertainties (k = 1); null does not apply", {
    edges_j: number("J", "edges of the window against the update period of the sensor; differs from run to run"),
    sampling_j: number("J", "integral only: spread of the readings; differs from run to run"),
    disagreement_j: number("J", "counter against integral; the same for all runs on one board"),
    baseline_j: number("J", "of the bare baseline: concerns `net_j` only, and is not in the total"),
    gain_cross_board_j: number("J", "of the sensor's gain: counts between boards, and is not in the total"),
    repeat_j: number("J", "always null: one run does not tell; the summary does"),
    total_j: number("J", "root of the sum of squares, expanded (k = 2)"),
  }),
  devices: groups("the devices whose sum the headline is", DEVICE),
  idle_peers: groups("GPUs that the run might have used and did not: in no sum", DEVICE),
  host: group("CPU packages and memory; in the headline only where `method` is `rapl`", {
    package_j: number("J", "CPU packages"),
    dram_j: number("J", "memory"),
    unread: groups("what could not be read: no sum covers its kind", {
      uuid: text("its name"),
      reason: text("why"),
    }),
    reason: text("why nothing of it is told, where other runs of the study were on the machine"),
    devices: groups("each of them", DEVICE),
  }),
  baseline: group("idle power", {
    bare: group("without any worker", LEVEL),
    context: group("with a context and nothing else (the worker's `context_idle`)", LEVEL),
    loaded: group("with the loaded model and no work (the worker's `loaded_idle`)", LEVEL),
  }),
  net_j: group("the headline less what was drawn anyway; a difference, which may be negative", {
    ...NET,
    uncertainty_j: group("expanded (k = 2)", NET),
  }),
  phases: groups("energy of each phase of the worker", {
    name: text("name of the phase"),
    windows: number(null, "windows of that name, overlapping ones joined"),
    seconds: number("s", "their length"),
    joules: number("J", "their energy"),
    uncertainty_j: number("J", "expanded (k = 2)"),
    avg_power_w: number("W", "average power"),
    reason: text("why there are no joules"),
  }),
  throttle: group("what held clocks down", {
    disqualifying: list("causes that make it a number of a board in trouble"),
    devices: groups("each device", {
      uuid: text("its UUID"),
      source: text("`counters` are exact, `sampled` misses short events"),
      seconds: open("seconds by cause"),
      disqualifying: list("its disqualifying causes"),
    }),
  }),
  clocks: groups("clocks of each device over the window", {
    uuid: text("its UUID"),
    sm_mhz: group("of its multiprocessors", { mean: number("MHz", "mean"), min: number("MHz", "lowest") }),
    memory_mhz: group("of its memory", { mean: number("MHz", "mean"), min: number("MHz", "lowest") }),
    power_limits_w: list("power limits that were seen", "W"),
  }),
  temperature: group("of the hottest device", {
    start_c: number("degC", "at the begin of the window"),
    end_c: number("degC", "at its end"),
    max_c: number("degC", "highest"),
    reference_c: number("degC", "what the gate before the run waited for"),
    gate_wait_s: number("s", "how long it waited"),
    gate_reached: flag("whether it was reached"),
    gate_by: text("with `parallel: shared`: `reference`, `slope` (it cooled no further) or `limit` of the wait"),
    devices: groups("each device", {
      uuid: text("its UUID"),
      start_c: number("degC", "at the begin of the window"),
      end_c: number("degC", "at its end"),
      max_c: number("degC", "highest"),
    }),
  }),
  neighbours: groups("processes of others on the devices during the window", {
    pid: number(null, "process id"),
    name: text("name of the program"),
    device: text("UUID of the device"),
    run_id: text("run of the same study that it belongs to; left out where it is of none"),
    kind: text("`compute`, `graphics` or `mps`"),
    memory_bytes: number("bytes", "memory that it held"),
    seconds: number("s", "from first to last sight"),
  }),
  more_neighbours: number(null, "more of them than are listed"),
  meter_cpu_share: number("1", "the meter's own share of one CPU core"),
};
