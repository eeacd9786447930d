const UNITS = ["bytes", "kB", "MB", "GB", "TB"] as const;

/** A size for people, in powers of 1000 as downloads are told: `3.4 GB`. */
export function bytesText(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
  return `${power === 0 ? bytes : (bytes / 1000 ** power).toFixed(1)} ${UNITS[power]}`;
}
