import { InvalidArgumentError } from "@commander-js/extra-typings";
import type { Shard } from "../../plan/plan.ts";
import { readShard } from "../../plan/shard.ts";
import { readJobTime } from "../../cluster/slurm/time.ts";
import { notAPeriod, notAShard, notATime, notAWait } from "./messages.ts";

/** The longest that --wait takes: 366 days. */
const LONGEST_WAIT_SECONDS = 366 * 86_400;

/** Bounds of --period, as for advanced.nvml_poll_interval_ms. */
const PERIODS_MS = { least: 10, most: 10_000 };

export function parseShard(text: string): Shard {
  const shard = readShard(text);
  if (shard !== null) return shard;
  throw new InvalidArgumentError(notAShard(text));
}

export function parsePeriod(text: string): number {
  const ms = /^\d+$/.test(text) ? Number(text) : NaN;
  if (ms >= PERIODS_MS.least && ms <= PERIODS_MS.most) return ms;
  throw new InvalidArgumentError(notAPeriod(text, PERIODS_MS));
}

/** `4h`; a bare number is refused, since nobody knows of what. */
export function parseJobTime(text: string): number {
  const seconds = readJobTime(text);
  if (seconds !== null && !/^\d+$/.test(text.trim())) return seconds;
  throw new InvalidArgumentError(notATime(text));
}

export function parseWait(text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (seconds >= 0 && seconds <= LONGEST_WAIT_SECONDS) return seconds;
  throw new InvalidArgumentError(notAWait(text));
}
