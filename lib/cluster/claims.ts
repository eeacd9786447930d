import { jsonObjectIn } from "../base/json.ts";
import { SHARED, type SharedFiles } from "./shared_files.ts";

/** A chain that an agent has taken. It is never given back by removing: the next generation goes over it. */
export interface Claim {
  /** The chain's name, or that of anything else that one agent at a time does. */
  readonly of: string;
  /** 1-based. */
  readonly generation: number;
  /** Who has it; null where the file was cut off by a crash. */
  readonly agent: string | null;
}

/** Claims of one agent on what several share: `claims/<name>.g<generation>`. */
export class Claims {
  readonly #files: SharedFiles;
  readonly #agent: string;
  readonly #known = new Map<string, Claim>();

  constructor(files: SharedFiles, agent: string) {
    this.#files = files;
    this.#agent = agent;
  }

  /** The last claim; null where there is none. It may be an old one: whoever relies on it finds out in `take`. */
  last(of: string): Claim | null {
    let claim = this.#known.get(of) ?? null;
    for (;;) {
      const next = this.#read(of, (claim?.generation ?? 0) + 1);
      if (next === null) return claim;
      claim = next;
      // One without a name may be in the making.
      if (claim.agent !== null) this.#known.set(of, claim);
    }
  }

  /** Takes the generation after that claim; null where another agent was faster. Throws SaveError. */
  take(of: string, after: Claim | null): Claim | null {
    const generation = (after?.generation ?? 0) + 1;
    const nonce = crypto.randomUUID();
    const text = `${JSON.stringify({ agent: this.#agent, nonce, at: new Date().toISOString() })}\n`;
    const name = nameOf(of, generation);
    // By the nonce: a try whose answer got lost is ours as well.
    if (!this.#files.create(name, text) && nonceIn(this.#files.read(name)) !== nonce) return null;
    const claim = { of, generation, agent: this.#agent };
    this.#known.set(of, claim);
    return claim;
  }

  /** True until another agent has taken the next generation. */
  holds({ of, generation }: Claim): boolean {
    return this.#read(of, generation + 1) === null;
  }

  #read(of: string, generation: number): Claim | null {
    const text = this.#files.read(nameOf(of, generation));
    return text === null ? null : { of, generation, agent: textIn(text, "agent") };
  }
}

function nameOf(of: string, generation: number): string {
  return `${SHARED.claims}/${of}.g${generation}`;
}

function nonceIn(text: string | null): string | null {
  return text === null ? null : textIn(text, "nonce");
}

function textIn(text: string, key: string): string | null {
  const found = jsonObjectIn(text)?.[key];
  return typeof found === "string" ? found : null;
}
