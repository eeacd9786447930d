/** What pip calls a module, where that is something else. */
const PIP_NAMES: ReadonlyMap<string, string> = new Map([
  ["flash_attn", "flash-attn"],
  ["flash_attn_interface", "flash-attn-3"],
]);

/** The name under which pip installs a module. */
export function pipName(module: string): string {
  return PIP_NAMES.get(module) ?? module;
}

/** What a shell tells pip to install in place of a release that is older than that one. */
export function pipUpgrade(module: string, oldest: string): string {
  return `'${pipName(module)}>=${oldest}'`;
}
