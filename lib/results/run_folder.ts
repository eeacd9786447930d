import { join } from "node:path";
import { removeIfThere, removeTree } from "../base/files.ts";
import type { MeterDevice } from "../meter/meter.ts";
import type { AppendFile, Disk } from "../storage/disk.ts";
import { safeName } from "../storage/exclusive_folder.ts";
import { SaveError } from "../storage/save_error.ts";
import { SAVED } from "./messages.ts";
import { PowerTrace } from "./power_trace.ts";
import type { ResultRecord } from "./record.ts";
import { recordFile } from "./record_file.ts";

/** Which run and attempt a folder is for. */
export interface RunFolderName {
  readonly index: number;
  readonly model: string;
  readonly backend: string;
  readonly config_hash: string;
  readonly cycle: number;
  readonly attempt: number;
}

/** `0001_<model>_<backend>_<hash8>_c1[_a2]`: sorts in run order, says what it is, never collides. */
export function runFolderName(name: RunFolderName): string {
  const model = safeName(shortModel(name.model), 40).toLowerCase();
  const index = String(name.index).padStart(4, "0");
  const attempt = name.attempt === 1 ? "" : `_a${name.attempt}`;
  return `${index}_${model || "model"}_${name.backend}_${
    name.config_hash.slice(0, 8)
  }_c${name.cycle}${attempt}`;
}

/** A file by its base name, a hub name with its owner, any other path by its last two parts. */
export function shortModel(model: string): string {
  const parts = model.split("/").filter((part) => part !== "");
  const last = parts.at(-1) ?? "";
  return /\.gguf$/i.test(last) ? last.slice(0, -".gguf".length) : parts.slice(-2).join("/");
}

/** The name of the file that lets a worker be measured. */
const GATE = "gate";
/** The folders of a study directory in which attempts have theirs. */
const KINDS = ["runs", "audit"] as const;

/** Removes the file of the gate of an attempt that is over and whose runner died before it could. */
export function removeLostGate(studyDir: string, name: string): void {
  for (const kind of KINDS) removeIfThere(join(studyDir, kind, name, GATE));
}

/** The folder of one attempt. Everything in it but the log and the trace of power is the product: a failing write throws SaveError. */
export class RunFolder {
  /** Absolute. */
  readonly path: string;
  /** Relative to the study directory, with forward slashes, as records name it. */
  readonly relative: string;
  /** Its name. */
  readonly runId: string;
  readonly #disk: Disk;
  #requests: AppendFile | null = null;
  #trace: PowerTrace | null = null;
  #recordBytes = 0;

  /** `kind`: the folder of the study directory that it is in. */
  constructor(disk: Disk, studyDir: string, name: string, kind: typeof KINDS[number] = "runs") {
    this.runId = name;
    this.relative = `${kind}/${name}`;
    this.path = join(studyDir, kind, name);
    this.#disk = disk;
    this.#save(SAVED.folder, this.path, () => {
      if (kind === "audit") Deno.mkdirSync(join(studyDir, kind), { recursive: true });
      disk.createFolder(this.path);
    });
  }

  /** The file that lets its worker be measured, where that waits for it. */
  get gatePath(): string {
    return join(this.path, GATE);
  }

  get logPath(): string {
    return join(this.path, "worker.log");
  }

  /** The length of the record's file; 0 before it is saved. */
  get recordBytes(): number {
    return this.#recordBytes;
  }

  /** Adds one line to requests.jsonl, as the request arrives. */
  addRequest(line: string): void {
    const path = join(this.path, "requests.jsonl");
    this.#save(SAVED.requests, path, () => {
      this.#requests ??= this.#disk.openAppend(path);
      this.#requests.append(new TextEncoder().encode(`${line}\n`), false);
    });
  }

  /** Its worker may be measured from now on. */
  openGate(): void {
    this.#save(SAVED.gate, this.gatePath, () => Deno.writeFileSync(this.gatePath, new Uint8Array(0)));
  }

  removeGate(): void {
    removeIfThere(this.gatePath);
  }

  /**
   * A trace of these devices, in the order of the meter's hello, to become power.parquet; those at the `slow` places once a
   * second. Whoever opens it ends it. It never throws: `warn` hears once why it ended early.
   */
  openTrace(
    devices: readonly MeterDevice[],
    warn: (text: string) => void,
    slow: readonly number[] = [],
  ): PowerTrace {
    this.#trace = new PowerTrace(this.#disk, join(this.path, "power.parquet"), devices, { warn, slow });
    return this.#trace;
  }

  /** Makes the record durable, with the requests and the folder itself. Returns its path relative to the study. */
  saveRecord(record: ResultRecord): string {
    const path = join(this.path, "result.json");
    this.#save(SAVED.record, path, () => {
      this.#requests?.append(new Uint8Array(0), true);
      const bytes = recordFile(record);
      this.#recordBytes = bytes.length;
      this.#disk.replace(path, bytes);
      this.#disk.syncFolder(join(this.path, ".."));
    });
    return `${this.relative}/result.json`;
  }

  /** Removes it with all that is in it, also with a trace that would be written later. Never throws. */
  remove(): void {
    this.close();
    this.#trace?.discard();
    removeTree(this.path);
  }

  close(): void {
    this.#requests?.close();
    this.#requests = null;
  }

  #save(what: string, path: string, action: () => void): void {
    try {
      action();
    } catch (error) {
      throw new SaveError(what, path, error);
    }
  }
}
