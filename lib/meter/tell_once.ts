import type { MeterTrouble, ReportTrouble } from "./meter.ts";

/** Passes each trouble of a device on once: a reading that fails twenty times a second is one trouble. */
export function tellOnce(report: ReportTrouble): ReportTrouble {
  const told = new Set<string>();
  return (trouble: MeterTrouble): void => {
    const key = `${trouble.code} ${trouble.device} ${trouble.text}`;
    if (told.has(key)) return;
    told.add(key);
    report(trouble);
  };
}
