/** What every answer says of the connection. */
interface Kept {
  readonly isKept: boolean;
}

const STATUS: Readonly<Record<number, string | undefined>> = {
  200: "OK",
  400: "Bad Request",
  401: "Unauthorized",
  404: "Not Found",
  405: "Method Not Allowed",
  411: "Length Required",
  413: "Content Too Large",
  429: "Too Many Requests",
  431: "Headers Too Large",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/** An answer that is here as a whole; ASCII alone. */
export function wholeAnswer(
  status: number,
  type: "application/json" | "text/plain; version=0.0.4" | "text/html",
  body: string,
  { isKept }: Kept,
): string {
  const retry = status === 429 ? "Retry-After: 1\r\n" : "";
  return `${statusLine(status)}Content-Type: ${type}\r\nContent-Length: ${body.length}\r\n${retry}` +
    `${connectionLine(isKept)}\r\n${body}`;
}

/** The head of an answer in chunks of server-sent events. */
export function streamHead({ isKept }: Kept): string {
  return `${statusLine(200)}Content-Type: text/event-stream; charset=utf-8\r\nCache-Control: no-cache\r\n` +
    `Transfer-Encoding: chunked\r\n${connectionLine(isKept)}\r\n`;
}

/** One chunk of such an answer; ASCII alone. */
export function httpChunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`;
}

/** Ends a body in chunks. */
export const LAST_CHUNK = "0\r\n\r\n";

/** JSON in which every character is one byte. */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** An error as these servers say it. */
export function errorBody(status: number, message: string): string {
  return asciiJson({ error: { message, type: errorType(status), param: null, code: status } });
}

function errorType(status: number): string {
  if (status === 429) return "rate_limit_exceeded";
  return status >= 500 ? "server_error" : "invalid_request_error";
}

function statusLine(status: number): string {
  return `HTTP/1.1 ${status} ${STATUS[status] ?? "Unknown"}\r\n`;
}

function connectionLine(isKept: boolean): string {
  return `Connection: ${isKept ? "keep-alive" : "close"}\r\n`;
}
