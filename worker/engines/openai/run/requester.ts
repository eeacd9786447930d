import { apiPath } from "../../../../lib/experiment/engines/openai/target.ts";
import { timeLimit } from "../http/failure.ts";
import { API_PATHS } from "../prompts/request_body.ts";
import type { RequestRecord } from "../stream/request_record.ts";
import { RequestTrace } from "../stream/request_trace.ts";
import { stampNs } from "../../../../lib/base/stamp.ts";
import type { ReadyRequest } from "./bodies.ts";
import type { Service } from "./service.ts";

/** So long a connection has for its end after the answer's own: one that stays open holds a slot of the load. */
const AFTER_END_MS = 100;

export interface RequesterOptions {
  readonly service: Service;
  readonly api: "completions" | "chat";
  /** Seconds until a request ends as `timeout`; null is no limit. */
  readonly limit_s: number | null;
}

/** Makes one request after the other, each from its send to its record. */
export class Requester {
  readonly #options: RequesterOptions;
  readonly #path: string;

  constructor(options: RequesterOptions) {
    this.#options = options;
    this.#path = apiPath(options.service.target, API_PATHS[options.api].slice("/v1".length));
  }

  /**
   * `tSchedNs`: when it is due by a clock; null in a closed loop. `sent` is told when it goes to the kernel, again where it is
   * sent again. A request that fails is a record with its error.
   */
  async make(
    { prompt, body }: ReadyRequest,
    index: number,
    tSchedNs: bigint | null,
    sent: (tNs: bigint) => void = () => {},
  ): Promise<RequestRecord> {
    const { service: { pool, headers, hide }, limit_s } = this.#options;
    const trace = new RequestTrace({ index, tSchedNs, askedInputTokens: prompt.asked_tokens, hide });
    const limit = new AbortController();
    const end = (): void => limit.abort(timeLimit());
    let timer = limit_s === null ? undefined : setTimeout(end, limit_s * 1000);
    let isTerminated = false;
    try {
      const ended = await pool.exchange(
        { method: "POST", path: this.#path, headers, body },
        {
          sent: (tNs) => {
            trace.sent(tNs);
            sent(tNs);
          },
          head: (status, head, tNs) => trace.head(status, head, tNs),
          body: (bytes, tNs) => {
            trace.body(bytes, tNs);
            if (isTerminated || !trace.isTerminated) return;
            isTerminated = true;
            clearTimeout(timer);
            timer = setTimeout(end, AFTER_END_MS);
          },
        },
        limit.signal,
      );
      return trace.end(ended, ended.t_ns ?? stampNs());
    } finally {
      clearTimeout(timer);
    }
  }
}
