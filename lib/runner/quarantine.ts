import type { Run } from "../experiment/run.ts";
import type { Slot, Study } from "./lifetimes.ts";

/** What a worker that cannot be killed holds is kept from everything for as long as it lives. */
export function quarantine(run: Run, { dir, ledger }: Study, slot: Slot): void {
  const started = ledger.entryOf(run)?.started;
  if (started === null || started === undefined || started.worker === null) return;
  const { pid, start_ticks, boot_id } = started.worker;
  slot.quarantine({ pid, start_ticks, boot_id, study_dir: dir, run_id: started.run_id });
}
