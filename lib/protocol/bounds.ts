/**
 * How much may come out of a worker: every bound on a frame and on what is kept of a run. The table of
 * docs/worker-protocol.md holds the same numbers; tests/protocol/bounds_test.ts compares the two.
 *
 * A text, a name or a list over its bound is cut, with one warning for the attempt. Only a frame with too many bytes,
 * levels, keys or values breaks the protocol: there is no telling what was meant to be left out.
 */
import type { Frame } from "./frame.ts";

const MIB = 1024 * 1024;

/** Longest JSON text of one frame as it is sent. */
export const MAX_FRAME_BYTES = 64 * MIB;
/** Longest JSON text of one frame once its long texts are cut: it is parsed in one go, and no limit of a run may wait for that. */
export const MAX_KEPT_FRAME_BYTES = 8 * MIB;
/** Levels of nesting in a frame. */
export const MAX_DEPTH = 64;
/** Members of all objects of a frame together. */
export const MAX_KEYS = 20_000;
/** Values of a frame together, those in lists included. */
export const MAX_VALUES = 250_000;

/** Characters of a member's name: of a metric, a version, anything. */
export const MAX_NAME_CHARS = 128;
/** Any text that is not named in MAX_TEXT_CHARS, as JSON writes it. */
export const MAX_TEXT_BYTES = 3 * MIB;
/** Characters of a warning's code and text, whoever wrote them. */
export const MAX_CODE_CHARS = 64;
export const MAX_REMARK_CHARS = 2_000;
/** Characters of an error's type. */
export const MAX_ERROR_TYPE_CHARS = 128;
/** Characters of the texts of a frame, by its type and field; those of a list or mapping each. */
export const MAX_TEXT_CHARS: Readonly<Record<Frame["type"], Readonly<Record<string, number>>>> = {
  hello: { backend: MAX_NAME_CHARS, versions: MAX_NAME_CHARS, devices: MAX_NAME_CHARS },
  ready: {},
  phase: { name: MAX_NAME_CHARS },
  progress: { unit: 32, note: 256 },
  request: {},
  note: { code: MAX_CODE_CHARS, text: MAX_REMARK_CHARS },
  result: {},
  error: { error_type: MAX_ERROR_TYPE_CHARS, message: 8_000, traceback: 16_384 },
};
/** Entries of `devices` and of `versions` in a hello frame. */
export const MAX_HELLO_ENTRIES = 256;

/** Phases of a run (two for each of 100,000 requests, and more), and how many of them may be open at once. */
export const MAX_PHASES = 250_000;
export const MAX_OPEN_PHASES = 1_000;
/** Characters of the names of all phases of a run together. */
export const MAX_PHASE_NAMES_CHARS = 4_000_000;
/** Warnings of an attempt; the rest is counted. */
export const MAX_WARNINGS = 100;
/** Numbers of `metrics` that appear in rows, for one run and for a whole study; all of them stay in result.json. */
export const MAX_OWN_METRICS = 100;
export const MAX_STUDY_METRICS = 500;
/** Values of each latency that are kept for its quantiles (8 bytes each, enough for a steady p99); beyond that a random sample of them. */
export const MAX_SAMPLES = 2_000_000;
/** Bytes of request frames that are kept in requests.jsonl; the statistics are over all. */
export const MAX_REQUESTS_BYTES = 1024 * MIB;
/** What the bounds above leave of a run in result.json. */
export const MAX_RECORD_BYTES = 128 * MIB;
