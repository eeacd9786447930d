/** summary.json. */
import type { CombinedEnergy } from "../../../lib/results/energy/summary.ts";
import type { Comparison } from "../../../lib/results/comparison.ts";
import type { Probe } from "../../../lib/results/search_summary.ts";
import type { Summary } from "../../../lib/results/summary.ts";
import { LOAD } from "./result.ts";
import { type FieldsOf, flag, group, groups, list, number, open, text } from "./field.ts";

export const COMPARISON: FieldsOf<Comparison> = {
  ratio: number("1", "of geometric means, from the cycles that have both"),
  low95: number("1", "lower end of the 95 % interval; null below two cycles"),
  high95: number("1", "upper end"),
  n: number("cycles", "cycles that have both"),
  verdict: text("`resolved`, `undecided`, `too_noisy` or `too_few`"),
};

const COMBINED: FieldsOf<CombinedEnergy> = {
  mean: number(null, "mean over runs, in the unit of the metric, as are the others but for shares"),
  median: number(null, "median"),
  min: number(null, "smallest"),
  max: number(null, "largest"),
  n: number("runs", "runs that have it"),
  geomean: number(null, "geometric mean; null for one run, and where a value is not positive"),
  low95: number(null, "lower end of the 95 % interval, with all errors below"),
  high95: number(null, "upper end"),
  interval: text("`log` or `plain`: on logarithms, or on the values as one of them is not positive"),
  random_relative: number("1", "half width over repeats, or what is random in one run if that is wider"),
  common_relative: number("1", "what all windows of one board share (k = 2): repeats do not make it smaller"),
  gain_relative: number("1", "what the sensors' gains add (k = 2), where the runs are of several boards"),
  budget: number(null, "the runs' own expanded uncertainty (root mean square)"),
  repeat: number(null, "half width of the 95 % interval over repeats; null for one"),
  combined: number(null, "`relative` times the mean"),
  relative: number("1", "all errors in quadrature, as a share of the mean"),
};

const PROBE: FieldsOf<Probe> = {
  load: number(null, "the load"),
  config_hash: text("its configuration"),
  verdict: text("`met`, `missed`, `overloaded`, `not_sent`, `unjudged` or `failed`: of all cycles together"),
  cycles: list("the same for each cycle"),
  slo_share: number("1", "share of requests that met the promise"),
  goodput_per_s: number("requests/s", "requests that met it"),
  output_tokens_per_s: number("tokens/s", "generated tokens"),
  j_per_output_token: number("J/token", "energy per generated token"),
  j_per_good_request: number("J/request", "energy per request that met it"),
  energy_verdict: text("the worst of its runs"),
};

export const SUMMARY: FieldsOf<Summary> = {
  schema: text("`llem.summary/1`"),
  llem_version: text("version that wrote it"),
  study_name: text("`name` of the study file"),
  study_design_hash: text("the study, by its experiments"),
  n_cycles: number("cycles", "repetitions"),
  about: groups("what ran on what, each that occurs", {
    model: text("the model, short"),
    weights: text("number format of its weights"),
    parameters: number(null, "parameters of the model"),
    devices: list("what the worker computed on"),
    engine: text("the engine with its versions"),
    llem_version: text("version that made the runs"),
    load: group("as `load` of result.json", LOAD),
    parallel: text("`staged` or `shared`: how runs shared the machine; left out where they were made one at a time"),
  }),
  inputs: text("`same` or `different`: whether several engines were given the same tokens"),
  slo: group("what results are judged by; left out where nothing is promised", {
    ttft_ms: number("ms", "to the first token"),
    tpot_ms: number("ms", "per further token"),
    itl_ms: number("ms", "longest time between two tokens"),
    e2e_ms: number("ms", "whole request"),
    share: number("1", "share of requests that must keep all"),
  }),
  judged_otherwise: number("runs", "completed runs that were judged by other limits"),
  rows: groups("one for each experiment, in the order of the study file", {
    config_hash: text("the configuration, by its content"),
    join_hash: text("the same with model and prompts by their content; null where not known"),
    model: text("`model` of the configuration"),
    backend: text("`backend` of the configuration"),
    varied: open("values that tell it from the others, by dotted path"),
    load: open("when a server is sent its requests; left out where the engine is none"),
    completed: number("runs", "runs that completed"),
    failed: number("runs", "runs that did not"),
    interrupted: number("runs", "runs that the user stopped"),
    pending: number("runs", "runs that are not made yet, or have lost their result"),
    metrics: open("each metric by its name, over completed runs: see [Statistics](#statistics-of-a-metric)"),
    energy: group("null where no run has energy", {
      verdicts: group("how many runs have which", {
        resolved: number("runs", "resolved"),
        marginal: number("runs", "marginal"),
        unattributable: number("runs", "unattributable"),
      }),
      verdict: text("the worst of them"),
      methods: list("which meters the energy comes from"),
      boards: number(null, "different sets of devices that the runs were measured on"),
      energy_j: group("joules of a run", COMBINED),
      j_per_output_token: group("joules per generated token", COMBINED),
      random_j: number("J", "of the half width of `energy_j`: what differs from run to run"),
      common_j: number("J", "what is the same in all runs of one board"),
      gain_j: number("J", "what the gain of the sensors adds, where there are several boards"),
    }),
    energy_reason: text("why a server has none"),
    energy_reason_code: text("`server_elsewhere` or `server_unseen`"),
    memory: group("what its memory was for; left out where no worker tells", {
      weights_bytes: number("bytes", "weights"),
      kv_cache_bytes: number("bytes", "KV cache"),
      kv_cache_tokens: number("tokens", "room in the KV cache"),
      activations_bytes: number("bytes", "activations"),
      graphs_bytes: number("bytes", "captured CUDA graphs"),
      peak_bytes: number("bytes", "the most that was held at once"),
      peak_of: text("`gpus` or `processes`: whose peak that is"),
    }),
    phases_reason: text("why there are no rates of prefill and decode"),
    itl_reason: text("why times between tokens are missing"),
    slo: group("completed runs by what became of the promise", {
      met: number("runs", "met"),
      missed: number("runs", "missed"),
      unknown: number("runs", "not known"),
      certified: number("runs", "met, and proven at 99 % confidence"),
    }),
    cycles: list("the cycles that completed, in order"),
    values: open("each metric in each of these cycles; only in `llem show --json`"),
    contended: number("runs", "runs that other work slowed down"),
    client_limited: number("runs", "runs whose latencies are marginal, as the client was a limit"),
    parallel: groups("how its completed runs shared the machine; left out where they were made one at a time", {
      cycle: number(null, "which"),
      mode: text("`staged` or `shared`"),
      slot: number(null, "the slot that it ran in, from 0"),
      devices: list("its boards"),
      beside: number("runs", "runs that were there at some time of it"),
      measured_beside: number("runs", "those of them that were measured while it was"),
    }),
    marks: groups("completed runs of which something is to be known", {
      cycle: number(null, "which"),
      attempt: number(null, "above 1 where earlier attempts failed"),
      flags: list("flags of its outcome"),
      warnings: list("codes of its warnings"),
    }),
    outliers: groups("numbers that lie apart from those of the other cycles; they count all the same", {
      metric: text("the metric"),
      cycle: number(null, "the cycle"),
      value: number(null, "its value"),
    }),
    vs_first: open("this experiment over the first one, by metric: `ratio`, `low95`, `high95`, `n`, `verdict`"),
    until: open(
      "with execution.until, how well a metric is known: `target`, `n`, `width` (what may be claimed: not below the " +
        "target), `met`",
    ),
    best: flag("the most output tokens per second of the study"),
    ties_best: flag("not the best, but not resolved from it"),
  }),
  until: group("left out where the number of cycles is fixed", {
    min_cycles: number("cycles", "cycles before the first look"),
    max_cycles: number("cycles", "cycles at most"),
    look: group("the last look at the results; null before the first", {
      cycle: number("cycles", "cycles that it looks at"),
      decision: text("`continue`, `met`, `max_cycles`, `time_budget` or `none_left`"),
      metrics: groups("one for each metric", {
        metric: text("its name"),
        target: number("1", "half width to be reached, as a share of the mean"),
        met: number("experiments", "those that have met it at two looks in a row"),
        of: number("experiments", "those that are looked at"),
        widest: groups("up to three, those that have not met it first", {
          config_hash: text("the configuration"),
          n: number("runs", "runs that have the metric"),
          width: number("1", "half of the 95 % interval over the mean"),
        }),
      }),
      left_out: groups("up to ten experiments that are not looked at", {
        config_hash: text("the configuration"),
        metric: text("for this metric"),
        reason: text("`failed`, `no_value` or `not_positive`"),
      }),
      n_left_out: number(null, "how many there are"),
    }),
  }),
  search: group("left out where the study looks for no load", {
    over: text("the load that is searched"),
    from: number(null, "lowest"),
    to: number(null, "highest"),
    resolution: number("1", "final step, as a share"),
    until: text("`slo`: where it ends"),
    found: groups("one for each experiment", {
      config_hash: text("of its first probe"),
      varied: open("values that tell it from the others, the load left out"),
      kind: text("`found`, `none`, `at_most` or `open`"),
      highest: group("highest load that keeps the promise", PROBE),
      below: group("next lower one that keeps it", PROBE),
      above: group("lowest one above that does not", PROBE),
      next: number(null, "what is tried next; null where the search is over"),
      probes: groups("all loads that were tried", PROBE),
      contradictions: groups("a lower load that did not keep it, and a higher one that did", {
        missed: number(null, "the lower load"),
        met: number(null, "the higher load"),
      }),
    }),
  }),
};
