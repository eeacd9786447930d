import type { ExperimentConfig } from "../experiment/config.ts";
import { ENGINE_DECLARATIONS } from "../experiment/engines.ts";
import { startsServer } from "../experiment/own_server.ts";
import type { AloneReason, ConfigDemand } from "../plan/pool/demand.ts";
import type { Execution } from "../study/execution.ts";
import type { GpuHost } from "./engine.ts";
import { ENGINES } from "./engines.ts";

/** What decides about the demand of a configuration beside itself. */
export interface DemandFacts {
  readonly host: GpuHost;
  readonly execution: Pick<Execution, "devices_per_run" | "devices" | "until">;
}

/** Metrics that are about loading: whoever loads beside others is slower. */
const LOAD_METRICS: ReadonlySet<string> = new Set(["load_s"]);

/** How many boards a run of a configuration gets, and whether it is alone. */
export function configDemand(config: ExperimentConfig, facts: DemandFacts): ConfigDemand {
  const use = ENGINES[config.backend].gpus(config, facts.host);
  if (use.kind === "none") return { kind: "known", boards: 0, alone: "no_gpu" };
  const { devices_per_run } = facts.execution;
  // Where there is no GPU, a worker that only its author knows needs none.
  if (
    use.kind === "unknown" && !facts.host.has_gpu && devices_per_run === null && !isServedByOthers(config)
  ) {
    return { kind: "known", boards: 0, alone: "no_gpu" };
  }
  const alone = aloneReason(config, facts);
  const own = use.kind === "some" ? use.count : null;
  if (own !== null && devices_per_run !== null && devices_per_run < own) {
    return { kind: "too_few", asked: own };
  }
  const boards = devices_per_run ?? own ?? (isServedByOthers(config) ? 0 : null);
  return boards === null ? { kind: "unknown" } : { kind: "known", boards, alone };
}

/** The same for many runs, each configuration looked at once. */
export function configDemands(facts: DemandFacts): (config: ExperimentConfig) => ConfigDemand {
  const known = new Map<ExperimentConfig, ConfigDemand>();
  return (config) => {
    const demand = known.get(config) ?? configDemand(config, facts);
    known.set(config, demand);
    return demand;
  };
}

function aloneReason(
  config: ExperimentConfig,
  { execution: { until, devices } }: DemandFacts,
): AloneReason | null {
  if (config.parallel === "never") return "never";
  // The energy of the processors is that of all who compute on them.
  if (config.energy.backend === "rapl") return "rapl";
  if (Object.keys(until ?? {}).some((metric) => LOAD_METRICS.has(metric))) return "load_time";
  if (!ENGINES[config.backend].waitsForGate(config)) return "no_gate";
  // The energy of a slice is that of its board, which has others.
  return devices.some((device) => /^mig-/i.test(device)) ? "mig" : null;
}

/** True for a run that sends requests to a server that runs already: what boards that has is its own affair. */
function isServedByOthers(config: ExperimentConfig): boolean {
  return ENGINE_DECLARATIONS[config.backend].serves !== null && !startsServer(config);
}
