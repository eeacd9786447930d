/** result.json. */
import type { ContentionRecord } from "../../../lib/results/contention/record.ts";
import type { ResultRecord } from "../../../lib/results/record.ts";
import type { Json, JsonObject } from "../../../lib/base/json.ts";
import type { Load } from "../../../lib/experiment/load.ts";
import type { Slo } from "../../../lib/study/slo_schema.ts";
import { ENERGY } from "./energy.ts";
import { any, type FieldsOf, flag, group, groups, list, number, open, text } from "./field.ts";
import { DISTRIBUTION, LATENCY_PERCENTILES } from "./shared.ts";

/** The fields of a measurement that llem knows; a worker may give more. */
interface KnownMeasurement {
  readonly input_tokens: number | null;
  readonly output_tokens: number | null;
  readonly requests: number | null;
  readonly model: JsonObject;
  readonly memory: JsonObject;
  readonly metrics: JsonObject;
  readonly settings?: JsonObject;
  readonly window?: JsonObject;
  readonly serving?: JsonObject;
}

type KnownRecord = Omit<ResultRecord, "config" | "measurement" | "varied"> & {
  readonly config: JsonObject;
  readonly measurement: KnownMeasurement | null;
  readonly varied?: Readonly<Record<string, Json>>;
};

const LIMITS: FieldsOf<Slo> = {
  ttft_ms: number("ms", "to the first token"),
  tpot_ms: number("ms", "per further token"),
  itl_ms: number("ms", "longest time between two tokens"),
  e2e_ms: number("ms", "whole request"),
  share: number("1", "share of requests that must keep all"),
};

const MODEL = {
  kind: text("`folder`, `file` or `hub`"),
  path: text("absolute path; null for one in no cache yet"),
  hub_id: text("`owner/name` on the hub; null for a local one"),
  revision: text("commit that was loaded; null for a local one"),
};

const PRESSURE = {
  cpu_some_s: number("s", "some task waited for a CPU"),
  memory_some_s: number("s", "some task waited for memory"),
  memory_full_s: number("s", "all tasks waited for memory"),
  io_some_s: number("s", "some task waited for I/O"),
  io_full_s: number("s", "all tasks waited for I/O"),
};

const CONTENTION: FieldsOf<ContentionRecord> = {
  contended: text("`yes`, `no` or `unknown`"),
  reasons: list("as sentences; empty where the answer is no"),
  lost_share: number("1", "CPU time that others had while the run was ready to use it, as a share"),
  beside: list("ids of runs of the same study beside it, where it was contended and there were any"),
  readings: group("what was read, as differences over the time covered", {
    covers: text("`measured_windows` or `run`"),
    observed_s: number("s", "time covered"),
    usable_cpus: number(null, "CPUs that the run may use"),
    own: group("the worker and what it starts", {
      cpu_s: number("s", "CPU time"),
      wait_s: number("s", "on a run queue without a CPU, all threads together"),
      longest_thread_wait_s: number("s", "of the thread that waited longest"),
      threads_read: number(null, "threads whose waiting was read"),
    }),
    llem_cpu_s: number("s", "CPU time of llem itself"),
    machine_cpu_s: number("s", "of all processes, on these CPUs"),
    others_cpu_s: number("s", "without the run and llem"),
    others_cpus: number(null, "CPUs that others kept busy on average"),
    steal_s: number("s", "in which the hypervisor ran something else"),
    pressure: group("of the machine, from /proc/pressure", PRESSURE),
    own_pressure: group("of the attempt's own control group", PRESSURE),
    load_per_minute: group("load average", { begin: number(null, "at the begin"), end: number(null, "at the end") }),
    throttling: group("by a CPU limit of control groups; null without one", {
      periods: number(null, "periods"),
      throttled_periods: number(null, "those in which the limit was reached"),
      throttled_s: number("s", "added up over CPUs"),
    }),
    memory_bandwidth_bytes_per_s: number("bytes/s", "of the machine"),
    memory_bandwidth_reason: text("why there is none"),
  }),
};

export const LOAD: FieldsOf<Load> = {
    prompts: number("prompts", "null where only the worker knows, as are the next three"),
    input_tokens: number("tokens", "of every prompt, exactly"),
    output_tokens: number("tokens", "generated for every prompt, exactly"),
    concurrency: number(null, "prompts that are worked on at once"),
    batches: text("`static` where these begin together"),
    served: open("when a server is sent its requests: `kind`, and what that kind has"),
    turns: number(null, "requests of a conversation"),
  };

export const RESULT: FieldsOf<KnownRecord> = {
  schema: text("`llem.result/1`"),
  run: group("which attempt it is about", {
    run_id: text("name of its folder below `runs/`"),
    index: number(null, "position of the run in the order of the study, from 1"),
    config_hash: text("the configuration, by its content"),
    join_hash: text("the same with model and prompts by their content: joins studies; null where not known"),
    cycle: number(null, "repetition, from 1"),
    attempt: number(null, "attempt of the run, from 1"),
    agent: text("who of several agents made it; left out where one llem makes the study"),
    devices: list("GPUs that the study gave it"),
    containment: text("what held its processes together: `group`, `cgroup` or `pidns`"),
    parallel: group("how it shared the machine with other runs; null where runs are made one at a time", {
      mode: text("`staged` or `shared`"),
      shared_is: text("with `shared`: `audited` or `unaudited`; left out with `staged`"),
      slot: number(null, "the slot that it ran in, from 0"),
      cpus: text("CPUs that its processes may use, such as `0-7,16`; null where they are not kept to any"),
      numa: number(null, "NUMA node of its devices"),
      beside: list(
        "runs that were there at some time of it: `run_id`, `devices`, `overlap_s` (both were there), " +
          "`measure_overlap_s` (both were measured)",
      ),
      other_boards_w: number("W", "mean power of the other boards of the machine in the measured window"),
    }),
  }),
  outcome: group("how it ended", {
    kind: text(
      "`completed`, `failed`, `crashed`, `timed_out`, `protocol_error`, `spawn_failed`, `interrupted`, `lost`, " +
        "`unkillable`",
    ),
    exit_code: number(null, "exit code of the worker"),
    signal: text("signal that ended it"),
    flags: list("what else was seen: `leaked`, `oom`, `contended`, `client_limited` ..."),
    error: group("null exactly where it completed", {
      type: text("a code or class name"),
      message: text("in words"),
      traceback: text("where the worker gives one"),
      retryable: flag("whether another attempt could go better; null where nobody knows"),
    }),
  }),
  config: open("what of the [configuration](study-file.md) this run reads"),
  study: group("the study that it belongs to", {
    name: text("`name` of the study file"),
    id: text("name of the study directory"),
    study_design_hash: text("the study, by its experiments"),
  }),
  varied: open("values that tell its experiment from the others, by dotted path"),
  load: group("what one pass of its workload is", LOAD),
  host: text("name of the machine"),
  inputs: group("what it was run on", {
    model: group("the model", MODEL),
    adapter: group("a low-rank adapter", MODEL),
    prompts: group("the prompts as they were written down for the study", {
      path: text("relative to the study directory"),
      sha256: text("of that file"),
      count: number("prompts", "how many"),
      source: text("where they came from"),
    }),
  }),
  runner: group("where the worker was started", {
    type: text("`local` or `docker`"),
    image: text("image, as the study names it"),
    image_id: text("id of what was run"),
    image_digest: text("by what its registry gives the same once more"),
  }),
  server: group("the server that was started for the run; left out where there was none", {
    instance: text("runs of one instance share its luck"),
    kind: text("as the study names it"),
    lifetime: text("`run` or `group`"),
    argv: list("its command"),
    env: list("names of variables that the study sets"),
    image: group("what its container was made of", {
      name: text("as the study names it"),
      id: text("id"),
      digest: text("by what its registry gives it"),
    }),
    version: text("as the server tells it"),
    startup_s: number("s", "from its spawn to the answer that proved it"),
    startup_energy_j: number("J", "drawn in that time, told with the first run of an instance"),
    startup_energy: group("how far these joules are to be trusted, as in `energy`", {
      uncertainty_j: number("J", "expanded (k = 2)"),
      method: text("which meter"),
      verdict: text("`resolved`, `marginal` or `unattributable`"),
      verdict_reasons: list("why it is not `resolved`"),
      covers: text("what it covers"),
    }),
    startup_energy_reason: text("why there are none"),
    age_s: number("s", "since then, when the run began"),
    position: number(null, "1 for the first run of an instance"),
  }),
  worker: group("who did the work; null where it never said hello", {
    backend: text("the engine"),
    versions: open("of what it consists of, by name"),
    devices: list("what it computed on"),
    pid: number(null, "process id"),
  }),
  measurement: group("as the worker saw it; null without a result", {
    input_tokens: number("tokens", "of all prompts that were measured"),
    output_tokens: number("tokens", "generated"),
    requests: number("requests", "how many"),
    model: open("what the engine tells of the model"),
    memory: open("what the engine tells of its memory, in bytes"),
    metrics: open("numbers and facts that the worker itself names; see [Metrics](#metrics)"),
    settings: open("what the engine made of its settings"),
    window: open("tokens of the steady window, where a server was measured"),
    serving: open("load, health of the client and counters of a server: see [Serving](serving.md)"),
  }),
  latency: group("of requests that succeeded and were due in the window; null where no request has a time", {
    ttft_ms: group("from sending to the first token", DISTRIBUTION),
    tpot_ms: group("per token after the first", DISTRIBUTION),
    itl_ms: group("gaps between tokens, of all requests together", DISTRIBUTION),
    e2e_ms: group("from sending to the end", DISTRIBUTION),
    ttft_sched_ms: group("from when it was due to the first token", DISTRIBUTION),
    ttfo_ms: group("from sending to the first token that is no reasoning", DISTRIBUTION),
    chunk_gap_ms: group("gaps between chunks of a stream", DISTRIBUTION),
    itl_untold: group("requests that are not in `itl_ms`; left out where there is none", {
      requests: number("requests", "how many"),
      reason: text("that of the first"),
    }),
  }),
  throughput: group("over the measured window; null without one", {
    output_tokens_per_s: number("tokens/s", "generated tokens"),
    total_tokens_per_s: number("tokens/s", "tokens of prompts and generated tokens"),
    requests_per_s: number("requests/s", "requests; those that succeeded where the worker tells"),
    window_s: number("s", "length of the window"),
  }),
  requests: group("left out where the worker does not tell which failed", {
    total: number("requests", "of the measured phase"),
    failed: number("requests", "those that failed"),
    failed_by: open("how many failed for what"),
    failed_output_tokens: number("tokens", "received by requests that failed later"),
    in_window: group("requests whose latencies count", {
      succeeded: number("requests", "those that succeeded"),
      failed: number("requests", "those that failed"),
    }),
    percentiles: group("by latency; one without any value is left out", {
      ttft_ms: group("from sending to the first token", LATENCY_PERCENTILES),
      ttft_sched_ms: group("from when it was due", LATENCY_PERCENTILES),
      tpot_ms: group("per token after the first", LATENCY_PERCENTILES),
      ttfo_ms: group("to the first token that is no reasoning", LATENCY_PERCENTILES),
      e2e_ms: group("whole request", LATENCY_PERCENTILES),
    }),
  }),
  slo: group("whether it kept the `slo` of its study; left out where there is none", {
    limits: group("what it was judged by", LIMITS),
    requests: number("requests", "requests of the window"),
    good: number("requests", "those that keep every limit"),
    failed: number("requests", "those that failed"),
    unjudged: number("requests", "those that cannot be judged: they are not good"),
    missed: group("requests over each limit; one may be over several", {
      ttft_ms: number("requests", "over `ttft_ms`"),
      tpot_ms: number("requests", "over `tpot_ms`"),
      itl_ms: number("requests", "over `itl_ms`"),
      e2e_ms: number("requests", "over `e2e_ms`"),
    }),
    share: number("1", "good ones of all"),
    met: flag("null where it hangs on requests that cannot be judged"),
    certified: flag("met, and proven at 99 % confidence"),
    goodput_per_s: number("requests/s", "good requests per second"),
    energy_per_good_request_j: number("J/request", "energy of the window for each"),
  }),
  window: group("from the first measured window to the end of the last", {
    started_at: text("UTC, ISO 8601"),
    ended_at: text("UTC, ISO 8601"),
  }),
  phases: groups("what the worker did when, on CLOCK_MONOTONIC", {
    name: text("`load`, `warmup`, `measure`, `prefill`, `decode` ..."),
    begin_ns: any("begin, ns; a text where it is beyond 2^53"),
    end_ns: any("end, ns; null where the worker never closed it"),
    duration_s: number("s", "length; of several windows their sum"),
    windows: number(null, "how many phases of this name it stands for; left out for one"),
    apart: groups("those of them that no line of requests.jsonl has", {
      begin_ns: any("begin, ns"),
      end_ns: any("end, ns"),
    }),
  }),
  energy: group("null where there is none", ENERGY),
  energy_reason: text("why there is no energy; null where there is"),
  energy_reason_code: text("`server_elsewhere` or `server_unseen`; left out otherwise"),
  contention: group("whether other work slowed it down: see [Contention](contention.md)", CONTENTION),
  timing: group("wall times", {
    started_at: text("UTC, ISO 8601"),
    ended_at: text("UTC, ISO 8601"),
    startup_s: number("s", "from spawn to the worker's hello"),
    run_s: number("s", "from hello to the result, or the end"),
    teardown_s: number("s", "from then until nothing of the attempt is left"),
    duration_s: number("s", "from spawn until nothing of the attempt is left"),
  }),
  warnings: groups("remarks on the attempt", { code: text("for scripts"), text: text("for people") }),
  log_tail: list("the end of the log of an attempt that did not complete, at most 40 lines"),
  log_file: text("the file that this is the end of, where it is not the run's worker.log"),
  environment_changes: groups("what numbers depend on and is not as it was when the study began", {
    path: text("`cpu_governor`, or `devices.<uuid>.<fact>`"),
    before: any("as it was"),
    after: any("as it is"),
  }),
  llem_version: text("version that made the run"),
  reanalysed: group("when its numbers were last computed again; left out where never", {
    at: text("UTC, ISO 8601"),
    llem_version: text("by which version"),
  }),
};
