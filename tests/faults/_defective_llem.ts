/** llem with a defect: `deno run ... _defective_llem.ts WHERE run STUDY ...`. The defect shows once the second run has begun. */
import { runCli } from "../../lib/cli/main.ts";
import { Ledger } from "../../lib/runner/ledger.ts";

const [where, ...args] = Deno.args;
const { append } = Ledger.prototype;
let started = 0;

Ledger.prototype.append = function (event): void {
  append.call(this, event);
  if (event.type !== "run_started" || ++started < 2) return;
  const defect = new TypeError("the second run is odd");
  switch (where) {
    case "in the flow":
      throw defect;
    case "in a timer":
      setTimeout(() => {
        throw defect;
      }, 100);
      return;
    case "in a promise":
      setTimeout(() => void Promise.reject(defect), 100);
  }
};

Deno.exit(await runCli(args));
