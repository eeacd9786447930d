import type { JsonObject } from "../../../lib/base/json.ts";
import type { LlamacppConfig } from "../../../lib/experiment/engines/llamacpp.ts";
import type { ResultFrame } from "../../../lib/protocol/frame.ts";
import { reusedGraphs } from "./context.ts";
import { detokenize } from "./detokenize.ts";
import type { Device, Hardware } from "./devices.ts";
import type { Engine } from "./engine.ts";
import type { LoadReport } from "./load_log.ts";
import type { Measured } from "./measure.ts";
import { modelFacts } from "./model_facts.ts";
import type { ModelFile } from "./model_file.ts";
import { processMemory } from "./process_memory.ts";
import { describeChain } from "./sampler.ts";
import type { Totals } from "./totals.ts";
import type { WarmedUp } from "./warm_up.ts";

/** What a finished run knows. */
export interface RunFacts {
  readonly engine: Engine;
  readonly hardware: Hardware;
  readonly file: ModelFile;
  /** Of the model file; null where hashing it would take long. */
  readonly fileSha256: string | null;
  readonly report: LoadReport;
  readonly measured: Measured;
  /** Null where there was none. */
  readonly warmup: WarmedUp | null;
  readonly config: LlamacppConfig;
}

/** The measurement as the engine saw it. */
export function makeResult(facts: RunFacts): ResultFrame {
  const { engine, file, fileSha256, report, measured } = facts;
  const { totals, passes, inputHash, outputHash, sample } = measured;
  return {
    type: "result",
    input_tokens: totals.inputTokens,
    output_tokens: totals.outputTokens,
    requests: totals.requests,
    model: { ...modelFacts(engine.library, engine.model, file), sha256: fileSha256 },
    memory: {
      model_buffer_bytes: report.modelBufferBytes,
      kv_bytes: report.kvBytes,
      compute_buffer_bytes: report.computeBufferBytes,
      ...processMemory(),
    },
    metrics: {
      ...speeds(totals),
      passes,
      input_hash: inputHash,
      output_hash: outputHash,
      sample_output: { token_ids: [...sample], text: detokenize(engine.library, engine.model, sample) },
      warmup: facts.warmup,
      graphs_reused: reusedGraphs(engine.library, engine.context),
    },
    settings: settings(facts),
  };
}

function speeds(totals: Totals): Record<string, number | null> {
  return {
    prefill_tokens_per_s: perSecond(totals.inputTokens, totals.prefillNs),
    decode_tokens_per_s: perSecond(totals.decodedTokens, totals.decodeNs),
  };
}

/** What the library made of the settings, and what it ran on. */
function settings({ engine, hardware, report, config }: RunFacts): JsonObject {
  const { library, context, vocabulary, sampling } = engine;
  return {
    n_threads: context.n_threads,
    n_threads_batch: context.n_threads_batch,
    threadpool: "none",
    n_ctx: context.n_ctx,
    n_ctx_seq: context.n_ctx_seq,
    n_batch: context.n_batch,
    n_ubatch: context.n_ubatch,
    n_parallel: config.n_parallel,
    n_gpu_layers: report.offloadedLayers,
    flash_attn: report.flashAttention === null ? config.flash_attn : report.flashAttention ? "on" : "off",
    cache_type_k: config.cache_type_k,
    cache_type_v: config.cache_type_v,
    sampler: describeChain(library, vocabulary, sampling),
    cpu_variant: hardware.cpuVariant,
    cpu: hardware.devices.find(({ type }) => type === "cpu")?.description ?? null,
    devices: hardware.devices.map((device: Device) => ({ ...device })),
    library_dir: library.folder,
  };
}

function perSecond(count: number, timeNs: bigint): number | null {
  return timeNs === 0n || count === 0 ? null : count / (Number(timeNs) / 1e9);
}
