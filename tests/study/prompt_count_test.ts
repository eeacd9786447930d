import { deepStrictEqual } from "node:assert/strict";
import { explainKey } from "../../lib/study/explain_key.ts";
import { readLayers } from "../../lib/study/read_study.ts";
import type { Override } from "../../lib/study/study.ts";
import { NO_USER_CONFIG } from "../../lib/study/user_config.ts";
import { explanationText } from "../../lib/report/explanation_text.ts";
import { promptCount } from "../../lib/experiment/config.ts";
import { tell } from "./_tell.ts";

const option = (path: string, text: string, source = "-n"): Override => ({ path, source, text });
const HEAD = "model: m\nbackend: llamacpp\n";

interface Case {
  readonly what: string;
  readonly text: string;
  readonly options?: readonly Override[];
  readonly files?: Readonly<Record<string, string>>;
  /** Prompts of every run in order. */
  readonly counts?: readonly number[];
  readonly errors?: readonly string[];
}

const CASES: readonly Case[] = [
  { what: "the dataset's own", text: "dataset: { n: 4, input_len: 8 }", counts: [4] },
  { what: "n of a dataset that gives none", text: "n: 4\ndataset: { input_len: 8 }", counts: [4] },
  { what: "two equal numbers", text: "n: 4\ndataset: { n: 4 }", counts: [4] },
  {
    what: "two numbers of one file",
    text: "n: 8\ndataset: { n: 4 }",
    errors: [
      "study.yaml:4:15 dataset.n: is 4, but n is 8 (study.yaml:3:4): both set the number of prompts (remove one of them)",
    ],
  },
  { what: "-n over the dataset's own", text: "dataset: { n: 4 }", options: [option("n", "2")], counts: [2] },
  {
    what: "--set dataset.n over n",
    text: "n: 9\ndataset: { input_len: 8 }",
    options: [option("dataset.n", "3", "--set")],
    counts: [3],
  },
  {
    what: "two options",
    text: "dataset: { n: 4 }",
    options: [option("n", "2"), option("dataset.n", "3", "--set")],
    errors: ["--set dataset.n: is 3, but n is 2 (-n): both set the number of prompts (remove one of them)"],
  },
  {
    what: "an option over two numbers",
    text: "n: 8\ndataset: { n: 4 }",
    options: [option("n", "2")],
    counts: [2],
  },
  {
    what: "-n of a file of prompts",
    text: "dataset: { jsonl: p.jsonl }",
    options: [option("n", "2")],
    counts: [2],
  },
  {
    what: "n over the dataset of a base",
    text: "base: b.yaml\nn: 2",
    files: { "b.yaml": "dataset: { n: 4 }\n" },
    counts: [2],
  },
  {
    what: "a dataset over n of a base",
    text: "base: b.yaml\ndataset: { n: 4 }",
    files: { "b.yaml": "n: 9\n" },
    counts: [4],
  },
  {
    what: "-n over the dataset of a base",
    text: "base: b.yaml",
    files: { "b.yaml": "dataset: { n: 4 }\n" },
    options: [option("n", "2")],
    counts: [2],
  },
  {
    what: "two numbers of a base",
    text: "base: b.yaml",
    files: { "b.yaml": "n: 2\ndataset: { n: 4 }\n" },
    errors: [
      "b.yaml:2:15 dataset.n: is 4, but n is 2 (b.yaml:1:4): both set the number of prompts (remove one of them)",
    ],
  },
  { what: "a sweep of n", text: "dataset: { n: 4 }\nsweep: { n: [1, 2] }", counts: [1, 2] },
  {
    what: "a sweep of dataset.n",
    text: "n: 9\ndataset: { input_len: 8 }\nsweep: { dataset.n: [1, 2] }",
    counts: [1, 2],
  },
  {
    what: "a sweep of datasets, the number of one and not of the other",
    text: "n: 9\nsweep: { dataset: [{ n: 1 }, { input_len: 8 }, p.jsonl] }",
    counts: [1, 9, 9],
  },
  {
    what: "a sweep of both",
    text: "dataset: { input_len: 8 }\nsweep: { n: [1, 2], dataset.n: [1, 2] }",
    counts: [1, 2],
  },
  {
    what: "-n over a sweep",
    text: "dataset: { input_len: 8 }\nsweep: { dataset.n: [1, 2], random_seed: [1, 2] }",
    options: [option("n", "5")],
    counts: [5, 5],
  },
  {
    what: "-n over a sweep of datasets",
    text: "sweep: { dataset: [{ n: 1 }, { n: 2, input_len: 8 }] }",
    options: [option("n", "5")],
    counts: [5, 5],
  },
  {
    what: "experiments over the shared number",
    text: "dataset: { n: 4 }\nexperiments: [{ n: 1 }, { dataset: { n: 2 } }, { random_seed: 1 }]",
    counts: [1, 2, 4],
  },
  {
    what: "-n over experiments",
    text:
      "dataset: { n: 4 }\nexperiments: [{ n: 1 }, { dataset: { n: 2, input_len: 8 } }, { random_seed: 1 }]",
    options: [option("n", "5")],
    counts: [5, 5, 5],
  },
  {
    what: "--set dataset.n over experiments",
    text: "dataset: { n: 4 }\nexperiments: [{ n: 1 }, { random_seed: 1 }]",
    options: [option("dataset.n", "5", "--set")],
    counts: [5, 5],
  },
  {
    what: "a sweep by an option over a sweep of datasets",
    text: "sweep: { dataset: [{ n: 1 }, { n: 2, input_len: 8 }] }",
    options: [option("sweep.n", "[5, 6]", "--set")],
    counts: [5, 6, 5, 6],
  },
  {
    what: "a sweep by an option over one number",
    text: "dataset: { n: 1 }",
    options: [option("sweep.n", "[5, 6]", "--set")],
    counts: [5, 6],
  },
  {
    what: "two numbers of one experiment",
    text: "experiments: [{ n: 1, dataset: { n: 2 } }]",
    errors: [
      "study.yaml:3:37 experiments.0.dataset.n: is 2, but n is 1 (study.yaml:3:20): both set the number of prompts (remove one of them)",
    ],
  },
];

Deno.test("the number of prompts is one setting with two places, of which the upper layer decides", () => {
  for (const { what, text, options = [], files = {}, counts = [], errors = [] } of CASES) {
    const execution = "execution: { n_cycles: 1, cycle_order: sequential }";
    const told = tell(`${HEAD}${text}\n${execution}\n`, options, files);
    deepStrictEqual(told.errors, errors, what);
    deepStrictEqual(told.plan?.runs.map(({ config }) => promptCount(config)) ?? [], counts, what);
  }
});

Deno.test("--explain tells the number of prompts that counts at both of its places", () => {
  const explain = (text: string, key: string, options: readonly Override[] = []): string => {
    const layers = {
      source: { file: "study.yaml", text: `${HEAD}${text}\n` },
      overrides: options,
      user: NO_USER_CONFIG,
    };
    const { study } = readLayers(layers);
    if (study === null) throw new Error(text);
    const told = explainKey(key, { layers, study, execution: {} });
    return "message" in told ? told.message : explanationText(told).trim();
  };
  const own = "dataset: { n: 4 }";
  deepStrictEqual(
    explain(own, "n"),
    "n: 4 from study.yaml:3:15 (dataset.n sets the number of synthetic prompts)",
  );
  deepStrictEqual(explain(own, "dataset.n", [option("n", "2")]), "dataset.n: 2 from -n");
  deepStrictEqual(explain(own, "n", [option("n", "2")]), "n: 2 from -n");
  const swept = "dataset: { n: 4 }\nsweep: { n: [1, 2] }";
  deepStrictEqual(
    explain(swept, "dataset.n"),
    "dataset.n: 1 from study.yaml:4:14 (sweep); 2 from study.yaml:4:17 (sweep)",
  );
  const listed = "dataset: { n: 4 }\nexperiments: [{ n: 1 }, { random_seed: 1 }]";
  deepStrictEqual(
    explain(listed, "dataset.n"),
    "dataset.n: 1 from study.yaml:4:20 (experiments); 4 from study.yaml:3:15",
  );
});
