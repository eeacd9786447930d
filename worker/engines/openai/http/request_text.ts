/** One request as the caller gives it. */
export interface HttpRequest {
  readonly method: string;
  /** Absolute, with its query: `apiPath` and `rootPath` make it. */
  readonly path: string;
  /** By name; Host, Content-Length, Accept and Accept-Encoding stand for themselves where they are not given. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const NO_BODY = ["GET", "HEAD"];

/**
 * The bytes of a request, head and body in one: a single write. Throws where a header would break the head in two; its
 * value is not told, for it may be a key.
 */
export function requestBytes(
  { method, path, headers, body }: HttpRequest,
  authority: string,
  /** Put before the path: the origin, where a proxy is asked. */
  origin = "",
): Uint8Array<ArrayBuffer> {
  const fields = new Map<string, string>([["host", `Host: ${authority}`], ["accept", "Accept: */*"]]);
  fields.set("accept-encoding", "Accept-Encoding: identity");
  if (body.length > 0 || !NO_BODY.includes(method)) {
    fields.set("content-length", `Content-Length: ${body.length}`);
  }
  for (const [name, value] of Object.entries(headers)) {
    if (!NAME.test(name) || !VALUE.test(value)) {
      throw new Error(`header ${JSON.stringify(name)} is not a header`);
    }
    if (name.toLowerCase() !== "content-length") fields.set(name.toLowerCase(), `${name}: ${value}`);
  }
  if (!/^[\x21-\x7e]+$/.test(path)) throw new Error(`path ${JSON.stringify(path)} is not a path`);
  const head = `${method} ${origin}${path} HTTP/1.1\r\n${[...fields.values()].join("\r\n")}\r\n\r\n`;
  const bytes = new Uint8Array(head.length + body.length);
  for (let i = 0; i < head.length; i++) bytes[i] = head.charCodeAt(i);
  bytes.set(body, head.length);
  return bytes;
}
