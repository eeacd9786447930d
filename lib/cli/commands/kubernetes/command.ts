import { basename } from "node:path";
import { stringify } from "yaml";
import { EXIT } from "../../../base/refusal.ts";
import { printableLines } from "../../../base/text.ts";
import { GRACE_MARGIN_S, jobManifest, jobName } from "../../../cluster/kubernetes/job_manifest.ts";
import { boardsOfRuns } from "../../../session/submit/boards_of_runs.ts";
import { readPlan } from "../../../session/read_plan.ts";
import { refuseGrowing } from "../../../session/submit/submit_study.ts";
import { printReading } from "../../terminal/print_issues.ts";
import type { Streams } from "../../terminal/streams.ts";
import { manifestNotes } from "./messages.ts";
import type { KubernetesCommand } from "./options.ts";

/** Where the volume is mounted in every pod. */
const MOUNT = "/studies";

/** `llem kubernetes`: prints a manifest. */
export function kubernetesCommand(command: KubernetesCommand, streams: Streams): number {
  const reading = readPlan({ file: command.file, overrides: [] });
  const plan = printReading(reading, streams, { json: false });
  if (plan === null) return EXIT.usage;
  refuseGrowing(plan);
  const { nodes, image, volume } = command;
  const name = jobName(plan.name ?? basename(command.file).replace(/\.\w+$/, ""));
  const dir = `${MOUNT}/${name}`;
  const manifest = jobManifest({
    name,
    nodes,
    image,
    volume,
    mount: MOUNT,
    dir,
    study: `${MOUNT}/${basename(command.file)}`,
    gpus: command.gpus ?? boardsOfRuns(plan, reading.base_dir),
    exclusive: plan.cluster.exclusive,
    grace_s: Math.ceil(plan.execution.grace_seconds) + GRACE_MARGIN_S,
  });
  const notes = manifestNotes(basename(command.file), dir, volume).map((line) => `# ${line}\n`).join("");
  streams.out.write(printableLines(notes + stringify(manifest)));
  return EXIT.ok;
}
