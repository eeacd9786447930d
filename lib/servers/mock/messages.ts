/** Texts of the mock server: what its options do, and what is wrong with a request. */

export const MOCK_ABOUT =
  "an inference server that computes nothing: fixed times, known tokens, faults on request";

export const MOCK_REQUEST_OPTIONS = `
Options from --ttft-ms on can also be set by a single request, in its body:
  {"prompt": "...", "mock": {"tick_ms": 5, "cut_after": 3}}`;

/** Help of every option. */
export const MOCK_HELP = {
  host: "address to listen on",
  port: "port; 0 for a free one, which is printed",
  model: "name of the model",
  owner: "owner that /v1/models names; vllm: taken for that kind of server",
  api_key_env: "name of the environment variable with the API key that is required (default: no key)",
  slots: "requests served at a time, the others wait; 0 for no limit",
  loading_ms: "answer 503 for this long after the start, as while a model loads",
  close_after_requests: "close a connection after this many requests (llama-server: 100); 0 for never",
  idle_close_ms: "close a connection after this long without a request (vLLM: 5000); 0 for never",
  tokenizer: "/tokenize and /detokenize: a word is a token; no: 404, nonsense: HTML",
  vocab: "number of token ids",
  template_tokens: "tokens that a chat template adds to the prompt",
  prefix_cache: "remember prompts in blocks of 16 tokens; found tokens cost no prefill time",
  metrics: "counters at /metrics, under the names of vLLM and llama-server",
  truth: "write what really happened to each request to this file, one JSON object a line",
  until_stdin_ends: "end when stdin does",
  ttft_ms: "time from the slot to the first token",
  prefill_us_per_token: "more time for each input token that is not cached",
  tick_ms: "time from one chunk to the next",
  tokens_per_chunk: "tokens of each chunk",
  natural_tokens: "tokens after which the answer ends by itself (default: never)",
  max_tokens: "limit of the request",
  max_completion_tokens: "limit of the request, by its other name",
  min_tokens: "lower bound of the request",
  ignore_eos: "wish of the request not to end by itself",
  role_chunk: "chat: the chunk without content: with the first token, as soon as the slot is taken, or none",
  finish: "finish_reason in a chunk of its own, in that of the last token, or none",
  done: "end a stream with [DONE]",
  usage:
    "token counts: as the request asks, in a chunk of their own, with finish_reason, in every chunk, or none",
  token_ids: "ids in every chunk: where return_token_ids asks for them, always, or never",
  reasoning_tokens: "chat: this many first tokens are reasoning",
  reasoning_field: "chat: field that reasoning comes in",
  tool_tokens: "chat: this many last tokens are a tool call",
  timings: "timings of llama-server: in the last chunk, or in every one",
  cut_after: "close the connection after this many chunks (default: never)",
  cut_form: "how it is cut: closed as a server does that ends, or reset as one that crashes",
  stall_after: "say nothing more after this many chunks (default: never)",
  error_after: "report an error inside the 200 after this many chunks (default: never)",
  error_form: "such an error as data alone, or with event: error",
  status_every: "refuse every n-th request; 0 for none",
  status: "status of such a refusal",
  comment_every: "a comment before every n-th chunk; 0 for none",
  newline: "line ends of events",
  split_at: "write each event in two parts, the first of so many bytes, 2 ms apart; 0 for whole",
  stamps: "CLOCK_MONOTONIC of the write in every event: mock.written_ns",
};

export function mockOptionUnknown(name: string): string {
  return `mock: there is no option ${name}`;
}

export function mockOptionNotOfRequest(name: string): string {
  return `mock: ${name} is an option of the server, not of a request`;
}

export function mockOptionInvalid(name: string, value: string): string {
  return `mock: ${name} cannot be ${value}`;
}

export function mockValueInvalid(value: string, range: string): string {
  return `"${value}" is not ${range}.`;
}

export function aNumberFrom(least: number, most: number): string {
  return `a number from ${least} to ${most}`;
}

export function mockNotStarted(reason: string): string {
  return `the mock server could not be started: ${reason}`;
}

export function mockNoAnswer(): string {
  return "it does not say its port";
}

export function mockCannotListen(address: string, reason: string): string {
  return `mock-server: cannot listen on ${address}: ${reason}`;
}

export function mockCannotWrite(file: string, reason: string): string {
  return `mock-server: ${file} cannot be written: ${reason}`;
}

export function keyNotSet(variable: string): string {
  return `mock-server: the variable ${variable}, which --api-key-env names, is not set or empty`;
}

// What the server says to its clients.

export function requestNotRead(): string {
  return "The request cannot be read.";
}

export function bodyIsNoObject(): string {
  return "The body is no JSON object.";
}

export function noPrompt(field: string): string {
  return `"${field}" is missing, or neither text nor a list of token ids.`;
}

export function keyRefused(): string {
  return "The API key is missing or wrong.";
}

export function loadingModel(): string {
  return "Loading model";
}

export function statusAsked(status: number): string {
  return `This request was to be refused with ${status}.`;
}

export function generationFailed(): string {
  return "The generation was to fail here.";
}

export function noSuchPath(method: string, path: string): string {
  return `There is no ${method} ${path}.`;
}
