import { type Command as Commander, InvalidArgumentError } from "@commander-js/extra-typings";
import { pathArgument } from "../../options/path_argument.ts";
import { HELP, notACount } from "./messages.ts";

/** What `llem kubernetes` is asked for. */
export interface KubernetesCommand {
  readonly kind: "kubernetes";
  readonly file: string;
  readonly nodes: number;
  readonly image: string;
  readonly volume: string;
  readonly gpus: number | null;
}

const USUAL = { nodes: 1, image: "llem:latest", volume: "llem-studies" };

export function addKubernetes(program: Commander, found: (command: KubernetesCommand) => void): void {
  program.command("kubernetes").description(HELP.about)
    .argument("<study>", HELP.study, pathArgument)
    .option("--nodes <n>", HELP.nodes, (text: string) => count(text, 1))
    .option("--image <image>", HELP.image)
    .option("--volume <claim>", HELP.volume)
    .option("--gpus <n>", HELP.gpus, (text: string) => count(text, 0))
    .action((file, { nodes, image, volume, gpus }) =>
      found({
        kind: "kubernetes",
        file,
        nodes: nodes ?? USUAL.nodes,
        image: image ?? USUAL.image,
        volume: volume ?? USUAL.volume,
        gpus: gpus ?? null,
      })
    );
}

function count(text: string, least: number): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : NaN;
  if (value >= least) return value;
  throw new InvalidArgumentError(notACount(text, least));
}
