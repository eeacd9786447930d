import type { FailureRule } from "../../engines/failure_rule.ts";
import { enginesWithModels, optionsFor } from "../../engines/listed.ts";
import { rule } from "./rule.ts";

const LOCAL =
  `A path starts at the study file's folder only for ${enginesWithModels()}; another engine needs it absolute.`;

/** Models and data: not there, not allowed, damaged, not supported, or with numbers that are none. */
export const MODEL_RULES: readonly FailureRule[] = [
  rule(
    /gated repo|GatedRepoError|401 Client Error|403 Client Error|403 Forbidden|401 Unauthorized|access to model \S+ is restricted|Invalid user token/i,
    "The hub does not let this user have the model: it is gated or private, or the token is missing or wrong.",
    "Accept the model's licence on its page, and set HF_TOKEN in the environment.",
  ),
  rule(
    /couldn't connect to 'https?:\/\/|Failed to resolve '|Name or service not known|Temporary failure in name resolution|Max retries exceeded with url|LocalEntryNotFoundError|OfflineModeIsEnabled|outgoing traffic has been disabled|Network is unreachable|ENETUNREACH|EAI_AGAIN/,
    "The hub could not be reached, and the model or data is not in the local cache.",
    "Download it first (hf download) where there is a network, or check the network and HTTPS_PROXY.",
  ),
  rule(
    /is not a valid model identifier listed on|Repository Not Found|RepositoryNotFoundError|404 Client Error|Repo id must be in the form/,
    "Neither a local folder nor a model of the hub has this name.",
    `Check the spelling of model. ${LOCAL}`,
  ),
  rule(
    /does not appear to have a file named|no file named \S+ found in directory|Cannot find any model weights|EntryNotFoundError/,
    "The model's folder lacks a file that the engine needs.",
    "Download the whole model again, or name the folder that holds config.json and the weights.",
  ),
  rule(
    /pass the argument `trust_remote_code=True`|contains custom code which must be executed|set the option `trust_remote_code=True`/,
    "The model brings code of its own, which the engine runs only if it is told to.",
    `Read that code: it runs as you. Then set ${
      optionsFor("remote_code")
    }: true, or the option of that name of your engine.`,
  ),
  rule(
    /git-lfs\.github\.com|invalid magic characters: 'vers'/,
    "The model's file is a Git LFS pointer, not the model.",
    "Fetch the file itself: git lfs pull.",
  ),
  rule(
    /invalid magic characters|is not a GGUF file|bad GGUF magic|not within the file bounds|model is corrupted or incomplete|error loading model: .*(?:corrupt|truncat|unexpectedly reached end of file)|HeaderTooLarge|HeaderTooSmall|MetadataIncompleteBuffer|InvalidHeader|InvalidOffset|PytorchStreamReader failed|Unable to load weights from pytorch checkpoint|unexpectedly reached end of file/,
    "The model's file is damaged, incomplete or of another format.",
    "Compare its size and SHA-256 with the source's and download it again, or convert it.",
  ),
  {
    pattern:
      /unknown model architecture: '?([\w.-]+)'?|model type [`']([\w.-]+)[`'] but Transformers does not recognize|Model architectures \[([^\]]*)\] (?:are not supported|failed to be inspected)|Unrecognized model in/,
    explain: ([, one, two, three]) => {
      const name = one ?? two ?? three;
      return {
        cause: `This version of the engine does not know the model's architecture${
          name ? ` (${name})` : ""
        }.`,
        remedy: "Update the engine (llama.cpp, transformers, vllm), or take another model.",
      };
    },
  },
  rule(
    /Unknown quantization (?:method|type)|quantization method \S+ is not supported|unsupported quantization|unknown (?:ggml )?type \d+|invalid ggml type/i,
    "The engine, or this GPU, does not support the model's form of quantisation.",
    "Take the model in another form, a newer engine or a newer GPU.",
  ),
  rule(
    /Bfloat16 is only supported on GPUs with compute capability|bf16.*?not supported|FlashAttention (?:only supports|requires|does not support)/i,
    "This GPU is too old for the number format or the attention that the run asks for.",
    `Set precision: fp16, or another attention (${optionsFor("attention")}: sdpa).`,
  ),
  rule(
    /maximum context length is \d+|longer than the maximum model length|exceeds? (?:the )?(?:model's )?(?:max(?:imum)?_?(?:model_len|position_embeddings|context length)|available context size)/i,
    "Prompt and output together are longer than the context that the model or engine allows.",
    "Lower the prompt and output lengths (dataset.input_len, output_len, max_input_tokens, max_output_tokens).",
  ),
  rule(
    /contains either `?inf`?, `?nan`? or element|\b(?:loss|logits?|outputs?|tensors?) (?:is|are|contains?|has) (?:a )?nan\b|invalid value \(nan\)|found nan|nan (?:values? )?(?:detected|encountered)/i,
    "The model computed NaN or infinity: often fp16 for a model made for bf16, or damaged weights.",
    "Set precision: bf16 or fp32, or check the model's file.",
  ),
];
