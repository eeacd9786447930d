/** A duration for people: `850ms`, `4.2s`, `4m 32s`, `1h 05m`, `2d 03h`. Seconds in. */
export function formatDuration(seconds: number): string {
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)}ms`;
  if (seconds < 59.95) return `${seconds.toFixed(1)}s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${pad(whole % 60)}s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)}h ${pad(minutes % 60)}m`;
  const hours = Math.round(seconds / 3600);
  return `${Math.floor(hours / 24)}d ${pad(hours % 24)}h`;
}

/** `47s`, `4m 32s`, `2h 05m`: no part of a second, so that what counts down does not flicker. Never below zero. */
export function wholeSeconds(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  if (whole < 120) return `${whole}s`;
  if (whole < 7200) return `${Math.floor(whole / 60)}m ${pad(whole % 60)}s`;
  return formatDuration(whole);
}

/** An estimate: as {@link formatDuration}, but whole seconds. */
export function roughDuration(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole}s` : formatDuration(whole);
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}
