import { boardNamed, type Boards } from "../host/boards.ts";
import { namesVisible } from "../host/visible_boards.ts";
import type { DoctorCheck } from "../report/doctor_text.ts";
import { boardNumbers, chooseBoards } from "./messages.ts";

/**
 * How the boards are numbered here, and which of them runs may use that name none: those that the environment leaves, in
 * a Slurm job those of the job. Nothing on a machine without boards.
 */
export function deviceChecks(env: Readonly<Record<string, string>>, machine: Boards): DoctorCheck[] {
  const { boards } = machine;
  if (boards.length === 0) return [];
  const visible = namesVisible(env, machine);
  const usable = boards.filter((board) =>
    visible?.some((name) => boardNamed(name, machine) === board) !== false
  );
  const isNone = usable.length === 0;
  return [{
    group: "Energy",
    name: "devices",
    status: isNone ? "warning" : "ok",
    detail: boardNumbers(boards, visible === null ? null : usable),
    remedy: isNone ? chooseBoards(env["SLURM_JOB_ID"] !== undefined) : null,
  }];
}
