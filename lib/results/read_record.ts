import { readRegularText } from "../base/files.ts";
import { isJsonObject } from "../base/json.ts";
import { OUTCOME_KINDS } from "../experiment/outcome.ts";
import { MAX_RECORD_BYTES } from "../protocol/bounds.ts";
import { ENERGY_VERDICTS } from "./energy/record.ts";
import type { ResultRecord } from "./record.ts";

/**
 * Reads a result.json back; null where it is missing or damaged: no file or too long for one of ours, no UTF-8, no JSON, or
 * not of the shape that those who read records rely on.
 */
export function readRecord(path: string): ResultRecord | null {
  try {
    const text = readRegularText(path, MAX_RECORD_BYTES);
    // A log may hold U+FFFD as it is; only then it takes a second look to tell it from a byte that is no UTF-8.
    if (text.includes("\uFFFD")) strict.decode(Deno.readFileSync(path));
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

const strict = new TextDecoder("utf-8", { fatal: true });

/** Whether a value of a record has the shape that is expected of it. */
type Check = (value: unknown) => boolean;

const isString: Check = (value) => typeof value === "string";
const isNumber: Check = (value) => typeof value === "number";
const isStringOrNull: Check = (value) => value === null || typeof value === "string";
const isNumberOrNull: Check = (value) => value === null || typeof value === "number";
const isBooleanOrNull: Check = (value) => value === null || typeof value === "boolean";

/** Left out by earlier versions, which did not know the field yet. */
function optional(check: Check): Check {
  return (value) => value === undefined || check(value);
}

function orNull(check: Check): Check {
  return (value) => value === null || check(value);
}

function listOf(check: Check): Check {
  return (value) => Array.isArray(value) && value.every(check);
}

/** An object with these members; others may be there. */
function objectOf(members: Readonly<Record<string, Check>>): Check {
  const checks = Object.entries(members);
  return (value) => isJsonObject(value) && checks.every(([name, check]) => check(value[name]));
}

/** An object whose members are all so. */
function dictionaryOf(check: Check): Check {
  return (value) => isJsonObject(value) && Object.values(value).every(check);
}

function oneOf(words: readonly string[]): Check {
  return (value) => typeof value === "string" && words.includes(value);
}

const isOptionalNumber = optional(isNumberOrNull);
const isDistribution = optional(orNull(objectOf({ median: isNumber, p99: optional(isNumber) })));
const isError = objectOf({
  type: isString,
  message: isString,
  traceback: isStringOrNull,
  retryable: isBooleanOrNull,
});
const isClock = orNull(objectOf({ mean: isNumber, min: isNumber }));
const isLevel = objectOf({ power_w: isNumberOrNull });

/** By hand, as a study may have 130,000 records: a schema takes longer than the parsing of the JSON. */
const hasShape = objectOf({
  schema: oneOf(["llem.result/1"]),
  run: objectOf({
    run_id: isString,
    index: isNumber,
    config_hash: isString,
    join_hash: optional(isStringOrNull),
    cycle: isNumber,
    attempt: isNumber,
  }),
  outcome: objectOf({
    kind: oneOf(OUTCOME_KINDS),
    exit_code: isNumberOrNull,
    signal: isStringOrNull,
    flags: listOf(isString),
    error: orNull(isError),
  }),
  study: optional(orNull(objectOf({ name: isStringOrNull, id: isString }))),
  varied: optional(isJsonObject),
  load: optional(isJsonObject),
  host: optional(isStringOrNull),
  window: optional(orNull(objectOf({ started_at: isString, ended_at: isString }))),
  config: objectOf({ backend: isString, model: isString }),
  inputs: optional(isJsonObject),
  runner: optional(isJsonObject),
  worker: orNull(objectOf({ versions: dictionaryOf(isString), devices: listOf(isString) })),
  measurement: orNull(objectOf({
    input_tokens: isNumberOrNull,
    output_tokens: isNumberOrNull,
    requests: isNumberOrNull,
    memory: optional(isJsonObject),
    metrics: optional(isJsonObject),
  })),
  latency: orNull(
    objectOf({
      ttft_ms: isDistribution,
      tpot_ms: isDistribution,
      itl_ms: isDistribution,
      e2e_ms: isDistribution,
      ttft_sched_ms: isDistribution,
      itl_untold: optional(objectOf({ requests: isNumber, reason: isString })),
    }),
  ),
  throughput: orNull(objectOf({
    output_tokens_per_s: isNumberOrNull,
    total_tokens_per_s: isNumberOrNull,
    requests_per_s: isNumberOrNull,
    window_s: isNumber,
  })),
  requests: optional(objectOf({ total: isNumber, failed: isNumber, failed_by: isJsonObject })),
  slo: optional(objectOf({
    limits: isJsonObject,
    requests: isNumber,
    good: isNumber,
    share: isNumberOrNull,
    met: isBooleanOrNull,
    certified: isBooleanOrNull,
    goodput_per_s: isNumberOrNull,
    energy_per_good_request_j: isNumberOrNull,
  })),
  phases: listOf(objectOf({ name: isString })),
  energy: orNull(objectOf({
    headline_j: isNumberOrNull,
    method: isStringOrNull,
    verdict: oneOf(ENERGY_VERDICTS),
    verdict_reasons: listOf(isString),
    uncertainty_j: isNumberOrNull,
    avg_power_w: isOptionalNumber,
    j_per_output_token: isNumberOrNull,
    j_per_total_token: isOptionalNumber,
    wh_per_1000_requests: isOptionalNumber,
    net_j_per_output_token: isOptionalNumber,
    idle_share: isOptionalNumber,
    net_j: objectOf({ bare: isNumberOrNull }),
    baseline: objectOf({ bare: isLevel }),
    budget: optional(dictionaryOf(isNumberOrNull)),
    devices: optional(listOf(objectOf({ uuid: isString, name: isString }))),
    clocks: optional(listOf(objectOf({ power_limits_w: listOf(isNumber), sm_mhz: isClock }))),
    temperature: optional(objectOf({
      start_c: isOptionalNumber,
      end_c: isOptionalNumber,
      max_c: isOptionalNumber,
    })),
    throttle: optional(objectOf({
      disqualifying: listOf(isString),
      devices: listOf(objectOf({ seconds: dictionaryOf(isNumber) })),
    })),
  })),
  energy_reason: isStringOrNull,
  contention: optional(objectOf({
    contended: oneOf(["yes", "no", "unknown"]),
    reasons: listOf(isString),
    lost_share: isNumberOrNull,
    readings: orNull(isJsonObject),
  })),
  timing: objectOf({ started_at: isString, ended_at: isString, duration_s: isNumber }),
  warnings: listOf(objectOf({ code: isString, text: isString })),
  log_tail: optional(listOf(isString)),
  log_file: optional(isString),
  environment_changes: optional(listOf(objectOf({ path: isString }))),
  llem_version: isString,
});

function isRecord(value: unknown): value is ResultRecord {
  if (!hasShape(value)) return false;
  const { outcome } = value as ResultRecord;
  return (outcome.kind === "completed") === (outcome.error === null);
}
