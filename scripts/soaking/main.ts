import { parseArgs } from "node:util";
import { roundText, soak, type SoakOptions, totalsText } from "./soak.ts";

const ROUNDS = 100;
/** So many rounds make a line, to show that it goes on. */
const ROUNDS_PER_LINE = 10;
const USAGE = "usage: scripts/soak [N] [--seed S]";

if (import.meta.main) {
  const options = parse(Deno.args);
  if (options === null) {
    console.error(USAGE);
    Deno.exit(2);
  }
  console.log(`${options.rounds} rounds, seed ${options.seed}`);
  const totals = await soak(options, (round, soFar) => {
    const text = roundText(round, soFar.rounds);
    if (text !== "") console.log(text.trimEnd());
    if (soFar.rounds % ROUNDS_PER_LINE === 0 && soFar.rounds < options.rounds) console.log(totalsText(soFar));
  });
  console.log(`${totalsText(totals)} (seed ${options.seed})`);
  const { lost, doubled, orphans, other } = totals;
  Deno.exit(lost + doubled + orphans + other === 0 ? 0 : 1);
}

function parse(args: readonly string[]): SoakOptions | null {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { seed: { type: "string" } },
    });
    const [rounds = String(ROUNDS), ...rest] = positionals;
    const seed = values.seed ?? String(Date.now() % 2 ** 32);
    if (rest.length > 0 || !/^[1-9]\d*$/.test(rounds) || !/^\d{1,10}$/.test(seed)) return null;
    return { rounds: Number(rounds), seed: Number(seed) };
  } catch {
    return null;
  }
}
