/** What pip calls a module, where that is something else. */
const PIP_NAMES: ReadonlyMap<string, string> = new Map([
  ["flash_attn", "flash-attn"],
  ["flash_attn_interface", "flash-attn-3"],
]);

/** A build of a module that pip knows by another name, and what else it takes. */
export interface OtherBuild {
  /** Pip's name for it. */
  readonly name: string;
  /** Options for pip, as a shell takes them. */
  readonly options: string;
  /** Packages that come with it and keep it from being imported. */
  readonly unwanted: readonly string[];
}

/** The builds that a machine takes in place of the usual ones, by module. */
export type OtherBuilds = Readonly<Record<string, OtherBuild>>;

/** The name under which pip installs a module. */
export function pipName(module: string, builds: OtherBuilds = {}): string {
  return builds[module]?.name ?? PIP_NAMES.get(module) ?? module;
}

/** What a shell tells pip to install in place of a release that is older than that one. */
export function pipUpgrade(module: string, oldest: string, builds: OtherBuilds = {}): string {
  return `'${pipName(module, builds)}>=${oldest}'`;
}
