const FORMATS = "Azure (TIMESTAMP, ContextTokens, GeneratedTokens), BurstGPT (Timestamp, Request tokens, " +
  "Response tokens) and Mooncake (JSON lines with timestamp, input_length, output_length)";

export function traceUnreadable(path: string, reason: string): string {
  return `The trace ${path} cannot be read: ${reason}. Check openai.load.file.`;
}

export function traceFormatUnknown(path: string, firstLine: string): string {
  return `The trace ${path} begins with ${
    JSON.stringify(firstLine)
  }, which is no format that llem knows: ${FORMATS}.`;
}

export function traceRowBad(path: string, line: number, what: string): string {
  return `The trace ${path} cannot be replayed: line ${line}: ${what}. Correct the line or remove it.`;
}

export function traceEmpty(path: string): string {
  return `The trace ${path} holds no requests. Give openai.load.file another one.`;
}

export function traceTooShort(path: string, there: number, asked: number): string {
  return `The trace ${path} holds ${there} requests; the run asks for ${asked}. ` +
    `Lower dataset.n to ${there} or give a longer trace.`;
}

export function lineIsNoJson(reason: string): string {
  return `it is no JSON object: ${reason}`;
}

export function valueIsNoTime(column: string, value: string): string {
  return `${column} ${value} is no time`;
}

export function valueIsNoCount(column: string, value: string): string {
  return `${column} ${value} is no number of tokens`;
}

export function hashIdsBad(value: string): string {
  return `hash_ids ${value} is no list of whole numbers`;
}
