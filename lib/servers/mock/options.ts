/** What the mock server can be told: one table for its types, its command line, and the bodies of its requests. */
import { isJsonObject } from "../../base/json.ts";
import { mockOptionInvalid, mockOptionNotOfRequest, mockOptionUnknown } from "./messages.ts";

interface NumberOption {
  readonly kind: "number";
  readonly usual: number | null;
  readonly least: number;
  readonly most: number;
  readonly whole: boolean;
}
interface FlagOption {
  readonly kind: "flag";
  readonly usual: boolean;
}
interface ChoiceOption<T extends string> {
  readonly kind: "choice";
  readonly usual: T;
  readonly choices: readonly T[];
}
interface TextOption {
  readonly kind: "text";
  readonly usual: string | null;
}
/** What an option may be, and what it is where nobody says. */
export type MockOption = NumberOption | FlagOption | ChoiceOption<string> | TextOption;

const MOST_MS = 3_600_000;
const MOST_COUNT = 1_000_000;

const ms = <U extends number | null>(usual: U): NumberOption & { readonly usual: U } => ({
  kind: "number",
  usual,
  least: 0,
  most: MOST_MS,
  whole: false,
});
const count = <U extends number | null>(usual: U, least = 0): NumberOption & { readonly usual: U } => ({
  kind: "number",
  usual,
  least,
  most: MOST_COUNT,
  whole: true,
});
const flag = (usual: boolean): FlagOption => ({ kind: "flag", usual });
const choice = <T extends string>(...choices: readonly [T, ...T[]]): ChoiceOption<T> => ({
  kind: "choice",
  usual: choices[0],
  choices,
});
const text = <U extends string | null>(usual: U): TextOption & { readonly usual: U } => ({
  kind: "text",
  usual,
});

/** What holds for the server as a whole. */
const SERVER_OPTIONS = {
  host: text("127.0.0.1"),
  port: { kind: "number", usual: 0, least: 0, most: 65_535, whole: true },
  model: text("mock"),
  owner: text("mock"),
  api_key_env: text<string | null>(null),
  slots: count(0),
  loading_ms: ms(0),
  close_after_requests: count(0),
  idle_close_ms: ms(0),
  tokenizer: choice("yes", "no", "nonsense"),
  vocab: count(32_000, 512),
  template_tokens: count(4),
  prefix_cache: flag(true),
  metrics: flag(true),
  truth: text<string | null>(null),
  until_stdin_ends: flag(false),
} as const satisfies Readonly<Record<string, MockOption>>;

/** What a request can change for itself by the field `mock` of its body. */
const REQUEST_OPTIONS = {
  ttft_ms: ms(50),
  prefill_us_per_token: ms(0),
  tick_ms: ms(20),
  tokens_per_chunk: count(1, 1),
  natural_tokens: count<number | null>(null, 1),
  max_tokens: choice("obey", "ignore"),
  max_completion_tokens: choice("obey", "ignore"),
  min_tokens: choice("obey", "ignore"),
  ignore_eos: choice("obey", "ignore"),
  role_chunk: choice("first", "early", "none"),
  finish: choice("own", "last", "none"),
  done: flag(true),
  usage: choice("asked", "chunk", "finish", "continuous", "none"),
  token_ids: choice("asked", "always", "never"),
  reasoning_tokens: count(0),
  reasoning_field: choice("reasoning_content", "reasoning"),
  tool_tokens: count(0),
  timings: choice("no", "last", "every"),
  cut_after: count<number | null>(null),
  cut_form: choice("close", "reset"),
  stall_after: count<number | null>(null),
  error_after: count<number | null>(null),
  error_form: choice("data", "event"),
  status_every: count(0),
  status: { kind: "number", usual: 429, least: 400, most: 599, whole: true },
  comment_every: count(0),
  newline: choice("lf", "crlf"),
  split_at: count(0),
  stamps: flag(false),
} as const satisfies Readonly<Record<string, MockOption>>;

type Widened<U> = U extends number ? number : U extends string ? string : U;
type ValueOf<O> = O extends ChoiceOption<infer T> ? T
  : O extends FlagOption ? boolean
  : O extends { readonly usual: infer U } ? Widened<U>
  : never;

/** The values of {@link SERVER_OPTIONS}. */
export type ServerOptions = {
  readonly [K in keyof typeof SERVER_OPTIONS]: ValueOf<typeof SERVER_OPTIONS[K]>;
};
/** The values of {@link REQUEST_OPTIONS}. */
export type RequestOptions = {
  readonly [K in keyof typeof REQUEST_OPTIONS]: ValueOf<typeof REQUEST_OPTIONS[K]>;
};
/** The values of all options. */
export type MockOptions = ServerOptions & RequestOptions;

/** All options by name. */
export const MOCK_OPTIONS: Readonly<Record<keyof MockOptions, MockOption>> = {
  ...SERVER_OPTIONS,
  ...REQUEST_OPTIONS,
};

/** Everything that was not said is as usual. Throws a TypeError that names an option it does not know, or a bad value. */
export function mockOptions(given: Partial<MockOptions> = {}): MockOptions {
  checkOptions(given, MOCK_OPTIONS);
  const usual = Object.entries(MOCK_OPTIONS).map(([name, option]) => [name, option.usual]);
  return { ...Object.fromEntries(usual), ...given } as MockOptions;
}

/** The options of one request: those of the server, changed by what its body says. Throws as `mockOptions`. */
export function requestOptions(server: MockOptions, given: unknown): MockOptions {
  if (given === undefined) return server;
  if (!isJsonObject(given)) throw new TypeError(mockOptionInvalid("mock", JSON.stringify(given)));
  for (const name of Object.keys(given)) {
    if (name in SERVER_OPTIONS) throw new TypeError(mockOptionNotOfRequest(name));
  }
  checkOptions(given, REQUEST_OPTIONS);
  return { ...server, ...given };
}

function checkOptions(
  given: Readonly<Record<string, unknown>>,
  known: Readonly<Record<string, MockOption>>,
): void {
  for (const [name, value] of Object.entries(given)) {
    const option = Object.hasOwn(known, name) ? known[name] : undefined;
    if (option === undefined) throw new TypeError(mockOptionUnknown(name));
    if (!fits(option, value)) throw new TypeError(mockOptionInvalid(name, JSON.stringify(value)));
  }
}

/** True for a value that the option can have. */
export function fits(option: MockOption, value: unknown): boolean {
  if (value === null) return option.usual === null;
  switch (option.kind) {
    case "number":
      return typeof value === "number" && value >= option.least && value <= option.most &&
        (!option.whole || Number.isInteger(value));
    case "flag":
      return typeof value === "boolean";
    case "choice":
      return option.choices.some((choice) => choice === value);
    case "text":
      return typeof value === "string";
  }
}

/** The command line that says these options. */
export function mockArguments(given: Partial<MockOptions>): string[] {
  return Object.entries(given).flatMap(([name, value]) => {
    const flagName = optionFlag(name);
    if (value === null) return [];
    if (typeof value === "boolean") return [value ? flagName : `--no-${flagName.slice(2)}`];
    return [flagName, String(value)];
  });
}

/** `--tick-ms` of `tick_ms`. */
export function optionFlag(name: string): string {
  return `--${name.replaceAll("_", "-")}`;
}
