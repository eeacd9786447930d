/**
 * lib/servers owns inference servers as processes that a study holds. It sends no load to them and knows no run.
 */
export { startMock } from "./mock/start_mock.ts";
