import { asBytes, type Bytes } from "./c_text.ts";
import { BATCH_AT, BATCH_BYTES } from "./structs.ts";

/**
 * A `llama_batch` whose arrays live in JavaScript memory. The object must stay alive while the library uses it.
 * It cannot hold more than its capacity: the library answers a batch over n_batch with an abort.
 */
export class Batch {
  readonly capacity: number;
  readonly #tokens: Int32Array<ArrayBuffer>;
  readonly #positions: Int32Array<ArrayBuffer>;
  readonly #sequences: Int32Array<ArrayBuffer>;
  readonly #outputs: Int8Array<ArrayBuffer>;
  /** Arrays that only the library reads, held here so that their memory stays. */
  readonly held: readonly ArrayBufferView[];
  readonly #struct: Bytes = new Uint8Array(BATCH_BYTES);
  readonly #view = new DataView(this.#struct.buffer);
  #size = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#tokens = new Int32Array(capacity);
    this.#positions = new Int32Array(capacity);
    this.#sequences = new Int32Array(capacity);
    this.#outputs = new Int8Array(capacity);
    // Every token belongs to one sequence, whose id lies at its place in #sequences.
    const counts = new Int32Array(capacity).fill(1);
    const first = addressOf(this.#sequences);
    const ids = BigUint64Array.from({ length: capacity }, (_, index) => first + BigInt(4 * index));
    this.held = [counts, ids];
    this.#point(BATCH_AT.token, this.#tokens);
    this.#point(BATCH_AT.pos, this.#positions);
    this.#point(BATCH_AT.n_seq_id, counts);
    this.#point(BATCH_AT.seq_id, ids);
    this.#point(BATCH_AT.logits, this.#outputs);
  }

  get size(): number {
    return this.#size;
  }

  get isFull(): boolean {
    return this.#size === this.capacity;
  }

  clear(): void {
    this.#size = 0;
  }

  /** Adds a token; `output` asks for its logits. Returns its index, which names those logits. */
  add(token: number, position: number, sequence: number, output: boolean): number {
    if (this.isFull) {
      throw new RangeError(`Cannot add to the batch: it holds ${this.capacity} tokens already`);
    }
    const index = this.#size++;
    this.#tokens[index] = token;
    this.#positions[index] = position;
    this.#sequences[index] = sequence;
    this.#outputs[index] = output ? 1 : 0;
    return index;
  }

  /** The struct to pass, valid until the next add() or clear(). */
  get struct(): Bytes {
    if (this.#size === 0) throw new RangeError("Cannot decode an empty batch");
    this.#view.setInt32(BATCH_AT.n_tokens, this.#size, true);
    return this.#struct;
  }

  #point(offset: number, array: ArrayBufferView<ArrayBuffer>): void {
    this.#view.setBigUint64(offset, addressOf(array), true);
  }
}

function addressOf(array: ArrayBufferView<ArrayBuffer>): bigint {
  return Deno.UnsafePointer.value(Deno.UnsafePointer.of(asBytes(array)));
}
