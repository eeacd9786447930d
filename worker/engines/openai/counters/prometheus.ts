/**
 * The Prometheus text format, as far as a server's counters need it: names, labels, values. Lines that make no sense
 * are passed over.
 */

/** One sample of an exposition. */
export interface Sample {
  /** With its prefix and suffix: `vllm:request_queue_time_seconds_sum`. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** More samples than any of these servers has (vLLM: some 1,000 with its buckets). */
const MAX_SAMPLES = 50_000;

const LINE = /^([a-zA-Z_:][\w:]*)\s*(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?\s*$/;
const LABEL = /\s*([a-zA-Z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*,?\s*/y;
/** Exemplars of OpenMetrics stand behind this. */
const EXEMPLAR = /\s#\s\{.*$/;

/** What is wanted of an exposition. */
export interface Wanted {
  /** Samples of these names only: reading a name is cheap, reading its labels is not. */
  readonly names?: ReadonlySet<string>;
  /** The buckets of histograms too: they are most of an exposition. */
  readonly buckets?: boolean;
}

/** The samples of an exposition, in its order. */
export function parsePrometheus(text: string, { names, buckets = false }: Wanted = {}): Sample[] {
  const samples: Sample[] = [];
  for (const line of text.split("\n")) {
    if (samples.length >= MAX_SAMPLES) break;
    if (line === "" || line.startsWith("#")) continue;
    if (names !== undefined && !names.has(nameOf(line))) continue;
    const sample = sampleOf(line);
    if (sample !== null && (buckets || !sample.name.endsWith("_bucket"))) samples.push(sample);
  }
  return samples;
}

/** What stands before the labels or the value. */
function nameOf(line: string): string {
  const [brace, space] = [line.indexOf("{"), line.indexOf(" ")];
  const end = brace < 0 ? space : space < 0 ? brace : Math.min(brace, space);
  return end < 0 ? line : line.slice(0, end);
}

function sampleOf(line: string): Sample | null {
  const [, name, labels, told] = LINE.exec(line.includes(" # ") ? line.replace(EXEMPLAR, "") : line) ?? [];
  if (name === undefined || told === undefined) return null;
  const value = numberOf(told);
  return value === null ? null : { name, labels: labelsOf(labels ?? ""), value };
}

function numberOf(text: string): number | null {
  if (/^[+-]?inf$/i.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  if (/^nan$/i.test(text)) return NaN;
  const value = Number(text);
  return Number.isNaN(value) ? null : value;
}

function labelsOf(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  for (let found = LABEL.exec(text); found !== null; found = LABEL.exec(text)) {
    const [, name = "", value = ""] = found;
    labels[name] = value.replace(/\\(.)/g, (_, letter: string) => letter === "n" ? "\n" : letter);
  }
  return labels;
}
