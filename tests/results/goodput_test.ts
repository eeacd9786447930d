/** The promise of a server: whether requests keep it, and what that makes. */
import assert from "node:assert/strict";
import { NO_ITL } from "../../lib/protocol/messages.ts";
import { type JudgedRequest, judgeRequest, SloTally, type SloVerdict } from "../../lib/results/goodput.ts";
import type { Slo } from "../../lib/study/slo_schema.ts";

function request(fields: Partial<JudgedRequest>): JudgedRequest {
  return {
    error: null,
    n_choices: 1,
    ttft_ms: 100,
    tpot_ms: 20,
    itl_ms: [20, 20],
    itl_reason: null,
    e2e_ms: 500,
    ...fields,
  };
}

Deno.test("a request is judged by each limit; what cannot be judged is not good", () => {
  const limits = { ttft_ms: 100, tpot_ms: 20, itl_ms: 30, e2e_ms: null };
  const verdict = (fields: Partial<JudgedRequest>) => judgeRequest(request(fields), limits);
  assert.deepEqual(verdict({}), { kind: "good" });
  assert.deepEqual(verdict({ ttft_ms: 100.1, itl_ms: [20, 31] }), {
    kind: "missed",
    limits: ["ttft_ms", "itl_ms"],
  });
  assert.deepEqual(verdict({ error: "truncated" }), { kind: "failed" });
  assert.deepEqual(verdict({ itl_ms: null, itl_reason: NO_ITL.untold }), {
    kind: "unjudged",
    limits: ["itl_ms"],
  });
  assert.deepEqual(verdict({ itl_ms: null, itl_reason: NO_ITL.untold, tpot_ms: 21 }), {
    kind: "missed",
    limits: ["tpot_ms"],
  });
  assert.deepEqual(verdict({ tpot_ms: null, itl_ms: null, itl_reason: NO_ITL.one_token }), { kind: "good" });
  assert.deepEqual(verdict({ ttft_ms: null }), { kind: "unjudged", limits: ["ttft_ms"] });
  assert.deepEqual(verdict({ tpot_ms: null, n_choices: 2 }), { kind: "unjudged", limits: ["tpot_ms"] });
});

const NO_LIMITS: Slo = { ttft_ms: null, tpot_ms: null, itl_ms: null, e2e_ms: null, share: 0.99 };

function judgeSlo(
  requests: readonly JudgedRequest[],
  limits: Slo,
  window: Parameters<SloTally["verdict"]>[0],
): SloVerdict {
  const tally = new SloTally(limits);
  for (const each of requests) tally.add(each);
  return tally.verdict(window);
}

Deno.test("goodput and joules count good requests, and the share counts failed ones", () => {
  const requests = [
    ...Array.from({ length: 97 }, () => request({})),
    request({ ttft_ms: 300 }),
    request({ error: "timeout" }),
    request({ tpot_ms: null, n_choices: 2 }),
  ];
  const judge = (share: number) =>
    judgeSlo(requests, { ...NO_LIMITS, ttft_ms: 200, tpot_ms: 50, share }, { windowS: 10, energyJ: 970 });
  const { missed, limits, ...verdict } = judge(0.95);
  assert.equal(limits.ttft_ms, 200);
  assert.deepEqual(verdict, {
    requests: 100,
    good: 97,
    failed: 1,
    unjudged: 1,
    share: 0.97,
    met: true,
    // 3 of 100 miss: 5 % can only be claimed from far more requests.
    certified: false,
    goodput_per_s: 9.7,
    energy_per_good_request_j: 10,
  });
  assert.equal(missed.ttft_ms, 1);
  assert.deepEqual([judge(0.98).met, judge(0.99).met], [null, false]);
  assert.equal(judge(0.8).certified, true);
  const none = judgeSlo([], { ...NO_LIMITS, share: 0.9 }, { windowS: 0, energyJ: null });
  assert.deepEqual([none.met, none.certified, none.goodput_per_s, none.energy_per_good_request_j], [
    null,
    null,
    null,
    null,
  ]);
});
