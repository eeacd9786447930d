import assert from "node:assert/strict";
import { refuseSharedCap } from "../../../lib/session/pool/shared_cap.ts";

Deno.test("refuseSharedCap() refuses overlapping windows where CPU and GPU share one cap, and nothing else", () => {
  for (const name of ["NVIDIA GH200 480GB", "NVIDIA GB200", "NVIDIA GB300"]) {
    assert.throws(() => refuseSharedCap({ parallel: "shared" }, ["NVIDIA H100", name]), {
      exitCode: 3,
      message: new RegExp(`${name} CPU and GPU share one power cap`),
    });
    refuseSharedCap({ parallel: "staged" }, [name]);
  }
  refuseSharedCap({ parallel: "shared" }, ["NVIDIA H200", "NVIDIA B200", "NVIDIA A100-SXM4-80GB", null]);
});
