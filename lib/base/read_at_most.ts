/** The text of an answer, and how many bytes it has; null where there are more, and then no more is read. */
export async function readAtMost(
  response: Response,
  most_bytes: number,
): Promise<{ readonly text: string; readonly size: number } | null> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    // To leave the loop ends the answer.
    if (size > most_bytes) return null;
    // The chunks themselves are not kept: a short one may hold a large buffer.
    text += decoder.decode(chunk, { stream: true });
  }
  return { text: text + decoder.decode(), size };
}
