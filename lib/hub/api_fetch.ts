import { readAtMost } from "../base/read_at_most.ts";
import type { HubEnvironment } from "./hub_environment.ts";
import { HubUnreachable } from "./hub_fetch.ts";
import { MOST_TEXT_BYTES } from "./small_text.ts";
import {
  answerTooLong,
  notAHub,
  pageOnOtherHost,
  pagesInCircle,
  pageWithoutAddress,
  tooManyPages,
} from "./messages.ts";

/** What answers is no hub, or one out of order: another try would bring the same. */
export class UnfitAnswer extends HubUnreachable {
  /** `what` is for people. */
  constructor({ endpoint }: HubEnvironment, what: string) {
    super(notAHub(endpoint, what));
  }

  override get isPassing(): boolean {
    return false;
  }
}

/** Says what is wrong with an answer, in words; null where it is as it should be. */
export type AnswerCheck = (answer: unknown) => string | null;

/** The most pages that an answer comes in; the hub puts 1,000 files on each. */
const MOST_PAGES = 1000;

/**
 * A `fetch` for one question to the hub's API, whose answer may come in pages. Every page is read whole and checked before
 * anybody uses it. All of them together have at most `most_bytes`, counted unpacked, and come from the host that was
 * asked first. Throws UnfitAnswer, and what hubFetch() throws.
 */
export function apiFetch(
  hub: HubEnvironment,
  hubFetch: typeof fetch,
  check: AnswerCheck,
  most_bytes = MOST_TEXT_BYTES,
): typeof fetch {
  const pages = new Set<string>();
  let left_bytes = most_bytes;
  return async (input, init) => {
    const url = String(input instanceof Request ? input.url : input);
    const wrong = pageFault(url, pages);
    if (wrong !== null) throw new UnfitAnswer(hub, wrong);
    pages.add(url);
    const response = await hubFetch(url, init);
    const read = await readAtMost(response, left_bytes);
    if (read === null) throw new UnfitAnswer(hub, answerTooLong(most_bytes / 2 ** 20));
    left_bytes -= read.size;
    const fault = check(parse(read.text, hub));
    if (fault !== null) throw new UnfitAnswer(hub, fault);
    const link = response.headers.get("Link");
    return new Response(read.text, { headers: link === null ? {} : { Link: link } });
  };
}

/** What is wrong with the address of a page, after these. */
function pageFault(url: string, pages: ReadonlySet<string>): string | null {
  const [first] = pages;
  if (first === undefined) return null;
  if (pages.has(url)) return pagesInCircle();
  if (pages.size >= MOST_PAGES) return tooManyPages(MOST_PAGES);
  if (!URL.canParse(url)) return pageWithoutAddress();
  const { origin, host } = new URL(url);
  return origin === new URL(first).origin ? null : pageOnOtherHost(host);
}

function parse(text: string, hub: HubEnvironment): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UnfitAnswer(hub, (error as Error).message);
  }
}
