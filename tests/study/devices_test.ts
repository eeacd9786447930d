import assert from "node:assert/strict";
import { readDevices } from "../../lib/study/devices/devices.ts";
import { readStudy } from "../../lib/study/read_study.ts";

Deno.test("readDevices() brings every way to write a device into one spelling", () => {
  const cases: readonly (readonly [written: readonly string[], devices: readonly string[]])[] = [
    [["0", "1"], ["0", "1"]],
    [["0-3"], ["0", "1", "2", "3"]],
    [["0 2,3"], ["0", "2", "3"]],
    [["cuda:1", "GPU2", "gpu:3", "hip:4"], ["1", "2", "3", "4"]],
    [["007"], ["7"]],
    [["gpu-5A0c", "mig-GPU-1/2/3"], ["GPU-5A0c", "MIG-GPU-1/2/3"]],
    [["5a0c1234-0000-1111-2222-333344445555"], ["GPU-5a0c1234-0000-1111-2222-333344445555"]],
    [["00000000:C1:00.0", "41:00.1"], ["0000:c1:00.0", "0000:41:00.1"]],
    [["card0"], ["card0"]],
    [["ALL"], ["all"]],
    [[], []],
  ];
  for (const [written, devices] of cases) {
    assert.deepEqual(readDevices(written), { devices, problems: [] }, written.join());
  }
});

Deno.test("readDevices() refuses by name what is no device, and one device twice", () => {
  const cases: readonly (readonly [written: string, said: RegExp])[] = [
    ...["0-", "0;1", "cuda:0-1", "gpu:0-", "0..3", "0:3", "{0}", "GPU0'"].map((word) =>
      [word, /^".*" is not a device; a range is 0-3$/] as const
    ),
    ['["0"]', /is not a device; a range is 0-3$/],
    ["any", /^"any" is not a single device$/],
    ["all,1", /^"all" already includes "1"$/],
    ["0-1 all", /^"all" already includes "0", "1"$/],
    ["-1", /^"-1" is not a device$/],
    ["cpu", /^"cpu" is not a device$/],
    ["GPU-", /^"GPU-" is not a device$/],
    ["3-1", /^the range "3-1" is reversed$/],
    ["0-9999999999", /^the range "0-9999999999" has more than 64 devices/],
    ["0,00", /^device "0" is listed twice$/],
    ["0-1 cuda:1", /^device "1" is listed twice$/],
    ["GPU-a gpu-A", /^device "GPU-A" is listed twice$/],
  ];
  for (const [written, said] of cases) {
    const { problems } = readDevices([written]);
    assert.equal(problems.length, 1, written);
    assert.match(problems[0]?.message ?? "", said);
  }
});

Deno.test("a device that is none is told at its place in the study", () => {
  const text = "model: m\nbackend: command\ncommand: { argv: [w] }\nexecution:\n  devices: [0, all]\n";
  const { study, issues } = readStudy({ file: "s.yaml", text }, []);
  assert.equal(study, null);
  assert.deepEqual(issues.map(({ file, line, column, path }) => [file, line, column, path]), [
    ["s.yaml", 5, 12, "execution.devices"],
  ]);
});

Deno.test("with several runs at a time nothing of a study chooses GPUs but execution.devices, wherever it stands", () => {
  const issuesOf = (lines: string, parallel = "staged"): string[] => {
    const execution = `execution: { parallel: ${parallel}, devices_per_run: 1, devices: [0, 1] }`;
    const { issues } = readStudy({ file: "s.yaml", text: `model: m\n${execution}\n${lines}\n` }, []);
    return issues.map(({ path, message }) => `${path} ${message.split(",")[0]}`);
  };
  const command = (more: string): string => `backend: command\ncommand: { argv: [w], ${more} }`;
  const chosen = "selects the GPUs of the worker";
  assert.deepEqual(issuesOf(command('env: { CUDA_VISIBLE_DEVICES: "0" }')), [
    `command.env.CUDA_VISIBLE_DEVICES ${chosen}`,
  ]);
  // Even the list of all runs together, which is no run's own.
  assert.deepEqual(issuesOf(command('env: { CUDA_VISIBLE_DEVICES: "0,1" }')).length, 1);
  assert.deepEqual(issuesOf(command('env: { CUDA_VISIBLE_DEVICES: "0,1" }'), "off"), []);
  assert.deepEqual(issuesOf(command("env_from: [HIP_VISIBLE_DEVICES]")), [`command.env_from.0 ${chosen}`]);
  assert.deepEqual(issuesOf(command("env: { CUDA_DEVICE_ORDER: PCI_BUS_ID }")), []);
  assert.deepEqual(issuesOf(command("env: { CUDA_DEVICE_ORDER: FASTEST_FIRST }")).length, 1);
  const server = (argv: string, env = "{}"): string =>
    `backend: openai\nopenai: { server: { argv: [${argv}, "{port}"], env: ${env} } }`;
  assert.deepEqual(issuesOf(server("serve", "{ NVIDIA_VISIBLE_DEVICES: all }")), [
    `openai.server.env.NVIDIA_VISIBLE_DEVICES ${chosen}`,
  ]);
  const container = "selects the GPUs of the container";
  assert.deepEqual(issuesOf(server("docker, run, --gpus, all, image")), [
    `openai.server.argv.2 ${container}`,
  ]);
  assert.deepEqual(issuesOf(server("podman, run, --device=nvidia.com/gpu=0, image")), [
    `openai.server.argv.2 ${container}`,
  ]);
  assert.deepEqual(issuesOf(server("docker, run, --gpus, all, image"), "off"), []);
});
