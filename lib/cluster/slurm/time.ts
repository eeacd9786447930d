const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 86_400;

/** Seconds of a time as Slurm writes and takes it (sbatch(1), --time): `30` minutes, `4:30`, `4:00:00`, `1-12`, `1-12:30`; null for any other text. */
export function readSlurmTime(text: string): number | null {
  const match = /^(?:(\d{1,6})-)?(\d{1,9})(?::(\d{1,9}))?(?::(\d{1,9}))?$/.exec(text.trim());
  if (match === null) return null;
  const [days, ...parts] = match.slice(1).map((part) => part === undefined ? null : Number(part));
  const [a = null, b = null, c = null] = parts;
  if (a === null) return null;
  // With days the first number is hours; without, minutes unless there are three.
  if (days !== null && days !== undefined) {
    return days * DAY_S + a * HOUR_S + (b ?? 0) * MINUTE_S + (c ?? 0);
  }
  if (c !== null) return a * HOUR_S + (b ?? 0) * MINUTE_S + c;
  return a * MINUTE_S + (b ?? 0);
}

/** `4h`, `90m`, `45s`, `2d`, `1h30m`, and what Slurm takes; null for any other text and for nothing. */
export function readJobTime(text: string): number | null {
  const units = /^(?:(\d{1,6})d)?\s*(?:(\d{1,6})h)?\s*(?:(\d{1,9})m)?\s*(?:(\d{1,9})s)?$/i.exec(text.trim());
  const seconds = units === null || text.trim() === "" ? readSlurmTime(text) : inSeconds(units.slice(1));
  return seconds === null || seconds <= 0 ? null : seconds;
}

function inSeconds(parts: readonly (string | undefined)[]): number {
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.map((part) => Number(part ?? 0));
  return days * DAY_S + hours * HOUR_S + minutes * MINUTE_S + seconds;
}

/** `4:00:00`, `1-12:00:00`: what `--time` takes. Slurm counts whole minutes, so that seconds are rounded up to them. */
export function slurmTime(seconds: number): string {
  const minutes = Math.ceil(seconds / MINUTE_S);
  const days = Math.floor(minutes / 1440);
  const clock = `${Math.floor((minutes % 1440) / 60)}:${`${minutes % 60}`.padStart(2, "0")}:00`;
  return days === 0 ? clock : `${days}-${clock.padStart(8, "0")}`;
}
