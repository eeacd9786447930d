import { existsSync } from "node:fs";
import { ROOT } from "../places.ts";
import type { Load } from "./load.ts";
import type { Seen } from "./truth.ts";

const MODULE = `${ROOT}.tools/peer-client/_bench.so`;

/** What a load was to a client. */
export interface Outcome {
  /** In the order in which they were sent. */
  readonly seen: readonly Seen[];
  /** CPU time of all its threads from the begin of the load to its end, s. */
  readonly cpu_s: number;
  /** The most memory that the process held at once, in its whole life. */
  readonly rss_mb: number;
}

/** What our client says of its load. */
export interface LoadReport {
  readonly achieved_share: number | null;
  readonly never_sent: number;
  readonly capped: number;
  readonly due_unsent: number;
  readonly lateness: { readonly p99_ms: number | null };
}

/** How to get SGLang's client; null where it is there. */
export function whatIsMissing(): string | null {
  return existsSync(MODULE) ? null : "get it with scripts/setup-peer-client";
}

/** Puts the load on a server by our client. */
export async function runOwnClient(
  baseUrl: string,
  load: Load,
): Promise<Outcome & { readonly facts: LoadReport }> {
  const client = `${ROOT}scripts/benchmark/serving/own_client.ts`;
  const args = ["run", "-A", "--quiet", "--no-check", "--frozen", "--config", `${ROOT}deno.json`, client];
  const { stdout, stderr } = await output(Deno.execPath(), [...args, baseUrl, JSON.stringify(load)]);
  const { cpu_s, rss_mb, facts } = JSON.parse(stderr.trim().split("\n").at(-1) ?? "");
  const seen = stdout.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line.slice(1)))
    .filter(({ index }) => index >= load.warmup)
    .toSorted((a, b) => a.index - b.index)
    .map((frame): Seen => ({
      input_tokens: frame.input_tokens,
      output_tokens: frame.output_tokens,
      ttft_ms: frame.ttft_ms,
      t_first_token_ns: frame.t_first_token_ns === null ? null : BigInt(frame.t_first_token_ns),
    }));
  return { seen, cpu_s, rss_mb, facts };
}

/** Puts the load on a server by SGLang's client. */
export async function runPeerClient(
  baseUrl: string,
  { shape, requests, input_most, output_most }: Load,
): Promise<Outcome> {
  await using folder = await temporaryFolder();
  const [costFile, resultFile] = [`${folder.path}/cost.json`, `${folder.path}/result.json`];
  await output("python3", [
    ...[`${ROOT}scripts/benchmark/serving/peer_client.py`, MODULE, costFile],
    ...["--backend", "vllm", "--base-url", baseUrl.replace(/\/v1$/, ""), "--model", "mock"],
    ...["--dataset-name", "random-ids", "--tokenize-prompt", "--vocab-size", "32000", "--disable-retokenize"],
    ...["--num-prompts", `${requests}`, "--warmup-requests", "0"],
    ...shape.kind === "closed"
      ? ["--max-concurrency", `${shape.concurrency}`]
      : ["--request-rate", `${shape.rate}`],
    ...["--random-input-len", `${input_most}`, "--random-output-len", `${output_most}`],
    // The share of the most from which lengths are drawn.
    ...["--random-range-ratio", "0.5", "--disable-tqdm"],
    ...["--output-file", resultFile, "--output-details"],
  ]);
  const { input_lens, output_lens, ttfts, errors } = JSON.parse(Deno.readTextFileSync(resultFile));
  const seen = (input_lens as readonly number[]).map((input_tokens, index): Seen => ({
    input_tokens,
    output_tokens: output_lens[index],
    ttft_ms: errors[index] === "" ? ttfts[index] * 1000 : null,
    t_first_token_ns: null,
  }));
  return { seen, ...JSON.parse(Deno.readTextFileSync(costFile)) };
}

/** Runs a program to its end. Throws with its last words where it fails. */
async function output(
  program: string,
  args: readonly string[],
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const ended = await new Deno.Command(program, { args: [...args], stdin: "null" }).output();
  const decoder = new TextDecoder();
  const stderr = decoder.decode(ended.stderr);
  if (!ended.success) throw new Error(`${program} ${args[0]} failed: ${stderr.trim().slice(-2000)}`);
  return { stdout: decoder.decode(ended.stdout), stderr };
}

async function temporaryFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "llem-bench-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
