/**
 * False for two runs of a cycle that do not belong together: those of a study with several runs at a time that were made on as
 * many boards, and on others, because their chain was split or they were in two. A board differs from the next by more than most
 * settings do. Null is a run that was not placed among others.
 */
export function areOnSameBoards(one: readonly string[] | null, other: readonly string[] | null): boolean {
  if (one === null || other === null || one.length !== other.length) return true;
  return one.every((board, place) => board === other[place]);
}
