import { LLEM_VERSION } from "../../../lib/base/version.ts";
import type { LlamacppConfig } from "../../../lib/experiment/config.ts";
import type { Assignment } from "../../../lib/protocol/assignment.ts";
import type { HelloFrame } from "../../../lib/protocol/frame.ts";
import { WorkerError } from "../../worker_error.ts";
import { disposeAssets } from "./assets.ts";
import { type Hardware, isGpu, openHardware } from "./devices.ts";
import type { Engine } from "./engine.ts";
import type { Library } from "./library.ts";
import { type LoadedEngine, loadEngine } from "./load_engine.ts";
import { LoadLog, silenceLog } from "./load_log.ts";
import { measure, warmUp } from "./measure.ts";
import { loadNotes } from "./notes.ts";
import { openConfiguredLibrary } from "./open_library.ts";
import { type Outbox, phase } from "./outbox.ts";
import { Progress } from "./progress.ts";
import type { Prompt } from "./prompts.ts";
import { makeResult } from "./result.ts";
import { sha256File } from "./sha256_file.ts";
import type { EngineRequest } from "./thread_messages.ts";

/** Larger model files are told by size, time and metadata: hashing them would take longer than many a run. */
const MAX_HASHED_BYTES = 256 * 1024 * 1024;

/** One run from beginning to end: load, warm up, measure, close. */
export function runEngine(request: EngineRequest, outbox: Outbox): void {
  const { assignment } = request;
  const config = llamacppConfig(assignment);
  const { loaded, hardware } = openAndLoad(request, config, outbox);
  const { engine, prompts, file, report } = loaded;
  if (assignment.config.warmup.enabled) runWarmup(engine, prompts, assignment, config, outbox);

  outbox.send(phase("measure", "begin"));
  const totals = measure(engine, prompts, config.n_parallel, outbox, new Progress(outbox, prompts));
  outbox.send(phase("measure", "end"));

  outbox.send(phase("close", "begin"));
  const fileSha256 = file.sha256 ?? (file.bytes < MAX_HASHED_BYTES ? sha256File(file.path) : null);
  // Before anything is freed: what goes wrong in there must not cost the result.
  outbox.send(makeResult({ engine, hardware, file, fileSha256, loaded: report, totals, config }));
  closeEngine(loaded);
  outbox.send(phase("close", "end"));
}

interface Opened {
  readonly loaded: LoadedEngine;
  readonly hardware: Hardware;
}

/** Says hello once the library is open and its devices are known, then loads. */
function openAndLoad(request: EngineRequest, config: LlamacppConfig, outbox: Outbox): Opened {
  const opened = openConfiguredLibrary(request);
  const { library, assets } = opened;
  using log = new LoadLog(library);
  try {
    const hardware = openHardware(library, log, config.n_gpu_layers);
    outbox.send(hello(library, hardware));
    outbox.send(phase("load", "begin"));
    const loaded = loadEngine(request.assignment, config, opened, hardware, log);
    // From here on the library logs in C, to stderr. A GPU back end would write a line for every token.
    log.close({ toStderr: !hardware.devices.some(isGpu) });
    outbox.queue(phase("load", "end"), ...loadNotes(loaded, config, log, assets));
    outbox.flush();
    return { loaded, hardware };
  } finally {
    disposeAssets(assets);
  }
}

function llamacppConfig({ config }: Assignment): LlamacppConfig {
  if (config.llamacpp !== null) return config.llamacpp;
  throw new WorkerError("bad_assignment", "The assignment has no llamacpp section: it must be resolved.");
}

function hello({ versions }: Library, { devices }: Hardware): HelloFrame {
  return {
    type: "hello",
    backend: "llamacpp",
    versions: { llem: LLEM_VERSION, ...versions },
    pid: Deno.pid,
    devices: devices.map(({ name, description }) => `${name}: ${description}`),
  };
}

/** The first prompts of the run, over and over: the same shapes as what is measured, and no result. */
function runWarmup(
  engine: Engine,
  prompts: readonly Prompt[],
  assignment: Assignment,
  config: LlamacppConfig,
  outbox: Outbox,
): void {
  const count = assignment.config.warmup.n_warmup;
  const chosen = Array.from({ length: count }, (_, index) => prompts.slice(index % prompts.length)[0])
    .filter((prompt) => prompt !== undefined);
  outbox.send(phase("warmup", "begin"));
  warmUp(engine, chosen, config.n_parallel, new Progress(outbox, chosen, "warmup"));
  outbox.send(phase("warmup", "end"));
}

function closeEngine({ engine: { library, context, model } }: LoadedEngine): void {
  silenceLog(library); // freeing is chatty
  library.llama.llama_free(context.pointer);
  library.llama.llama_model_free(model.pointer);
}
