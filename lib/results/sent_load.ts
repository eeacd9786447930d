import { isJsonObject, type Json } from "../base/json.ts";
import type { ResultRecord } from "./record.ts";

/** How much of the load that a run was to send has been sent, as its worker tells it; null each where it does not. */
export interface SentLoad {
  /** Requests per second that were sent, as a share of those that were due. */
  readonly achieved_share: number | null;
  readonly most_in_flight: number | null;
  /** The number of requests in flight, or their latency, grew in the window: the server did not keep up. */
  readonly overloaded: boolean;
}

/** Null where the run measured nothing, or no server. */
export function sentLoadOf({ measurement, warnings }: ResultRecord): SentLoad | null {
  const serving: Json | undefined = (measurement as { readonly serving?: Json } | null)?.serving;
  const load = isJsonObject(serving) ? serving["load"] : null;
  if (!isJsonObject(load)) return null;
  const numberAt = (key: string): number | null => {
    const value = load[key];
    return typeof value === "number" ? value : null;
  };
  return {
    achieved_share: numberAt("achieved_share"),
    most_in_flight: numberAt("most_in_flight"),
    overloaded: warnings.some(({ code }) => code === "overloaded"),
  };
}
