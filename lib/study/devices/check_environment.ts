import type { Issue } from "../../base/issue.ts";
import { isArgument, variableAt } from "../../experiment/worker_variables.ts";
import { configBlocks, type ConfigPlace } from "../config_places.ts";
import type { Execution } from "../execution.ts";
import type { IssueText } from "../messages.ts";
import {
  badVariableName,
  devicesOfSlot,
  gpusOfContainer,
  otherDevices,
  reservedVariable,
  selectsGpus,
  variableWithNul,
} from "./messages.ts";
import { issueAt, issueLocation } from "../source_text.ts";
import { childOf, type MapTree, type Tree } from "../tree.ts";

/** What llem sets for a worker whose study names devices, and what it sets it to. */
const ORDER = { name: "CUDA_DEVICE_ORDER", value: "PCI_BUS_ID" };
/** Variables that decide which GPUs a worker sees; llem sets the first of them. */
const VISIBLE: ReadonlySet<string> = new Set([
  "CUDA_VISIBLE_DEVICES",
  "GPU_DEVICE_ORDINAL",
  "HIP_VISIBLE_DEVICES",
  "NVIDIA_VISIBLE_DEVICES",
  "ROCR_VISIBLE_DEVICES",
]);

/** An option of docker or podman by which a container gets GPUs, whatever its environment says. */
const CHOOSES_GPUS = /^(--gpus(=.*)?|(--device=)?nvidia\.com\/gpu=.*)$/;

/** What is wrong with the variables that a study gives its workers. */
export interface EnvironmentFindings {
  readonly issues: readonly Issue[];
  readonly warnings: readonly Issue[];
}

/**
 * Checks the variables that are set or named in every block of a study: names and values that no system takes, and what
 * llem sets itself, since locks, records and energy go by that. In a pool a command line must not choose GPUs either.
 */
export function checkEnvironment(
  root: MapTree,
  { devices, parallel }: Pick<Execution, "devices" | "parallel">,
): EnvironmentFindings {
  const issues: Issue[] = [];
  const warnings: Issue[] = [];
  const named = childOf(childOf(root, "execution") ?? root, "devices");
  const isPool = parallel !== "off";
  for (const { places } of configBlocks(root)) {
    for (const place of places) {
      if (isPool && isArgument(place.keys) && CHOOSES_GPUS.test(String(place.tree.value))) {
        issues.push(issueAt(place.key, place.path, gpusOfContainer()));
      }
      const variable = variableOf(place);
      if (variable === null) continue;
      const problem = nameProblem(variable.name) ?? valueProblem(variable.value) ??
        (isPool ? poolProblem(variable) : deviceProblem(variable, devices, named));
      if (problem !== null) issues.push(issueAt(place.key, place.path, problem));
      else if (devices.length === 0 && VISIBLE.has(variable.name)) {
        warnings.push(issueAt(place.key, place.path, selectsGpus()));
      }
    }
  }
  return { issues, warnings };
}

interface Variable {
  readonly name: string;
  /** Null where it comes from llem's own environment. */
  readonly value: string | null;
}

function variableOf({ keys, tree }: ConfigPlace): Variable | null {
  const variable = variableAt(keys);
  if (variable === null) return null;
  if (variable.kind === "set") return { name: variable.name, value: tree.written ?? String(tree.value) };
  return typeof tree.value === "string" ? { name: tree.value, value: null } : null;
}

function nameProblem(name: string): string | IssueText | null {
  if (name === "" || /[=\0]/.test(name)) return badVariableName();
  return name.startsWith("LLEM_") ? reservedVariable() : null;
}

function valueProblem(value: string | null): string | null {
  return value?.includes("\0") === true ? variableWithNul() : null;
}

/** In a pool each run has boards of its own, which nobody knows beforehand. */
function poolProblem({ name, value }: Variable): IssueText | null {
  const isOrder = name === ORDER.name && value !== ORDER.value;
  return isOrder || VISIBLE.has(name) ? devicesOfSlot() : null;
}

function deviceProblem(
  { name, value }: Variable,
  devices: readonly string[],
  named: Tree | null,
): IssueText | null {
  if (devices.length === 0 || !(VISIBLE.has(name) || name === ORDER.name)) return null;
  const ours = name === ORDER.name ? ORDER.value : devices.join(",");
  if (value === ours) return null;
  const { file, line, column } = named === null
    ? { file: null, line: null, column: null }
    : issueLocation(named);
  const place = [file, line, column].filter((part) => part !== null).join(":");
  return otherDevices({ value, devices: devices.join(","), place });
}
