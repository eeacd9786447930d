/** Which files of a dataset make up a split: by its card, by their names, in the hub's conversion. */
import assert from "node:assert/strict";
import { readCard } from "../../lib/hub/dataset_card.ts";
import { globPattern } from "../../lib/hub/glob.ts";
import { convertedFiles, NoReadableFiles, splitFiles } from "../../lib/hub/split_files.ts";
import { lacksFiles, leadingFiles, usualSplits } from "../../lib/hub/usual_splits.ts";

Deno.test("globPattern() matches as the patterns of cards do", () => {
  const cases: readonly (readonly [glob: string, path: string, isMatch: boolean])[] = [
    ["data/train-*", "data/train-00000-of-00001.parquet", true],
    ["data/train-*", "data/test-00000-of-00001.parquet", false],
    ["data/*", "data/en/a.parquet", false],
    ["data/**", "data/en/a.parquet", true],
    ["**/*.jsonl", "a.jsonl", true],
    ["**/*.jsonl", "x/y/a.jsonl", true],
    ["./a.json", "a.json", true],
    ["a[0-9].json", "a7.json", true],
    ["a[!0-9].json", "a7.json", false],
    ["{en,de}/a+(b).json", "de/a+(b).json", true],
    ["a.json", "axjson", false],
    ["?.json", "ab.json", false],
  ];
  for (const [glob, path, isMatch] of cases) {
    assert.equal(globPattern(glob).test(path), isMatch, `${glob} ${path}`);
  }
});

const CARD = `---
license: mit
configs:
- config_name: en
  data_files:
  - split: train
    path: en/train-*
  - split: few
    path: [en/b.jsonl, en/a.jsonl]
- config_name: de
  default: true
  data_files: "de/*.parquet"
- config_name: fr
  data_dir: fr
---
# A dataset
`;
const PATHS = [
  "README.md",
  "de/2.parquet",
  "de/1.parquet",
  "en/a.jsonl",
  "en/b.jsonl",
  "en/train-00000-of-00001.parquet",
  "fr/test.parquet",
  "fr/train.parquet",
];

Deno.test("splitFiles() goes by the card: subsets, splits, patterns in their order, a folder", () => {
  const of = (split: string, subset: string | null): readonly string[] =>
    splitFiles(PATHS, readCard(CARD), { split, subset }, "dataset own/set");
  assert.deepEqual(of("train", "en"), ["en/train-00000-of-00001.parquet"]);
  assert.deepEqual(of("few", "en"), ["en/b.jsonl", "en/a.jsonl"]);
  assert.deepEqual(of("train", null), ["de/1.parquet", "de/2.parquet"]);
  assert.deepEqual(of("test", "fr"), ["fr/test.parquet"]);
  assert.throws(() => of("test", "en"), {
    message: 'dataset own/set has no split "test". It has: train, few.',
  });
  assert.throws(() => of("train", "it"), {
    message: 'dataset own/set has no subset "it". It has: en, de, fr.',
  });
});

Deno.test("splitFiles() asks for a subset where several are declared and none is the default", () => {
  const card = readCard(CARD.replace("  default: true\n", ""));
  assert.throws(() => splitFiles(PATHS, card, { split: "train", subset: null }, "dataset own/set"), {
    message:
      "dataset own/set has several subsets: en, de, fr. Name one: dataset: { hub: ..., subset: NAME }.",
  });
});

Deno.test("globPattern() takes no longer for a pattern that branches, and lets one that is none fit nothing", () => {
  const began = performance.now();
  assert.equal(globPattern(`${"**a".repeat(30)}b`).test("a".repeat(4000)), false);
  assert.equal(globPattern(`${"**/*".repeat(30)}b`).test("a/".repeat(2000)), false);
  assert.equal(globPattern(`${"{*a,a*}".repeat(30)}b`).test("a".repeat(1000)), false);
  assert.ok(performance.now() - began < 2000);
  assert.equal(globPattern("[z-a].json").test("z.json"), false);
});

Deno.test("a card's names may be anything; a head that nobody could read in time is refused", () => {
  const of = (config: string): ReturnType<typeof readCard> => readCard(`---\nconfigs:\n- ${config}\n---\n`);
  for (const key of ["config_name", "data_dir", "data_files"]) {
    const [config] = of(`${key}: { toString: 1 }`);
    assert.equal(config?.name, "default");
  }
  const [config] = of(
    "{ config_name: 7, data_files: [{ split: { toString: 1 }, path: [a, { toString: 1 }] }] }",
  );
  assert.deepEqual([config?.name, [...config?.splits ?? []]], ["7", [["train", ["a"]]]]);
  assert.throws(() => readCard(`---\n# ${"x".repeat(2 ** 22)}\n---\n`), {
    message: /^The metadata of the dataset's card \(README\.md\) is longer than 4 MiB\. /,
  });
});

Deno.test("a card that declares no files, or is no YAML, leaves it to the names", () => {
  for (
    const card of ["", "# no head", "---\nlicense: mit\n---\n", "---\nconfigs: 7\n---\n", "---\n{[\n---\n"]
  ) {
    assert.deepEqual(readCard(card), [], card);
  }
});

Deno.test("splitFiles() goes by the usual names without a card", () => {
  const of = (paths: readonly string[], split = "train", subset: string | null = null): readonly string[] =>
    splitFiles(paths, [], { split, subset }, "dataset own/set");
  assert.deepEqual(
    of(["data/train-00001-of-00002-ab12.parquet", "data/train-00000-of-00002-cd34.parquet"]),
    ["data/train-00000-of-00002-cd34.parquet", "data/train-00001-of-00002-ab12.parquet"],
  );
  assert.deepEqual(of(["train.parquet", "test.parquet"], "test"), ["test.parquet"]);
  assert.deepEqual(of(["val/a.json", "train/a.json"], "validation"), ["val/a.json"]);
  assert.deepEqual(of(["data/test_sft-00000-of-00001.parquet"], "test_sft").length, 1);
  assert.deepEqual(of(["prompts.jsonl", "dataset_infos.json", ".hidden.json"]), ["prompts.jsonl"]);
  assert.deepEqual(of(["main/train-00000-of-00001.parquet", "x/train.jsonl"], "train", "main"), [
    "main/train-00000-of-00001.parquet",
  ]);
  assert.throws(() => of(["train.parquet", "test.parquet"], "dev"), {
    message: 'dataset own/set has no split "dev". It has: test, train.',
  });
  assert.throws(() => of(["en/train.parquet"], "train", "de"), /no subset "de".*\(folders: en\)/);
  assert.throws(
    () => of(["README.md", "own.py", "train.csv"]),
    (error) =>
      error instanceof NoReadableFiles &&
      /can read \(\.parquet, \.jsonl, \.json\); there are: README\.md, own\.py, train\.csv/.test(
        error.message,
      ),
  );
});

Deno.test("convertedFiles() knows the hub's conversion", () => {
  const paths = ["default/train/0000.parquet", "default/train/0001.parquet", "default/test/0000.parquet"];
  const of = (all: readonly string[], split: string, subset: string | null): readonly string[] =>
    convertedFiles(all, { split, subset }, "dataset own/set");
  assert.deepEqual(of(paths, "train", null), paths.slice(0, 2));
  const several = ["en/train/0000.parquet", "de/train/0000.parquet"];
  assert.deepEqual(of(several, "train", "de"), ["de/train/0000.parquet"]);
  assert.throws(() => of(several, "train", null), /has several subsets: de, en\. Name one/);
  assert.throws(() => of(paths, "dev", null), /no split "dev"\. It has: test, train\./);
});

Deno.test("usualSplits() takes everything for train where no name tells", () => {
  assert.deepEqual([...usualSplits(["a.json", "b.json"])], [["train", ["a.json", "b.json"]]]);
});

Deno.test("a numbered set that lacks files is noticed, and read up to the gap", () => {
  const shard = (index: number, set = "train"): string => `d/${set}-0000${index}-of-00003.parquet`;
  const cases: readonly (readonly [files: readonly string[], leading: number, lacks: boolean])[] = [
    [["a.parquet", "b.parquet"], 2, false],
    [[shard(0), shard(1), shard(2)], 3, false],
    [[shard(0), shard(1)], 2, true],
    [[shard(0), shard(2)], 1, true],
    [[shard(1), shard(2)], 0, true],
    [[shard(0, "a"), shard(1, "a"), shard(0, "b")], 2, true],
    [[], 0, false],
  ];
  for (const [files, leading, lacks] of cases) {
    assert.equal(leadingFiles(files).length, leading, String(files));
    assert.equal(lacksFiles(files), lacks, String(files));
  }
});
