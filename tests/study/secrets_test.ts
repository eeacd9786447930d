import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { readStudy } from "../../lib/study/read_study.ts";
import { planOf, tell } from "./_tell.ts";

const HEAD = "model: m\nbackend: command\n";

Deno.test("readStudy() tells of each secret at its place, once, with the way that leaves nothing behind", () => {
  const { warnings, errors, plan } = tell(
    `${HEAD}command: { argv: [a], env: { API_TOKEN: t0ken, A: b } }\nsweep:\n  params.key: [k3y-1, k3y-2]\n  n: [1, 2]\n`,
    [{ path: "command.env.DB_PASSWORD", text: "pa55word", source: "--set" }],
  );
  deepStrictEqual(errors, []);
  const told = warnings.filter((warning) => warning.includes("looks like a secret"));
  deepStrictEqual(told.map((warning) => warning.split(" looks like")[0]), [
    "study.yaml:3:30 command.env.API_TOKEN:",
    "study.yaml:5:16 sweep.params.key:",
    "--set command.env.DB_PASSWORD:",
  ]);
  for (const warning of told) match(warning, /env_from: \[(API_TOKEN|DB_PASSWORD|NAME)\]/);
  // Experiments that differ in a secret alone are one.
  strictEqual(plan?.n_experiments, 2);
  match(warnings.join("\n"), /2 of 4 experiments duplicate an earlier one/);
});

Deno.test("readStudy() says no secret in any mistake", () => {
  const secret = `s3cret-${"x".repeat(50)}`;
  const texts = [
    `command: { argv: [a], env: { API_TOKEN: [${secret}] } }\n`,
    `command: { argv: [a], env: { API_TOKEN: ${secret} }, env_from: [API_TOKEN] }\n`,
    "command: { argv: [a], env: { API_TOKEN: 12345678901 } }\n",
    "command: { argv: [a], env: { API_TOKEN: 0x12345678901 } }\n",
    `command: { argv: [a], env: ${secret}, api_key: ${secret} }\n`,
    `command: { argv: [a] }\nparams: { password: 12345678901234567890 }\n`,
    `command: { argv: [a] }\npasthrough_kwargs: { api_key: ${secret} }\nparams: { api_key: ${secret} }\nn: 0\n`,
    `command: { argv: [a], env: { API_TOKEN: "${secret}\\0" } }\n`,
    `command: { argv: [a] }\nsweep: { command.env.API_TOKEN: [ok, [${secret}]] }\n`,
  ];
  for (const text of texts) {
    const { issues, warnings } = readStudy({ file: "study.yaml", text: HEAD + text }, []);
    const told = JSON.stringify([issues, warnings]);
    for (const part of [secret.slice(0, 30), "1234567890"]) ok(!told.includes(part), told);
  }
});

Deno.test("readStudy() leaves its own sentences whole where a secret is a word of them", () => {
  const { warnings, errors } = tell(
    `${HEAD}command: { argv: [a], env: { A_TOKEN: passed, B_TOKEN: secret } }\nparams: { key: engine }\nvllm: { engine: { x: 1 }, enforce: 1 }\n` +
      'n: "passed"\n',
  );
  const told = [...errors, ...warnings].join("\n");
  match(told, /n: must be a whole number [^,]*, found "\*\*\*"/);
  match(told, /A_TOKEN: looks like a secret: it is passed to the worker/);
  ok(!told.includes("it is *** to"), told);
});

const FORBIDDEN: readonly (readonly [block: string, problem: string])[] = [
  [
    'env: { "A=B": x }',
    '3:30 command.env.A=B: is not a valid variable name: it must not be empty or contain "=" or NUL',
  ],
  ['env: { "A\\0B": x }', "is not a valid variable name"],
  ['env: { A: "x\\0y" }', "3:30 command.env.A: contains NUL, which no environment variable can"],
  ["env: { LLEM_RUN_ID: x }", "3:30 command.env.LLEM_RUN_ID: is reserved"],
  ["env: { LLEM_ATTEMPT_ID: x }", "is reserved"],
  ['env_from: ["A=B"]', "command.env_from.0: is not a valid variable name"],
  ["env_from: [HOME, LLEM_STUDY_DIR]", "3:40 command.env_from.1: is reserved"],
];

Deno.test("readStudy() refuses variables that no system takes, and those that are llem's own", () => {
  for (const [block, problem] of FORBIDDEN) {
    const { errors } = tell(`${HEAD}command: { argv: [a], ${block} }\n`);
    strictEqual(errors.length, 1, errors.join("\n"));
    ok(errors[0]?.includes(problem), errors[0]);
  }
  const elsewhere = [
    "command: { argv: [a] }\nsweep: { command.env.LLEM_RUN_ID: [x] }\n",
    "command: { argv: [a] }\nsweep: { command.env: [{ LLEM_RUN_ID: x }, {}] }\n",
    "experiments: [{ command: { argv: [a], env: { LLEM_RUN_ID: x } } }]\n",
  ];
  for (const text of elsewhere) {
    match(tell(HEAD + text).errors.join(), /LLEM_RUN_ID: is reserved/);
  }
});

Deno.test("readStudy() refuses a variable that takes a run elsewhere than to the devices that are named", () => {
  const told = (env: string, devices: string): readonly string[] =>
    tell(`${HEAD}command: { argv: [a], ${env} }\nexecution: { devices: ${devices} }\n`).errors;
  deepStrictEqual(told('env: { CUDA_VISIBLE_DEVICES: "0" }', "[1]"), [
    'study.yaml:3:30 command.env.CUDA_VISIBLE_DEVICES: is "0", but execution.devices (study.yaml:4:23) lists "1": ' +
    "llem would lock and meter other GPUs than the worker uses (remove it; llem sets it from execution.devices)",
  ]);
  deepStrictEqual(told("env: { CUDA_VISIBLE_DEVICES: '0,1', CUDA_DEVICE_ORDER: PCI_BUS_ID }", "[0, 1]"), []);
  for (
    const name of [
      "HIP_VISIBLE_DEVICES",
      "ROCR_VISIBLE_DEVICES",
      "NVIDIA_VISIBLE_DEVICES",
      "CUDA_DEVICE_ORDER",
    ]
  ) {
    strictEqual(told(`env: { ${name}: '3' }`, "[1]").length, 1, name);
    strictEqual(told(`env_from: [${name}]`, "[1]").length, 1, name);
  }
  const flags = [{ path: "execution.devices", value: ["1"], source: "--devices" }];
  match(
    tell(`${HEAD}command: { argv: [a], env: { CUDA_VISIBLE_DEVICES: '0' } }\n`, flags).errors.join(),
    /is "0", but execution\.devices \(--devices\) lists "1"/,
  );
  const { errors, warnings } = tell(`${HEAD}command: { argv: [a], env: { CUDA_VISIBLE_DEVICES: '0' } }\n`);
  deepStrictEqual(errors, []);
  match(warnings.join(), /3:30 command\.env\.CUDA_VISIBLE_DEVICES: selects the GPUs of the worker/);
});

Deno.test("a study may set every other variable, by value or by name", () => {
  const { config } = planOf(
    `${HEAD}command: { argv: [a], env: { SPT_NOENV: "0", PATH: /bin }, env_from: [HF_TOKEN, HOME] }\n`,
  ).runs[0] ?? {};
  deepStrictEqual(config?.command, {
    argv: ["a"],
    env: { SPT_NOENV: "0", PATH: "/bin" },
    env_from: ["HF_TOKEN", "HOME"],
    waits_for_gate: null,
  });
});
