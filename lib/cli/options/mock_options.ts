import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { aNumberFrom, MOCK_HELP, mockValueInvalid } from "../../servers/mock/messages.ts";
import {
  fits,
  MOCK_OPTIONS,
  type MockOption,
  type MockOptions,
  mockOptions,
  optionFlag,
} from "../../servers/mock/options.ts";
import { pathArgument } from "./path_argument.ts";

type OptionName = keyof MockOptions;
const NAMES = Object.keys(MOCK_OPTIONS) as OptionName[];

/** The options of `llem mock-server`, from the table of the mock itself. */
export function mockCommandOptions(): Option[] {
  return NAMES.map((name) => {
    const option = MOCK_OPTIONS[name];
    const flag = optionFlag(name);
    const help = MOCK_HELP[name];
    if (option.kind === "flag") {
      // Commander has no default for what is off.
      return option.usual ? new Option(`--no-${flag.slice(2)}`, `not: ${help}`) : new Option(flag, help);
    }
    const usual = option.usual === null || name === "api_key_env" ? "" : ` (default: ${option.usual})`;
    const made = new Option(`${flag} <${placeholder(name, option)}>`, `${help}${usual}`);
    return option.kind === "choice" ? made.choices(option.choices) : made.argParser(reader(name, option));
  });
}

/** What was said of them on the command line, by commander's names. */
export function readMockOptions(said: Readonly<Record<string, unknown>>): MockOptions {
  const given = NAMES.flatMap((name) => {
    const value = said[name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())];
    return value === undefined ? [] : [[name, value]];
  });
  return mockOptions(Object.fromEntries(given));
}

function placeholder(name: OptionName, { kind }: MockOption): string {
  if (kind === "choice") return "how";
  if (kind === "text") return name === "truth" ? "file" : "text";
  if (name.endsWith("_ms")) return "ms";
  return name.startsWith("prefill_us") ? "us" : "n";
}

function reader(name: OptionName, option: MockOption): (text: string) => string | number {
  if (name === "truth") return pathArgument;
  return (text) => {
    if (option.kind !== "number") return text;
    const value = text.trim() === "" ? NaN : Number(text);
    if (fits(option, value)) return value;
    throw new InvalidArgumentError(mockValueInvalid(text, aNumberFrom(option.least, option.most)));
  };
}
