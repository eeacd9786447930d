import type { Run } from "../experiment/run.ts";
import type { Chain } from "../plan/pool/chain.ts";

/** Hands out the chains of a study, those of a plan or those that an agent claims. */
export interface ChainFeed {
  /** The next chain that there is room for. Throws SaveError. */
  take(roomFor: (chain: Chain) => Room): FedChain;
  /** Nothing more of a chain is made here: it is through, or what is left of it is given back. */
  done(chain: Chain): void;
  /** False for a run that others have ended, or whose chain they have taken over; left out where nobody can. */
  mayBegin?(run: Run, chain: Chain): boolean;
}

/** Whether a chain would begin at once: `later`: once something that is under way, or a rest, is over. */
export type Room = "now" | "later" | "never";

/** `wait`: others hold what is left, or there is no room for it now; `none`: nothing is left at all. */
export type FedChain =
  | { readonly kind: "chain"; readonly chain: Chain }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "none" };
