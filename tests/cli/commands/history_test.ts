import assert from "node:assert/strict";
import type { IndexedConfiguration } from "../../../lib/archive/history/history_index.ts";
import { CommandError } from "../../../lib/base/refusal.ts";
import { parseArguments } from "../../../lib/cli/arguments.ts";
import { chosenConfigurations } from "../../../lib/cli/commands/history/chosen.ts";

Deno.test("llem history takes metrics with their directions, and a number of studies from 1 on", () => {
  assert.deepEqual(
    parseArguments([
      "history",
      "results",
      "--metric",
      "score:more",
      "--metric",
      "ttft_ms",
      "--last",
      "20",
      "--gate",
    ]),
    {
      kind: "history",
      root: "results",
      metrics: [{ name: "score", better: "more" }, { name: "ttft_ms", better: null }],
      config: null,
      last: 20,
      gate: true,
      html: null,
      format: "text",
    },
  );
  for (const wrong of [["--last", "0"], ["--last", "1.5"], ["--metric", "score:up"], ["--json", "--csv"]]) {
    const answer = parseArguments(["history", ...wrong]);
    assert.ok(answer.kind === "text" && answer.exitCode === 2, wrong.join(" "));
  }
});

function configuration(config_hash: string, batch: number, studies: number): IndexedConfiguration {
  return {
    config_hash,
    config_hashes: [config_hash],
    join_hash: `f${config_hash.slice(1)}`,
    backend: "pytorch",
    model: "org/model",
    varied: { "pytorch.batch_size": batch },
    studies: Array(studies).fill({ study_dir: "a", started_at: null, llem_version: null, entries: [] }),
  };
}

Deno.test("chosenConfigurations() takes those of most studies, by a hash, or by a part of the name", () => {
  const all = [9, 8, 7, 6, 5, 5, 2].map((studies, index) =>
    configuration(`${index}123456789abcdef`, index, studies)
  );
  const chosen = (asked: string | null): number[] =>
    chosenConfigurations(all, asked).map(({ varied }) => Number(varied["pytorch.batch_size"]));
  assert.deepEqual(chosen(null), [0, 1, 2, 3, 4], "at most five");
  assert.deepEqual(
    chosenConfigurations([all[0], all[6]].flatMap((one) => one ?? []), null).length,
    1,
    "not the seldom one",
  );
  assert.deepEqual(chosen("612345"), [6]);
  assert.deepEqual(chosen("F12345"), [0, 1, 2, 3, 4], "the hash of the content");
  assert.deepEqual(chosen("batch_size=6"), [6]);
  assert.deepEqual(chosen("ORG/model"), [0, 1, 2, 3, 4]);
  assert.throws(() => chosen("batch_size=9"), (error) => {
    return error instanceof CommandError &&
      /batch_size=9; there are: org\/model, pytorch, batch_size=0; .* and 2 more/
        .test(error.message);
  });
});
