import { ownVariable } from "../../base/own_environment.ts";
import { signsOf } from "../../report/summary/signs.ts";
import type { TableSpace } from "../../report/summary/summary_table.ts";
import type { Streams } from "./streams.ts";

/** The room that stdout has for a table: as wide as its terminal, without limit where it goes to a file. */
export function tableSpace({ outIsTerminal, width }: Streams): TableSpace {
  const signs = signsOf({
    LC_ALL: ownVariable("LC_ALL"),
    LC_CTYPE: ownVariable("LC_CTYPE"),
    LANG: ownVariable("LANG"),
  });
  return { width: outIsTerminal ? width() : null, signs };
}
