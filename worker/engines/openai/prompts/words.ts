import type { Random } from "../../../../lib/base/random.ts";

/** Common English words: with a space before it each is one token of every large vocabulary. */
export const WORDS: readonly string[] = `
  time people year work day world life hand part place case week company system program question number night
  point home water room mother area money story fact month lot right study book eye job word business issue side
  kind head house service friend father power hour game line end member law car city community name president
  team minute idea body information back parent face others level office door health person art war history
  party result change morning reason research girl guy moment air teacher force education good new first last
  long great little own other old big high different small large next early young important few public bad same
  able be have do say get make go know take see come think look want give use find tell ask seem feel try leave
  call the of and to in for on with at by from up about into over after beneath under above all some more most
  where when why how each both between through during before again further then once here there white black red
  blue green north south east west summer winter spring food music river road street school student group country
  problem family state market price value paper table window letter voice light field land sea
  
`.trim().split(/\s+/);

/** So many words, each drawn anew. */
export function drawWords(count: number, random: Random, words: readonly string[] = WORDS): string[] {
  return Array.from({ length: count }, () => words[random() % words.length] ?? "time");
}

/** Some of them, to ask a tokenizer about. */
export const PROBE_TEXT = WORDS.slice(0, 12).join(" ");
