/**
 * lib/servers owns inference servers as processes that a study holds: start, readiness, stop, and who has one for how long. It
 * sends no load to them, knows no kind of server by its name, and knows no run.
 */
export { type LeaseRequest, type ServerFacts, type ServerLease, ServerLeases } from "./leases.ts";
export { ManagedServer, type ServerBook, type ServerPlace, type StartClocks } from "./managed_server.ts";
export { startMock } from "./mock/start_mock.ts";
export { SERVER_ERROR_TYPES, ServerError, type ServerErrorType, type ServerLog } from "./server_error.ts";
