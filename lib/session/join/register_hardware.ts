import { isJsonObject } from "../../base/json.ts";
import { CommandError, EXIT } from "../../base/refusal.ts";
import { LLEM_VERSION } from "../../base/version.ts";
import { writeAgent } from "../../cluster/agents.ts";
import { type Hardware, hardwareDifferences, hardwareOf } from "../../cluster/hardware.ts";
import { otherHardware } from "../../cluster/messages.ts";
import type { SharedFiles } from "../../cluster/shared_files.ts";
import { type Environment, readEnvironment, withMeterDevices } from "../../host/environment.ts";
import type { HelloMessage } from "../../meter/sample.ts";
import type { Cluster } from "../../study/cluster.ts";
import type { SharedDir } from "./shared_dir.ts";

/** Where the hardware of the first agent stands, with its name. */
const HARDWARE_FILE = "hardware.json";

/**
 * Writes down what this agent's machine is, and holds it against that of the study's first agent, which is the first to get
 * here. Throws CommandError where it is another one and the study does not allow that, and SaveError.
 */
export function registerHardware(
  { dir, agent, files }: Pick<SharedDir, "dir" | "agent" | "files">,
  hello: Pick<HelloMessage, "devices" | "absent"> | null,
  { mixed, versions }: Pick<Cluster, "mixed"> & { readonly versions: Readonly<Record<string, string>> },
): void {
  const hardware = hardwareOf(environmentOf(hello), versions);
  writeAgent(dir, { ...agent, hardware });
  const text = `${
    JSON.stringify({ agent: agent.agent, node: agent.node, llem_version: LLEM_VERSION, hardware })
  }\n`;
  if (files.create(HARDWARE_FILE, text) || mixed) return;
  const first = firstHardware(files);
  const differences = first === null ? [] : hardwareDifferences(first.hardware, hardware);
  if (first === null || differences.length === 0) return;
  throw new CommandError(EXIT.preflight, otherHardware(agent.node, first.node, differences));
}

function environmentOf(hello: Pick<HelloMessage, "devices" | "absent"> | null): Environment {
  const environment = readEnvironment();
  return hello === null ? environment : withMeterDevices(environment, hello.devices, hello.absent);
}

/** Null where nobody can tell. */
function firstHardware(files: SharedFiles): { readonly node: string; readonly hardware: Hardware } | null {
  try {
    const value: unknown = JSON.parse(files.read(HARDWARE_FILE) ?? "null");
    if (!isJsonObject(value) || !isJsonObject(value["hardware"])) return null;
    return { node: String(value["node"]), hardware: value["hardware"] as Hardware };
  } catch {
    return null;
  }
}
