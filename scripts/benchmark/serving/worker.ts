import { NO_INPUTS } from "../../../lib/experiment/inputs.ts";
import { resolveConfig } from "../../../lib/experiment/resolve_config.ts";
import { encodeAssignment } from "../../../lib/protocol/assignment.ts";
import { startMock } from "../../../lib/servers/mock/start_mock.ts";
import type { Figure } from "../figure.ts";
import { framesOf } from "../frames_of.ts";
import { BENCH, LLEM, ROOT } from "../places.ts";

const TOKEN = "bench";
const OUTPUT_LEN = 96;
const TTFT_MS = 50;

/** What a whole worker costs, as llem starts it for a run: with its prompts, its counters and its checks of itself. */
export async function measureWorkers(seconds: number): Promise<Figure[]> {
  const some = await runWorker(256, 20, seconds);
  const many = await runWorker(1024, 80, seconds);
  return [
    {
      name: "serving_worker_us_per_token_256",
      value: some.us_per_token,
      aim: null,
      remark: `CPU time in measure, of a whole worker; ${some.failed} of ${some.requests} requests failed`,
    },
    {
      name: "serving_worker_us_per_token_1024",
      value: many.us_per_token,
      aim: null,
      remark: `the same at 1,024 streams; ${many.failed} of ${many.requests} requests failed`,
    },
    {
      name: "serving_worker_rss_mb_1024",
      value: many.rss_mb,
      aim: "<= 200",
      remark: `of a whole worker at most; ${Math.round(some.rss_mb)} MB at 256 streams`,
    },
  ];
}

interface WorkerCost {
  readonly us_per_token: number;
  readonly rss_mb: number;
  readonly requests: number;
  readonly failed: number;
}

async function runWorker(streams: number, tick_ms: number, seconds: number): Promise<WorkerCost> {
  const rounds = Math.max(1, Math.round(seconds * 1000 / (TTFT_MS + OUTPUT_LEN * tick_ms)));
  await using mock = await startMock({ tick_ms, ttft_ms: TTFT_MS }, { program: LLEM, args: [] });
  const child = new Deno.Command(LLEM, {
    args: ["__worker"],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const stdin = child.stdin.getWriter();
  await stdin.write(assignment(mock.base_url, streams, rounds));
  let [requests, failed, tokens, rss_mb] = [0, 0, 0, 0];
  let [beginS, endS] = [NaN, NaN];
  for await (const frame of framesOf(child.stdout, TOKEN)) {
    if (frame.type === "phase" && frame.name === "measure") {
      if (frame.edge === "begin") beginS = cpuSeconds(child.pid);
      else endS = cpuSeconds(child.pid);
    }
    if (frame.type === "request") {
      requests += 1;
      tokens += frame.output_tokens;
      if (typeof frame["error"] === "string") failed += 1;
    }
    if (frame.type === "result") rss_mb = peakMb(child.pid);
    if (frame.type === "error") throw new Error(`the worker failed: ${frame.message}`);
  }
  await child.status;
  await stdin.close().catch(() => {}); // it has ended
  return { us_per_token: (endS - beginS) * 1e6 / tokens, rss_mb, requests, failed };
}

/** CPU time of all threads of a process that lives, in the steps of 10 ms that /proc has. */
function cpuSeconds(pid: number): number {
  const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ").at(-1)?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function peakMb(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) * 1024 / 1e6;
}

function assignment(base_url: string, concurrency: number, rounds: number): Uint8Array<ArrayBuffer> {
  const config = resolveConfig({
    model: "mock",
    backend: "openai",
    openai: { base_url, load: { arrivals: "closed", concurrency } },
    dataset: { n: concurrency * rounds, input_len: 128, output_len: OUTPUT_LEN },
    warmup: { n_warmup: 256 },
    baseline: { enabled: false },
  });
  if (config === null) throw new Error("the experiment of the bench is none");
  const run = { run_id: "0001_serving", attempt: 1, config_hash: "0123456789abcdef", cycle: 1, devices: [] };
  const places = { run_dir: BENCH, base_dir: ROOT, inputs: NO_INPUTS };
  return encodeAssignment({ v: 1, token: TOKEN, ...run, config, ...places });
}
