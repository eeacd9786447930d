import assert from "node:assert/strict";
import { type Assignment, decodeAssignment, encodeAssignment } from "../../lib/protocol/assignment.ts";
import { configOf } from "../support/plans.ts";

const assignment: Assignment = {
  v: 1,
  token: "the-token",
  run_id: "0001_none_command_abcd_c1",
  attempt: 2,
  config_hash: "0123456789abcdef",
  cycle: 3,
  config: configOf({ params: { text: "line\nline \u00e9 \ud83d\ude00", list: [1, null] } }),
  devices: ["0", "GPU-1"],
  run_dir: "/tmp/a b/run",
  base_dir: "/tmp/base",
  inputs: { model: null, adapter: null, prompts: null },
  server: {
    base_url: "http://127.0.0.1:18123/v1",
    kind: "other",
    instance: "0123",
    version: null,
    position: 1,
  },
};

Deno.test("encodeAssignment() writes one line that decodeAssignment() reads back", () => {
  const text = new TextDecoder().decode(encodeAssignment(assignment));
  assert.equal(text.indexOf("\n"), text.length - 1);
  assert.deepEqual(decodeAssignment(text.slice(0, -1)), assignment);
});

Deno.test("decodeAssignment() refuses what is no assignment of its version", () => {
  const changed = (change: Record<string, unknown>): string => JSON.stringify({ ...assignment, ...change });
  const cases: readonly (readonly [line: string, message: RegExp])[] = [
    ["", /JSON/],
    ["{", /JSON/],
    ["null", /protocol version is undefined, 1 is needed/],
    ["5", /protocol version is undefined, 1 is needed/],
    ["[]", /protocol version is undefined, 1 is needed/],
    ["{}", /protocol version is undefined, 1 is needed/],
    [changed({ v: 2 }), /protocol version is 2, 1 is needed/],
    [changed({ v: "1" }), /protocol version is 1, 1 is needed/],
    [changed({ token: 5 }), /token or config is missing/],
    [changed({ token: undefined }), /token or config is missing/],
    [changed({ config: undefined }), /token or config is missing/],
    [changed({ config: "x" }), /token or config is missing/],
    [changed({ config: null }), /token or config is missing/],
  ];
  for (const [line, message] of cases) assert.throws(() => decodeAssignment(line), { message }, line);
});
