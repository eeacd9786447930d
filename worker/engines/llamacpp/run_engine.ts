import { LLEM_VERSION } from "../../../lib/base/version.ts";
import type { LlamacppConfig } from "../../../lib/experiment/engines/llamacpp.ts";
import type { HelloFrame } from "../../../lib/protocol/frame.ts";
import { passGateBlocking } from "../../gate.ts";
import { disposeAssets } from "./assets.ts";
import { type Hardware, isGpu, openHardware } from "./devices.ts";
import type { Library } from "./library.ts";
import { type LoadedEngine, loadEngine } from "./load_engine.ts";
import { LoadLog, silenceLog } from "./load_log.ts";
import { measure } from "./measure.ts";
import type { ModelFile } from "./model_file.ts";
import { loadNotes } from "./notes.ts";
import { openConfiguredLibrary } from "./open_library.ts";
import { type Outbox, phase } from "./outbox.ts";
import { makeResult } from "./result.ts";
import { RELEASE } from "./release.ts";
import { sha256File } from "./sha256_file.ts";
import { supportedConfig } from "./supported.ts";
import { idle } from "./idle.ts";
import type { EngineRequest } from "./thread_messages.ts";
import { warmUp } from "./warm_up.ts";

/** Larger model files are told by size, time and metadata: hashing them would take longer than many a run. */
const MAX_HASHED_BYTES = 256 * 1024 * 1024;

/** For a level that is only told, not subtracted; and to see after the measurement whether it has moved. */
const SHORT_IDLE_SECONDS = 10;

/** One run from beginning to end: load, warm up, measure, close. */
export function runEngine(request: EngineRequest, outbox: Outbox): void {
  const { config } = request.assignment;
  const engineConfig = supportedConfig(request.assignment);
  const { loaded, hardware } = openAndLoad(request, engineConfig, outbox);
  const { engine, prompts, file, report } = loaded;
  const workload = { prompts, parallel: engineConfig.n_parallel, minSeconds: config.measure.min_seconds };

  passGateBlocking(request.assignment.gate, (ready) => outbox.send(ready));
  // What a loaded GPU draws without work is another level than that of an empty one. Behind the gate: nobody else measures.
  const idleSeconds = config.baseline.enabled && report.offloadedLayers > 0
    ? config.baseline.duration_seconds
    : 0;
  if (idleSeconds > 0) idle("loaded_idle", idleSeconds, outbox);
  // Right before the measurement: whatever is waited for after a warm-up lets clocks and temperature fall.
  const warmup = config.warmup.enabled ? warmUp(engine, workload, config.warmup, outbox) : null;
  const measured = measure(engine, workload, outbox);
  if (idleSeconds > 0) idle("loaded_idle", Math.min(idleSeconds, SHORT_IDLE_SECONDS), outbox);

  outbox.send(phase("close", "begin"));
  const fileSha256 = hashModel(file);
  // Before anything is freed: what goes wrong in there must not cost the result.
  outbox.send(
    makeResult({
      engine,
      hardware,
      file,
      fileSha256,
      report,
      measured,
      warmup,
      config: engineConfig,
    }),
  );
  closeEngine(loaded);
  outbox.send(phase("close", "end"));
}

/** Null where it would take long, or where the file is gone by now: no reason to lose a measurement. */
function hashModel(file: ModelFile): string | null {
  if (file.sha256 !== null || file.bytes >= MAX_HASHED_BYTES) return file.sha256;
  try {
    return sha256File(file.path);
  } catch {
    return null;
  }
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
    const { baseline } = request.assignment.config;
    // The list of devices has asked every GPU for its memory, which makes a context on it.
    if (baseline.enabled && hardware.devices.some(isGpu)) {
      idle("context_idle", Math.min(baseline.duration_seconds, SHORT_IDLE_SECONDS), outbox);
    }
    outbox.send(phase("load", "begin"));
    const loaded = loadEngine(request.assignment, config, opened, hardware, log);
    // From here on the library logs in C, to stderr. A GPU back end would write a line for every token.
    log.close({ toStderr: !hardware.devices.some(isGpu) });
    outbox.queue(phase("load", "end"));
    outbox.queueAll(loadNotes(loaded, config, log, assets));
    outbox.flush();
    return { loaded, hardware };
  } finally {
    disposeAssets(assets);
  }
}

function hello({ versions }: Library, { devices }: Hardware): HelloFrame {
  return {
    type: "hello",
    backend: "llamacpp",
    // The library was checked to be of this release, which is called by the name that people and doctor use.
    versions: { llem: LLEM_VERSION, ...versions, llama_cpp: RELEASE.name },
    pid: Deno.pid,
    devices: devices.map(({ name, description }) => `${name}: ${description}`),
  };
}

function closeEngine({ engine: { library, context, model } }: LoadedEngine): void {
  silenceLog(library); // freeing is chatty
  library.llama.llama_free(context.pointer);
  library.llama.llama_model_free(model.pointer);
}
