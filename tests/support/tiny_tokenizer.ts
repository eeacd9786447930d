/** A byte-level tokenizer small enough to be written by a test: 2 special tokens, 256 bytes and a few merges. */

/** Ids of the special tokens. Like many a real model it has none for padding. */
export const BOS = { id: 0, text: "<s>" } as const;
export const EOS = { id: 1, text: "</s>" } as const;

/** Pairs that become one token; `_` stands for the space, as byte-level tokenizers write it. */
const MERGES = [
  "_ t,h e,i n,r e,o n,_ a,e r,a t,_ s,o u,e n,_ w,i s,o r,_ c,_ o,i t,e s,_ b,_ f,a n,_ p,e d,a l,l l,_ m",
  "_ d,n g,_t he,i ng,_w or,l d,_wor ld,o w,a r,h o,_a n,_a nd,_t o,_o f,u t,c h,_ i,_i s,i c,_ h,_i n,n d",
].join(",").split(",");

/** tokenizer.json and tokenizer_config.json, by file name. */
export function tinyTokenizer(): Readonly<Record<"tokenizer.json" | "tokenizer_config.json", unknown>> {
  const special = [BOS, EOS].map(({ id, text: content }) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  }));
  return {
    "tokenizer.json": {
      version: "1.0",
      truncation: null,
      padding: null,
      added_tokens: special,
      normalizer: null,
      pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
      post_processor: beginsWithBos(),
      decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
      model: {
        type: "BPE",
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: false,
        vocab: Object.fromEntries(vocabulary().map((token, id) => [token, id])),
        merges: merges(),
      },
    },
    "tokenizer_config.json": {
      tokenizer_class: "PreTrainedTokenizerFast",
      bos_token: BOS.text,
      eos_token: EOS.text,
      model_max_length: 2048,
      clean_up_tokenization_spaces: false,
    },
  };
}

/** Every token; its place is its id. */
export function vocabulary(): string[] {
  const bytes = Array.from({ length: 256 }, (_, byte) => byteLetter(byte));
  return [...new Set([BOS.text, EOS.text, ...bytes, ...merges().map(([left, right]) => left + right)])];
}

function merges(): [string, string][] {
  return MERGES.map((pair) => {
    const [left = "", right = ""] = pair.replaceAll("_", byteLetter(0x20)).split(" ");
    return [left, right];
  });
}

/** The letter that stands for a byte in a byte-level vocabulary: itself where it prints, else one above U+00FF. */
function byteLetter(byte: number): string {
  return String.fromCodePoint(prints(byte) ? byte : 0x100 + hiddenBefore(byte));
}

function hiddenBefore(byte: number): number {
  return Array.from({ length: byte }, (_, other) => other).filter((other) => !prints(other)).length;
}

function prints(byte: number): boolean {
  return (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte !== 0xad);
}

function beginsWithBos(): unknown {
  const bos = { SpecialToken: { id: BOS.text, type_id: 0 } };
  return {
    type: "TemplateProcessing",
    single: [bos, { Sequence: { id: "A", type_id: 0 } }],
    pair: [bos, { Sequence: { id: "A", type_id: 0 } }, { Sequence: { id: "B", type_id: 1 } }],
    special_tokens: { [BOS.text]: { id: BOS.text, ids: [BOS.id], tokens: [BOS.text] } },
  };
}
