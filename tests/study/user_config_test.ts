import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { formatIssue } from "../../lib/base/issue.ts";
import type { Json } from "../../lib/base/json.ts";
import type { EnergyBackend } from "../../lib/experiment/method_schema.ts";
import { readStudy, studyFromFlags } from "../../lib/study/read_study.ts";
import { jsonOfTree, type Tree } from "../../lib/study/tree.ts";
import { energyBackendOf, readUserConfig, type UserConfig } from "../../lib/study/user_config.ts";

const FILE = "~/.config/llem/config.yaml";

/** What a configuration comes to, as a person reads it. */
function tellUser(text: string | null, env: Readonly<Record<string, string>> = {}): {
  readonly config: UserConfig | null;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
} {
  const { config, issues, warnings } = readUserConfig({ file: FILE, text }, env);
  return { config, errors: issues.map(formatIssue), warnings: warnings.map(formatIssue) };
}

function userOf(text: string | null, env: Readonly<Record<string, string>> = {}): UserConfig {
  const { config, errors } = tellUser(text, env);
  ok(config !== null, errors.join("\n"));
  return config;
}

function plain(tree: Tree | null | undefined): Json {
  return tree ? jsonOfTree(tree) : null;
}

/** Every field that llenergymeasure's user configuration has. */
const WHOLE = `
output: { results_dir: /srv/results, model_cache_dir: ~/.cache/huggingface }
runners: { pytorch: local, vllm: docker, tensorrt: "docker:image:tag" }
measurement: { energy_backend: nvml, carbon_intensity_gco2_kwh: 385.5, datacenter_pue: 1.2 }
ui: { log_level: INFO, prompt: false }
advanced: { nvml_poll_interval_ms: 50 }
execution: { experiment_gap_seconds: 5, cycle_gap_seconds: 0 }
`;

Deno.test("readUserConfig() takes every field of llenergymeasure's, and keeps what a study stands on", () => {
  const { config, errors, warnings } = tellUser(WHOLE);
  deepStrictEqual([errors, warnings], [[], []]);
  strictEqual(config?.results_dir, "/srv/results");
  deepStrictEqual(plain(config.runners), { pytorch: "local", vllm: "docker", tensorrt: "docker:image:tag" });
  deepStrictEqual([...config.execution?.entries.keys() ?? []], [
    "experiment_gap_seconds",
    "cycle_gap_seconds",
  ]);
});

Deno.test("readUserConfig() takes no file, an empty one and empty blocks for nothing", () => {
  for (
    const text of [
      null,
      "",
      "# nothing yet\n",
      "null\n",
      "output:\nrunners:\nexecution:\nui:\n",
      "output: {}",
    ]
  ) {
    deepStrictEqual(
      userOf(text),
      {
        file: FILE,
        results_dir: null,
        private_files: false,
        execution: null,
        runners: null,
        forced_runners: null,
        metering: { auto: "auto", period_ms: null },
      },
      text ?? "",
    );
  }
});

const MISTAKES: readonly (readonly [text: string, told: readonly string[]])[] = [
  ["outptu: { results_dir: a }\n", [`${FILE}:1:1 outptu: is not a known key (did you mean "output"?)`]],
  ["output: { result_dir: a }\n", [
    `${FILE}:1:11 output.result_dir: is not a known key (did you mean "results_dir"?)`,
  ]],
  ["results_dir: a\n", [`${FILE}:1:1 results_dir: is not a known key (did you mean "output.results_dir"?)`]],
  ["model: m\n", [
    `${FILE}:1:1 model: is not a known key (known keys: output, runners, measurement, ui, advanced, execution)`,
  ]],
  ["execution: { n_cycles: 3 }\n", [
    `${FILE}:1:14 execution.n_cycles: is not a known key (known keys: experiment_gap_seconds, cycle_gap_seconds, ` +
    "experiment_timeout_seconds, startup_timeout_seconds, silence_timeout_seconds, " +
    "close_timeout_seconds, study_timeout_seconds, grace_seconds, retries, retry_backoff_seconds, max_failures, give_up_after, containment, devices, parallel, " +
    "quiet, pin)",
  ]],
  ["measurement: { datacenter_pue: 0.9, energy_backend: zeuss }\n", [
    `${FILE}:1:32 measurement.datacenter_pue: must be a number >= 1, found 0.9`,
    `${FILE}:1:53 measurement.energy_backend: must be one of auto, nvml, rapl, amd or null, found "zeuss"`,
  ]],
  ["measurement: { carbon_intensity_gco2_kwh: -1 }\n", [
    `${FILE}:1:43 measurement.carbon_intensity_gco2_kwh: must be a number >= 0, or null, found -1`,
  ]],
  ["advanced: { nvml_poll_interval_ms: 5 }\n", [
    `${FILE}:1:36 advanced.nvml_poll_interval_ms: must be a whole number from 10 to 10000, or null, found 5`,
  ]],
  ["ui: { log_level: debug }\n", [
    `${FILE}:1:18 ui.log_level: must be one of WARNING, INFO, DEBUG, found "debug" (did you mean "DEBUG"?)`,
  ]],
  ["runners: { vlm: docker, vllm: podman }\n", [
    `${FILE}:1:12 runners.vlm: is not a backend (did you mean "vllm"?)`,
    `${FILE}:1:31 runners.vllm: must be local, docker or docker:<image>, found "podman"`,
  ]],
  ["execution: { cycle_gap_seconds: -1 }\n", [
    `${FILE}:1:33 execution.cycle_gap_seconds: must be a number from 0 to 31622400, or null, found -1`,
  ]],
  ["- a\n", [`${FILE}:1:1: must be a mapping (key: value), found a list (such as ui: { prompt: false })`]],
  ["output: {\n", [`${FILE}:2:1: the mapping opened with { is not closed before this (close it with })`]],
  ["measurement: { carbon_intensity_gco2_kwh: 1, grid_carbon_intensity: 2 }\n", [
    `${FILE}:1:46 measurement.grid_carbon_intensity: is not a known key (did you mean ` +
    '"measurement.carbon_intensity_gco2_kwh"?)',
  ]],
];

for (const [text, told] of MISTAKES) {
  Deno.test(`readUserConfig() explains ${JSON.stringify(text)}`, () =>
    deepStrictEqual(tellUser(text).errors, told));
}

Deno.test("readUserConfig() takes grid_carbon_intensity for what it became, with a warning", () => {
  const told =
    "has been renamed: read as measurement.carbon_intensity_gco2_kwh (write measurement.carbon_intensity_gco2_kwh)";
  for (const text of ["measurement: { grid_carbon_intensity: 385 }\n", "grid_carbon_intensity: 385\n"]) {
    const { errors, warnings } = tellUser(text);
    deepStrictEqual(errors, []);
    ok(warnings[0]?.endsWith(told), warnings[0]);
  }
  deepStrictEqual(tellUser("grid_carbon_intensity: 1\nmeasurement: { grid_carbon_intensity: 2 }\n").errors, [
    `${FILE}:1:1 grid_carbon_intensity: is not a known key (did you mean "measurement.carbon_intensity_gco2_kwh"?)`,
    `${FILE}:2:16 measurement.grid_carbon_intensity: is not a known key (did you mean ` +
    '"measurement.carbon_intensity_gco2_kwh"?)',
  ]);
  deepStrictEqual(tellUser("grid_carbon_intensity: -3\n").errors, [
    `${FILE}:1:24 measurement.carbon_intensity_gco2_kwh: must be a number >= 0, or null, found -3`,
  ]);
});

Deno.test("readUserConfig() checks the environment's variables like the file", () => {
  const { config } = tellUser("runners: { vllm: local }\nmeasurement: { datacenter_pue: 2 }\n", {
    LLEM_RUNNER_VLLM: "docker:x",
    LLEM_RUNNER_PYTORCH: "",
    LLEM_CARBON_INTENSITY: "385",
    LLEM_DATACENTER_PUE: "1.1",
    LLEM_NO_PROMPT: "1",
    LLEM_LOG_LEVEL: "DEBUG",
  });
  deepStrictEqual(plain(config?.runners), { vllm: "local" });
  deepStrictEqual(plain(config?.forced_runners), { vllm: "docker:x" });
  deepStrictEqual(
    tellUser(null, { LLEM_RUNNER_VLLM: "podman", LLEM_CARBON_INTENSITY: "much", LLEM_DATACENTER_PUE: "0" })
      .errors,
    [
      'LLEM_CARBON_INTENSITY measurement.carbon_intensity_gco2_kwh: must be a number >= 0, or null, found "much"',
      'LLEM_DATACENTER_PUE measurement.datacenter_pue: must be a number >= 1, found "0"',
      'LLEM_RUNNER_VLLM runners.vllm: must be local, docker or docker:<image>, found "podman"',
    ],
  );
});

Deno.test("readStudy() puts the study's execution over the user's, and that over the defaults", () => {
  const user = userOf(
    "execution: { experiment_gap_seconds: 5, cycle_gap_seconds: 7, grace_seconds: 9, retries: 2 }\n",
  );
  const executionOf = (text: string): unknown => {
    const { study, issues } = readStudy({ file: "s.yaml", text }, [
      { path: "execution.retries", source: "--retries", value: 0 },
    ], user);
    deepStrictEqual(issues, []);
    const { experiment_gap_seconds, cycle_gap_seconds, grace_seconds, retries, n_cycles } =
      study?.execution ?? {};
    return [experiment_gap_seconds, cycle_gap_seconds, grace_seconds, retries, n_cycles];
  };
  deepStrictEqual(executionOf("model: m\n"), [5, 7, 9, 0, 1]);
  deepStrictEqual(executionOf("model: m\nexecution:\n"), [5, 7, 9, 0, 1]);
  deepStrictEqual(
    executionOf("model: m\nexecution: { experiment_gap_seconds: 0, cycle_gap_seconds: null, n_cycles: 4 }\n"),
    [0, 7, 9, 0, 4],
  );
  const flags = studyFromFlags([{ path: "model", source: "--model", value: "m" }], user);
  deepStrictEqual(flags.study?.execution.grace_seconds, 9);
});

Deno.test("readStudy() takes runners from the environment, the study, the user, in this order", () => {
  const user = userOf("runners: { pytorch: docker, vllm: docker, tensorrt: docker }\n", {
    LLEM_RUNNER_PYTORCH: "local",
  });
  const { study } = readStudy(
    { file: "s.yaml", text: "model: m\nrunners: { pytorch: docker:a, vllm: docker:b }\n" },
    [],
    user,
  );
  deepStrictEqual(study?.runners, { pytorch: "local", vllm: "docker:b", tensorrt: "docker" });
});

Deno.test("readStudy() tells mistakes of a study's own execution although the user has one", () => {
  const user = userOf('execution: { grace_seconds: "9" }\n');
  const { issues, warnings } = readStudy({ file: "s.yaml", text: "model: m\nexecution: 3\n" }, [], user);
  deepStrictEqual(issues.map(formatIssue), [
    "s.yaml:2:12 execution: must be a mapping (key: value), found 3",
  ]);
  deepStrictEqual(warnings, []);
  // What the user's file says oddly was told when it was read.
  deepStrictEqual(readStudy({ file: "s.yaml", text: "model: m\n" }, [], user).warnings, []);
});

Deno.test("readUserConfig() keeps how energy is to be metered, and maps the names of llenergymeasure", () => {
  const of = (text: string): unknown => userOf(text).metering;
  deepStrictEqual(of("measurement: { energy_backend: rapl }\nadvanced: { nvml_poll_interval_ms: 100 }\n"), {
    auto: "rapl",
    period_ms: 100,
  });
  deepStrictEqual(of("measurement: { energy_backend: null }\n"), { auto: null, period_ms: null });
  deepStrictEqual(tellUser("measurement: { energy_backend: zeus }\n").warnings, [
    `${FILE}:1:32 measurement.energy_backend: read "zeus" as nvml (write nvml)`,
  ]);
  deepStrictEqual(of("measurement: { energy_backend: zeus }\n"), { auto: "nvml", period_ms: null });
});

Deno.test("energyBackendOf() lets the user's wish stand in for auto, and for nothing else", () => {
  const of = (backend: EnergyBackend | null, auto: EnergyBackend | null): EnergyBackend | null =>
    energyBackendOf({ energy: { backend } }, { auto, period_ms: null });
  deepStrictEqual([of("auto", "nvml"), of("auto", null), of("rapl", null), of(null, "nvml")], [
    "nvml",
    null,
    "rapl",
    null,
  ]);
});
