import { removeIfThere } from "../base/files.ts";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { monotonicNs, utcNow } from "../base/clock.ts";
import { LLEM_VERSION } from "../base/version.ts";
import { type MeterDevice, THROTTLE_CAUSES, type ThrottleCause } from "../meter/meter.ts";
import { OnceASecond } from "../meter/once_a_second.ts";
import type { MeterMessage } from "../meter/sample.ts";
import type { AppendFile, Disk } from "../storage/disk.ts";
import { SaveError } from "../storage/save_error.ts";
import { SAVED } from "./messages.ts";

/** What a row may hold besides its time and device, in the order of the file; units stand in the names. */
const COLUMNS = {
  power_w: "DOUBLE",
  energy_j: "DOUBLE",
  temperature_c: "DOUBLE",
  memory_temperature_c: "DOUBLE",
  sm_clock_mhz: "DOUBLE",
  memory_clock_mhz: "DOUBLE",
  memory_used_bytes: "INT64",
  memory_total_bytes: "INT64",
  utilization_pct: "DOUBLE",
  power_limit_w: "DOUBLE",
  event_reasons: "INT64",
} as const;
type Values =
  & { readonly [Name in keyof typeof COLUMNS]?: number | null }
  & { readonly [Name in `throttle_${ThrottleCause}_ns`]?: number | null };

const VALUE_COLUMNS: readonly { readonly name: keyof Values; readonly type: "DOUBLE" | "INT64" }[] = [
  ...Object.entries(COLUMNS).map(([name, type]) => ({ name: name as keyof typeof COLUMNS, type })),
  ...THROTTLE_CAUSES.map((cause) => ({ name: `throttle_${cause}_ns` as const, type: "INT64" as const })),
];

/** Encoding a group holds up the event loop, so it is small: some 20 s of eight boards at 20 Hz. */
const ROWS_PER_GROUP = 4000;

export interface PowerTraceOptions {
  /** Hears at most once, with a sentence, why the trace ended early. */
  readonly warn: (text: string) => void;
  readonly rowsPerGroup?: number;
  /** Devices, by their places, of which each kind of reading is kept once a second; none unless given. */
  readonly slow?: readonly number[];
}

/**
 * The readings of one attempt as a Parquet file (`llem.trace/1`): one row for each reading of power, of counters or of
 * the state of a device, sorted as they came; what the reading does not tell is null. `t_ns` is on CLOCK_MONOTONIC; the
 * file's metadata hold the devices and one moment on both clocks, `anchor_t_ns` and `anchor_utc`.
 *
 * Memory holds one group of rows and a few hundred bytes for each group written. The file grows under a temporary
 * name and gets its own when it is whole. A trace is not the product: what cannot be written costs a warning, and no
 * method throws.
 */
export class PowerTrace {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #temporary: string;
  readonly #devices: readonly MeterDevice[];
  readonly #warn: (text: string) => void;
  readonly #rowsPerGroup: number;
  readonly #slow: OnceASecond;
  readonly #metadata: { readonly key: string; readonly value: string }[];
  #times: bigint[] = [];
  #uuids: string[] = [];
  #values: (number | null)[][] = VALUE_COLUMNS.map(() => []);
  #output: { readonly file: AppendFile; readonly parquet: ParquetWriter } | null = null;
  #ended = false;

  /** `path` is the file's own name; its folder is there. Nothing is made before there is something to write. */
  constructor(disk: Disk, path: string, devices: readonly MeterDevice[], options: PowerTraceOptions) {
    this.#disk = disk;
    this.#path = path;
    this.#temporary = `${path}.tmp-${Deno.pid}`;
    this.#devices = devices;
    this.#warn = options.warn;
    this.#rowsPerGroup = options.rowsPerGroup ?? ROWS_PER_GROUP;
    this.#slow = new OnceASecond(options.slow ?? []);
    this.#metadata = metadataOf(devices);
  }

  /** Rows that wait in memory for their group to be full. */
  get bufferedRows(): number {
    return this.#times.length;
  }

  /** Takes what the meter says; messages that are no readings are passed over. */
  add(message: MeterMessage): void {
    if (message.type === "power") {
      message.power_w.forEach((power_w, device) => {
        // A device whose power cannot be read at all has no readings of it.
        if (this.#devices[device]?.power === null || !this.#isKept("power", device, message.t_ns[device])) {
          return;
        }
        this.#addRow(message.t_ns[device], device, { power_w });
      });
    } else if (message.type === "counter") {
      const { t_ns, device, energy_j, throttle_ns } = message;
      if (!this.#isKept("counter", device, t_ns)) return;
      this.#addRow(t_ns, device, { energy_j, ...throttleValues(throttle_ns) });
    } else if (message.type === "state" && this.#isKept("state", message.device, message.t_ns)) {
      this.#addRow(message.t_ns, message.device, message);
    }
  }

  /** Writes the rest and gives the file its name. True where it is there: not without readings, not after an error. */
  finish(): boolean {
    if (this.#ended || (this.#times.length === 0 && this.#output === null)) return false;
    return this.#try(() => {
      this.#writeGroup();
      this.#output?.parquet.finish();
      this.#output?.file.append(new Uint8Array(0), true);
      this.#close();
      this.#disk.rename(this.#temporary, this.#path);
    });
  }

  /** Ends the trace without a file. Does nothing where it has ended. */
  discard(): void {
    if (this.#ended) return;
    this.#close();
    removeIfThere(this.#temporary);
  }

  #isKept(kind: string, device: number, tNs = NaN): boolean {
    return this.#slow.passes(kind, device, tNs);
  }

  #addRow(tNs: number | undefined, device: number, values: Values): void {
    const uuid = this.#devices[device]?.uuid;
    if (this.#ended || tNs === undefined || uuid === undefined) return;
    this.#times.push(BigInt(Math.round(tNs)));
    this.#uuids.push(uuid);
    VALUE_COLUMNS.forEach(({ name }, index) => this.#values[index]?.push(values[name] ?? null));
    if (this.#times.length >= this.#rowsPerGroup) this.#try(() => this.#writeGroup());
  }

  #writeGroup(): void {
    const rows = this.#times.length;
    if (rows === 0) return;
    this.#output ??= this.#open();
    const values = VALUE_COLUMNS.map(({ name, type }, index) => {
      const data = this.#values[index] ?? [];
      return { name, data: type === "INT64" ? data.map(toInt64) : data };
    });
    // Everything here is synchronous, because the writer's flush is.
    this.#output.parquet.write({
      columnData: [
        { name: "t_ns", data: this.#times, encoding: "DELTA_BINARY_PACKED" },
        { name: "device", data: this.#uuids, encoding: "RLE_DICTIONARY" },
        ...values,
      ],
      rowGroupSize: rows,
    });
    [this.#times, this.#uuids, this.#values] = [[], [], VALUE_COLUMNS.map(() => [])];
  }

  #open(): { readonly file: AppendFile; readonly parquet: ParquetWriter } {
    const file = this.#disk.openAppend(this.#temporary);
    const parquet = new ParquetWriter({
      writer: new AppendingWriter(file),
      schema: SCHEMA,
      kvMetadata: this.#metadata,
      createdBy: `llem version ${LLEM_VERSION}`,
    });
    return { file, parquet };
  }

  /** False where the action failed, after which there is no trace. */
  #try(action: () => void): boolean {
    try {
      action();
      return true;
    } catch (error) {
      this.#close();
      removeIfThere(this.#temporary);
      this.#warn(new SaveError(SAVED.trace, this.#path, error).message);
      return false;
    }
  }

  #close(): void {
    this.#ended = true;
    [this.#times, this.#uuids, this.#values] = [[], [], []];
    const file = this.#output?.file;
    this.#output = null;
    try {
      file?.close();
    } catch {
      // What could not be written was told by the write.
    }
  }
}

/** Hands each group to the file once it is encoded. */
class AppendingWriter extends ByteWriter {
  readonly #file: AppendFile;

  constructor(file: AppendFile) {
    super();
    this.#file = file;
  }

  flush(): void {
    this.#file.append(this.getBytes(), false);
    this.index = 0;
  }

  override finish(): void {
    this.flush();
  }
}

const SCHEMA: ConstructorParameters<typeof ParquetWriter>[0]["schema"] = [
  { name: "root", num_children: VALUE_COLUMNS.length + 2 },
  { name: "t_ns", type: "INT64", repetition_type: "REQUIRED" },
  { name: "device", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "REQUIRED" },
  ...VALUE_COLUMNS.map(({ name, type }) => ({ name, type, repetition_type: "OPTIONAL" as const })),
];

function metadataOf(devices: readonly MeterDevice[]): { readonly key: string; readonly value: string }[] {
  const values = {
    schema: "llem.trace/1",
    llem: LLEM_VERSION,
    clock: "CLOCK_MONOTONIC",
    anchor_t_ns: String(monotonicNs()),
    anchor_utc: utcNow(),
    devices: JSON.stringify(devices),
  };
  return Object.entries(values).map(([key, value]) => ({ key, value }));
}

function throttleValues(throttleNs: Readonly<Partial<Record<ThrottleCause, number>>> | null): Values {
  return Object.fromEntries(
    THROTTLE_CAUSES.map((cause) => [`throttle_${cause}_ns`, throttleNs?.[cause] ?? null]),
  );
}

function toInt64(value: number | null): bigint | null {
  return value === null ? null : BigInt(Math.round(value));
}
