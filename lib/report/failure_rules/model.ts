import type { FailureRule } from "../../engines/failure_rule.ts";
import { enginesWithModels, optionsFor } from "../../engines/listed.ts";
import { gpuTooOld, MODEL_FAILURE, modelBringsCode, noSuchModel, unknownArchitecture } from "./messages.ts";
import { rule } from "./rule.ts";

/** Models and data: not there, not allowed, damaged, not supported, or with numbers that are none. */
export const MODEL_RULES: readonly FailureRule[] = [
  rule(
    /gated repo|GatedRepoError|401 Client Error|403 Client Error|403 Forbidden|401 Unauthorized|access to model \S+ is restricted|Invalid user token/i,
    MODEL_FAILURE.accessDenied,
  ),
  rule(
    /couldn't connect to 'https?:\/\/|Failed to resolve '|Name or service not known|Temporary failure in name resolution|Max retries exceeded with url|LocalEntryNotFoundError|OfflineModeIsEnabled|outgoing traffic has been disabled|Network is unreachable|ENETUNREACH|EAI_AGAIN/,
    MODEL_FAILURE.hubUnreachable,
  ),
  rule(
    /is not a valid model identifier listed on|Repository Not Found|RepositoryNotFoundError|404 Client Error|Repo id must be in the form/,
    noSuchModel(enginesWithModels()),
  ),
  rule(
    /does not appear to have a file named|no file named \S+ found in directory|Cannot find any model weights|EntryNotFoundError/,
    MODEL_FAILURE.fileMissing,
  ),
  rule(
    /pass the argument `trust_remote_code=True`|contains custom code which must be executed|set the option `trust_remote_code=True`/,
    modelBringsCode(optionsFor("remote_code")),
  ),
  rule(
    /git-lfs\.github\.com|invalid magic characters: 'vers'/,
    MODEL_FAILURE.lfsPointer,
  ),
  rule(
    /invalid magic characters|is not a GGUF file|bad GGUF magic|not within the file bounds|model is corrupted or incomplete|error loading model: .*(?:corrupt|truncat|unexpectedly reached end of file)|HeaderTooLarge|HeaderTooSmall|MetadataIncompleteBuffer|InvalidHeader|InvalidOffset|PytorchStreamReader failed|Unable to load weights from pytorch checkpoint|unexpectedly reached end of file/,
    MODEL_FAILURE.damaged,
  ),
  {
    pattern:
      /unknown model architecture: '?([\w.-]+)'?|model type [`']([\w.-]+)[`'] but Transformers does not recognize|Model architectures \[([^\]]*)\] (?:are not supported|failed to be inspected)|Unrecognized model in/,
    explain: ([, one, two, three]) => unknownArchitecture((one ?? two ?? three) || null),
  },
  rule(
    /Unknown quantization (?:method|type)|quantization method \S+ is not supported|unsupported quantization|unknown (?:ggml )?type \d+|invalid ggml type/i,
    MODEL_FAILURE.quantisationNotSupported,
  ),
  rule(
    /Bfloat16 is only supported on GPUs with compute capability|bf16.*?not supported|FlashAttention (?:only supports|requires|does not support)/i,
    gpuTooOld(optionsFor("attention")),
  ),
  rule(
    /maximum context length is \d+|longer than the maximum model length|exceeds? (?:the )?(?:model's )?(?:max(?:imum)?_?(?:model_len|position_embeddings|context length)|available context size)/i,
    MODEL_FAILURE.contextTooShort,
  ),
  rule(
    /contains either `?inf`?, `?nan`? or element|\b(?:loss|logits?|outputs?|tensors?) (?:is|are|contains?|has) (?:a )?nan\b|invalid value \(nan\)|found nan|nan (?:values? )?(?:detected|encountered)/i,
    MODEL_FAILURE.notANumber,
  ),
];
