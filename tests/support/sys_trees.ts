/** Fakes of sysfs, written into a folder: this machine has neither RAPL nor a GPU of AMD. */
import { join } from "node:path";

/** Writes files below a folder; an array of bytes becomes a binary file. */
export function writeTree(root: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(root, name);
    Deno.mkdirSync(join(path, ".."), { recursive: true });
    if (typeof content === "string") Deno.writeTextFileSync(path, `${content}\n`);
    else Deno.writeFileSync(path, content);
  }
}

/** A zone of powercap. */
export function zone(
  path: string,
  name: string,
  uj: number,
  rangeUj = 262_143_328_850,
): Record<string, string> {
  return {
    [`${path}/name`]: name,
    [`${path}/energy_uj`]: String(uj),
    [`${path}/max_energy_range_uj`]: String(rangeUj),
  };
}

/** A table gpu_metrics, byte by byte; all that is not named here is 0. */
export function metricsTable(
  [format, content]: readonly [number, number],
  size: number,
  energyAt: number,
  energy: bigint,
): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, size, true);
  bytes[2] = format;
  bytes[3] = content;
  if (energyAt + 8 <= size) view.setBigUint64(energyAt, energy, true);
  return bytes;
}

/** A table v1.3 with that many joules. */
export function metricsOf(joules: number): Uint8Array {
  return metricsTable([1, 3], 120, 24, BigInt(Math.round(joules * 65536)));
}

/** A card that amdgpu drives. */
export function amdCard(card: string, joules: number, watts: number): Record<string, string | Uint8Array> {
  const device = `${card}/device`;
  const hwmon = `${device}/hwmon/hwmon3`;
  return {
    [`${device}/vendor`]: "0x1002",
    [`${device}/device`]: "0x740f",
    [`${device}/uevent`]: "DRIVER=amdgpu\nPCI_SLOT_NAME=0000:c1:00.0",
    [`${device}/unique_id`]: "a1b2c3d4e5f60718",
    [`${device}/gpu_metrics`]: metricsOf(joules),
    [`${device}/mem_info_vram_used`]: "1048576",
    [`${device}/mem_info_vram_total`]: "68702699520",
    [`${hwmon}/name`]: "amdgpu",
    [`${hwmon}/power1_average`]: String(watts * 1e6),
    [`${hwmon}/power1_cap`]: "300000000",
    [`${hwmon}/temp1_input`]: "41000",
    [`${hwmon}/temp1_label`]: "edge",
    [`${hwmon}/temp2_input`]: "47000",
    [`${hwmon}/temp2_label`]: "junction",
    [`${hwmon}/temp3_input`]: "52000",
    [`${hwmon}/temp3_label`]: "mem",
    [`${hwmon}/freq1_input`]: "1700000000",
  };
}
