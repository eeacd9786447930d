import { hasAmd } from "../meter/amd/source.ts";
import type { AbsentMeter, LeftOutBoard, MeterName } from "../meter/meter.ts";
import { MeterClient } from "../meter/meter_client.ts";
import { hasNvmlLibrary } from "../meter/nvml/source.ts";
import { REPLAY_VARIABLE } from "../meter/open_sources.ts";
import { hasRapl } from "../meter/rapl/source.ts";
import { selfProgram } from "../host/self_program.ts";
import { noMeterHere, nothingOpens } from "./messages.ts";

/** Half of the 100 ms after which most boards publish a new value (rule R3). */
const PERIOD_MS = 50;

/** What to start a meter with. */
export interface MeterWish {
  readonly env: Readonly<Record<string, string>>;
  /** Pause between two readings of power; null for the usual one. */
  readonly period_ms: number | null;
  /** Names of MIG devices whose boards are to be found. */
  readonly mig_devices?: readonly string[];
  /** The program to start, where it is not this one by its own path. */
  readonly self?: { readonly program: string; readonly args: readonly string[] };
  /** Ends the wait for its answer. */
  readonly signal?: AbortSignal;
}

/** The kinds of meter that may be here, by a look that costs next to nothing and starts no driver. */
export function likelyMeters(env: Readonly<Record<string, string | undefined>>): readonly MeterName[] {
  // A recorded trace takes the place of whatever is here.
  if ((env[REPLAY_VARIABLE] ?? "") !== "") return ["replay"];
  const found: MeterName[] = [];
  if (hasNvmlLibrary()) found.push("nvml");
  if (hasAmd()) found.push("amd");
  if (hasRapl()) found.push("rapl");
  return found;
}

/** Why there is no meter, and the boards that did not open. */
export interface NoMeter {
  readonly reason: string;
  readonly left_out?: readonly LeftOutBoard[];
}

/** Starts the meter process. Where there is nothing that it could read, says so in one line. */
export async function startMeter(wish: MeterWish): Promise<MeterClient | NoMeter> {
  const meters = likelyMeters(wish.env);
  if (meters.length === 0) return { reason: noMeterHere() };
  const { program, args } = wish.self ?? selfProgram();
  const { mig_devices = [] } = wish;
  const options = { meters, period_ms: wish.period_ms ?? PERIOD_MS, mig_devices };
  const client = await MeterClient.start({ program, args, env: wish.env }, options, {
    ...(wish.signal === undefined ? {} : { signal: wish.signal }),
  });
  if ("reason" in client || client.hello.devices.length > 0) return client;
  const reason = client.hello.absent.map(absentText).join("; ") || nothingOpens();
  await client[Symbol.asyncDispose]();
  return { reason, left_out: client.hello.left_out ?? [] };
}

/** Why a kind of meter is not there, with what would bring it. */
export function absentText({ reason, remedy }: AbsentMeter): string {
  return remedy === null ? reason : `${reason} (${remedy.replace(/\.$/, "")})`;
}
