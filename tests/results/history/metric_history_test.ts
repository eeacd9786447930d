import assert from "node:assert/strict";
import { metricHistory, type StudyRuns } from "../../../lib/results/history/metric_history.ts";
import { Random } from "../../support/random.ts";
import { logNormal, near } from "../../statistics/worked.ts";

/** Joules a token of one configuration in eight studies. */
const WORKED = [0.2310, 0.2321, 0.2298, 0.2335, 0.2316, 0.2307, 0.2329, 0.2312];
const NAME = "j_per_output_token";

function study(values: readonly (number | null)[], circumstances: Record<string, string> = {}): StudyRuns {
  return {
    study_dir: "results/a",
    started_at: "2026-01-02T03:04:05.000Z",
    llem_version: "0.1.0",
    runs: values.map((value) => ({ [NAME]: value })),
    circumstances,
  };
}

function historyOf(values: readonly number[], better: "less" | "more" | null = "less") {
  return metricHistory(values.map((value) => study([value])), { name: NAME, better });
}

function standings(values: readonly number[], better: "less" | "more" | null = "less"): string {
  return historyOf(values, better).points.slice(8).map(({ standing }) => standing).join(" ");
}

Deno.test("metricHistory() predicts one more study from eight", () => {
  const { points, unit, verdict } = historyOf([...WORKED, 0.2300]);
  assert.ok(
    points.slice(0, 8).every(({ standing, expected }) => standing === "unjudged" && expected === null),
  );
  near(points[8]?.expected?.low, 0.2286026399);
  near(points[8]?.expected?.high, 0.2346311305);
  assert.deepEqual([points[8]?.standing, points[8]?.expected?.n, unit, verdict], [
    "expected",
    8,
    "J/token",
    "steady",
  ]);
  assert.equal(historyOf(WORKED).verdict, "too_few", "the eighth has seven before it");
});

Deno.test("metricHistory() takes a study as one value, the geometric mean of its runs", () => {
  const { points } = metricHistory([study([1, 10, 100]), study([5])], { name: NAME, better: "less" });
  near(points[0]?.value, 10);
  assert.deepEqual([points[0]?.n, points[1]?.n, points[1]?.low95], [3, 1, null]);
  assert.ok((points[0]?.low95 ?? 0) > 0 && (points[0]?.high95 ?? 0) > 10);
});

Deno.test("one study outside is no alarm; two in a row on the worse side are", () => {
  assert.equal(historyOf([...WORKED, 0.24]).verdict, "once");
  assert.equal(historyOf([...WORKED, 0.24, 0.2316]).verdict, "steady");
  assert.equal(historyOf([...WORKED, 0.24, 0.2316, 0.24]).verdict, "once", "not in a row");
  assert.equal(historyOf([...WORKED, 0.24, 0.241]).verdict, "alarm");
  assert.equal(historyOf([...WORKED, 0.22, 0.24]).verdict, "once", "one on either side");
  assert.equal(historyOf([...WORKED, 0.22, 0.221]).verdict, "improved");
  assert.equal(historyOf([...WORKED, 0.24, 0.241], "more").verdict, "improved");
  assert.equal(historyOf([...WORKED, 0.22, 0.221], "more").verdict, "alarm");
  assert.equal(historyOf([...WORKED, 0.24, 0.241], null).verdict, "changed");
  assert.equal(historyOf([...WORKED, 0.24, 0.221], null).verdict, "once");
});

Deno.test("a single study outside counts once the next is not, so that chance does not narrow what is expected", () => {
  const { points } = historyOf([...WORKED, 0.24, 0.2316, 0.2316]);
  assert.deepEqual(points.slice(8).map(({ expected }) => expected?.n), [8, 8, 10]);
  const random = new Random(3);
  let [judged, outside, alarms] = [0, 0, 0];
  for (let draw = 0; draw < 60; draw++) {
    const found = historyOf(logNormal(random, 0.02, 50));
    const seen = found.points.filter(({ expected }) => expected !== null);
    judged += seen.length;
    outside += seen.filter(({ standing }) => standing !== "expected").length;
    alarms += found.points.filter(({ standing }, index) =>
      standing === "worse" && found.points[index - 1]?.standing === "worse"
    ).length;
  }
  assert.ok(Math.abs(outside / judged - 0.05) < 0.015, `${outside} of ${judged} outside 95 %`);
  assert.ok(alarms / judged < 0.005, `${alarms} alarms of ${judged}`);
});

Deno.test("what got worse stays so until it is mended: it does not widen what is expected", () => {
  const slow = Array.from({ length: 12 }, (_, index) => 0.24 + index * 1e-4);
  const { points, verdict } = historyOf([...WORKED, ...slow]);
  assert.equal(verdict, "alarm");
  near(points.at(-1)?.expected?.high, 0.2346311305);
  assert.equal(historyOf([...WORKED, ...slow, 0.2316]).verdict, "steady", "mended");
});

Deno.test("what got better is what is expected, once eight studies say so", () => {
  const fast = [0.2110, 0.2121, 0.2098, 0.2135, 0.2116, 0.2107, 0.2129, 0.2112];
  assert.equal(standings([...WORKED, ...fast]), Array(8).fill("better").join(" "));
  const back = historyOf([...WORKED, ...fast, 0.2110, 0.2310, 0.2315]);
  assert.deepEqual(back.points.slice(-3).map(({ standing }) => standing), ["expected", "worse", "worse"]);
  assert.equal(back.verdict, "alarm");
});

Deno.test("equal values are expected, and studies without a positive value do not count", () => {
  assert.equal(standings(Array(12).fill(0.1)), "expected expected expected expected");
  const odd = metricHistory([study([1]), study([null]), study([0]), study([]), study([1, -1]), study([2])], {
    name: NAME,
    better: "less",
  });
  assert.deepEqual([odd.points.length, odd.without_value], [2, 4]);
  assert.deepEqual(metricHistory([], { name: "score", better: "more" }), {
    metric: "score",
    unit: null,
    better: "more",
    verdict: "too_few",
    without_value: 0,
    two_groups: null,
    points: [],
  });
});

Deno.test("what changed with a study stands beside it; the names of containers are no change", () => {
  const { points } = metricHistory([
    study([1], { driver: "550", engine: "torch 2.9", machine: "a", container: "docker" }),
    study([1], { driver: "560", engine: "torch 2.9", machine: "b", container: "docker" }),
    study([1], { driver: "560", llem: "0.2.0", machine: "c" }),
    study([1], { driver: "560", llem: "0.2.0", machine: "d" }),
  ], { name: NAME, better: "less" });
  assert.deepEqual(points.map(({ changes }) => changes), [
    [],
    [{ what: "driver", before: "550", after: "560" }],
    [],
    [{ what: "machine", before: "c", after: "d" }],
  ]);
});

Deno.test("studies that fall into two groups are told, those of an alarm apart", () => {
  const clocks = [1, 1.01, 1.2, 0.99, 1.21, 1.005, 1.19, 0.995];
  assert.deepEqual(historyOf(clocks).two_groups?.sizes, [5, 3]);
  assert.equal(historyOf([...WORKED, 0.24, 0.241]).two_groups, null);
});
