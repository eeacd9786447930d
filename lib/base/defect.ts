import { withSources } from "./source_places.ts";

/** The exit code of a process that met a defect of llem itself (EX_SOFTWARE of sysexits.h). */
export const EXIT_DEFECT = 70;

/**
 * Hears the first error that nothing caught: thrown by a callback, or a rejection that nobody waits for. The process goes on,
 * so `act` has to end it.
 */
export function hearDefects(act: (error: unknown) => void): void {
  let isFirst = true;
  const hear = (event: Event, error: unknown): void => {
    event.preventDefault();
    if (isFirst) act(error);
    isFirst = false;
  };
  globalThis.addEventListener("error", (event) => hear(event, event.error ?? event.message));
  globalThis.addEventListener("unhandledrejection", (event) => hear(event, event.reason));
}

/** What was thrown, with where, its causes included, without the colours of a terminal. */
export function defectText(error: unknown): string {
  return withSources(Deno.inspect(error, { colors: false }));
}

/** What was thrown on one line: `RangeError: Maximum call stack size exceeded`. */
export function defectLine(error: unknown): string {
  return (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).split("\n")[0] ?? "";
}
