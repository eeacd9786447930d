import type { CounterReading, MeterDevice, StateReading } from "./meter.ts";

/** No GPU board draws more: the largest are built for half of it. */
export const MOST_BOARD_W = 3000;

/** What a register of 32 bits holds that holds no value; nothing that is read here comes near it. */
const ALL_ONES = 0xffff_ffff;
/** Memory of a board that is more than this is a register of 64 bits without a value. */
const MOST_MEMORY_BYTES = 2 ** 50;

/** True for a power that a board may draw. Powered boards draw something; a sum of all-ones registers is no power. */
export function isPossiblePower({ kind }: Pick<MeterDevice, "kind">, watts: number): boolean {
  return kind !== "gpu" || watts > 0 && watts <= MOST_BOARD_W;
}

/** The counter without an energy that is no number of joules. */
export function possibleCounter(reading: CounterReading): CounterReading {
  const { energy_j } = reading;
  return energy_j === null || Number.isFinite(energy_j) && energy_j >= 0
    ? reading
    : { ...reading, energy_j: null };
}

/** The state without values that no board can have. */
export function possibleState(state: StateReading): StateReading {
  const below = (value: number | null, most: number): number | null =>
    value === null || value >= 0 && value < most ? value : null;
  const signed = (value: number | null): number | null =>
    value === null || Math.abs(value) < 1000 ? value : null;
  return {
    ...state,
    temperature_c: signed(state.temperature_c),
    memory_temperature_c: signed(state.memory_temperature_c),
    sm_clock_mhz: below(state.sm_clock_mhz, ALL_ONES),
    memory_clock_mhz: below(state.memory_clock_mhz, ALL_ONES),
    memory_used_bytes: below(state.memory_used_bytes, MOST_MEMORY_BYTES),
    memory_total_bytes: below(state.memory_total_bytes, MOST_MEMORY_BYTES),
    utilization_pct: below(state.utilization_pct, 101),
    power_limit_w: below(state.power_limit_w, ALL_ONES / 1000),
  };
}
