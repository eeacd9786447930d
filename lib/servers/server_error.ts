/**
 * How a managed server failed a run:
 * - server_not_started: its program cannot be started
 * - server_exited: it ended before it was ready
 * - server_not_ready: its time to become ready is up, or it refuses the request that proves it
 * - port_taken: another program listens on its port
 * - server_died: it ended under load
 */
export const SERVER_ERROR_TYPES = [
  "server_not_started",
  "server_exited",
  "server_not_ready",
  "port_taken",
  "server_died",
] as const;
/** One of these, as a record has it. */
export type ServerErrorType = typeof SERVER_ERROR_TYPES[number];

/** A server's log, and the end of it. */
export interface ServerLog {
  /** Absolute. */
  readonly path: string;
  /** Its last lines, without what nobody is to read. */
  readonly lines: readonly string[];
}

/** Why there is no server, in words for people that end with what to do. */
export class ServerError extends Error {
  readonly type: ServerErrorType;
  /** Whether another attempt could go better; null where nobody knows. */
  readonly retryable: boolean | null;
  /** Null where no process came to be. */
  readonly log: ServerLog | null;

  constructor(
    type: ServerErrorType,
    message: string,
    retryable: boolean | null = null,
    log: ServerLog | null = null,
  ) {
    super(message);
    this.name = "ServerError";
    this.type = type;
    this.retryable = retryable;
    this.log = log;
  }
}
