/** What keeps a study from running and its user can mend: the message names the place and the remedy. */
export class Problem extends Error {
  override name = "Problem";
}
