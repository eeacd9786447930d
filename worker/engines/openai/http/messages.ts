import { bytesText } from "../../../../lib/base/bytes.ts";

export function noHttpProxy(variable: string): string {
  return `${variable} does not name a proxy like http://proxy.example:3128: ` +
    "others than plain HTTP proxies are not supported. Except the server in NO_PROXY, or unset it.";
}

export function certificatesUnreadable(source: string, path: string, reason: string): string {
  return `${source} names ${path}, which cannot be read as certificates: ${reason}.`;
}

export function connectFailed(hop: string, reason: string): string {
  return `no connection to ${hop}: ${reason}${scarcityHint(reason)}`;
}

function scarcityHint(reason: string): string {
  if (/\(os error 24\)/.test(reason)) return "; raise the limit of open files (ulimit -n) or lower the load";
  return /\(os error 99\)/.test(reason) ? "; no local port is free: lower the load, or wait a minute" : "";
}

/** A server that speaks no TLS may wait for more of what it takes for the beginning of a request. */
export function connectTimeout(hop: string, ms: number, isTls: boolean): string {
  return `no ${isTls ? "secure connection" : "connection"} to ${hop} within ${ms / 1000} s${
    isTls ? PLAIN_HINT : ""
  }`;
}

export function proxyRefused(proxy: string, server: string, status: number): string {
  const hint = status === 407 ? "; give its user and password in HTTPS_PROXY" : "";
  return `proxy ${proxy} refuses the way to ${server} with status ${status}${hint}`;
}

export function proxyFailed(proxy: string, server: string, reason: string): string {
  return `proxy ${proxy} gives no way to ${server}: ${reason}`;
}

export function tlsFailed(server: string, reason: string): string {
  return `no secure connection to ${server}: ${reason}${certificateHint(reason)}`;
}

const PLAIN_HINT = "; perhaps it speaks http://, without TLS";

function certificateHint(reason: string): string {
  if (/CaUsedAsEndEntity/.test(reason)) {
    return "; the server shows the certificate of an authority, which no server may: make one with CA:FALSE";
  }
  if (/InvalidContentType|close_notify|eof/i.test(reason)) return PLAIN_HINT;
  return /certificate/i.test(reason)
    ? "; SSL_CERT_FILE names a file with more certificates to trust, and so does openai.ca_file"
    : "";
}

export function timeLimitPassed(): string {
  return "the time limit of the request passed";
}

export function exchangeAborted(): string {
  return "the request was given up";
}

export function closedEarly(hasBegun: boolean, bodyBytes: number): string {
  if (!hasBegun) return "the server closed the connection before its answer began";
  return `the server closed the connection within its answer, after ${bytesText(bodyBytes)} of the body`;
}

export function connectionLost(reason: string): string {
  return `the connection broke: ${reason}`;
}

export function notHttp(start: string): string {
  return `the answer is not HTTP/1.1: it begins with ${JSON.stringify(start)}`;
}

export function badHeaderLine(): string {
  return "the answer's head has a line that is not HTTP/1.1";
}

export function badChunk(): string {
  return "the answer's chunks are not framed as HTTP/1.1 asks";
}

export function switchesProtocol(): string {
  return "the server switches to another protocol, which was not asked for";
}

export function encoded(coding: string): string {
  return `the answer is encoded (${coding}), which was not asked for`;
}

export function headTooLarge(mostBytes: number): string {
  return `the answer's head is larger than ${bytesText(mostBytes)}`;
}

export function bodyTooLarge(mostBytes: number): string {
  return `the answer's body is larger than ${bytesText(mostBytes)}`;
}
