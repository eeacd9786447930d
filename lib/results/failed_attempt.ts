import type { ResultRecord } from "./record.ts";

/** The part of a record that tells why an attempt failed; for an attempt without a record, what the journal knows. */
export type FailedAttempt = Pick<ResultRecord, "outcome" | "config" | "worker" | "phases" | "log_tail">;
