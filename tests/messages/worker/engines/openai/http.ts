import * as messages from "../../../../../worker/engines/openai/http/messages.ts";
import { type SampledMessages, samplesOf } from "../../../samples.ts";

const SERVER = "llm.example:443";
const PROXY = "proxy.example:3128";

const SAMPLES: SampledMessages = samplesOf(messages, {
  noHttpProxy: [["HTTPS_PROXY"]],
  certificatesUnreadable: [["SSL_CERT_FILE", "/etc/ssl/own.pem", "No such file or directory (os error 2)"]],
  connectFailed: [
    [SERVER, "Connection refused (os error 111)"],
    [`proxy ${PROXY}`, "Connection refused (os error 111)"],
    [SERVER, "Too many open files (os error 24)"],
    [SERVER, "Cannot assign requested address (os error 99)"],
  ],
  connectTimeout: [[SERVER, 10_000, false], [SERVER, 10_000, true]],
  proxyRefused: [[PROXY, SERVER, 403], [PROXY, SERVER, 407]],
  proxyFailed: [[PROXY, SERVER, messages.closedEarly(false, 0)]],
  tlsFailed: [
    [SERVER, "invalid peer certificate: UnknownIssuer"],
    [SERVER, "invalid peer certificate: Other(CaUsedAsEndEntity)"],
    [SERVER, "received corrupt message of type InvalidContentType"],
  ],
  timeLimitPassed: [[]],
  exchangeAborted: [[]],
  closedEarly: [[false, 0], [true, 4096]],
  connectionLost: [["Connection reset by peer (os error 104)"]],
  notHttp: [["hello"]],
  badHeaderLine: [[]],
  badChunk: [[]],
  switchesProtocol: [[]],
  encoded: [["gzip"]],
  headTooLarge: [[65_536]],
  bodyTooLarge: [[67_108_864]],
});

export default SAMPLES;
