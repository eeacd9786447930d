/**
 * One cycle of a Williams design (1949), a Latin square that balances what comes before what. Over as many cycles as
 * there are experiments each of them stands at each position once; where their number is even, each also follows each
 * other one once. An odd number cannot have that in so few cycles: there every second round goes through the square
 * with its rows reversed, so that two rounds have each follow each other one twice. Further cycles go round again.
 */
export function latinSquareRow<Item>(items: readonly Item[], cycle: number): readonly Item[] {
  const { length } = items;
  if (length === 0) return [];
  const [round, shift] = [Math.floor((cycle - 1) / length), (cycle - 1) % length];
  const row = items.map((_, position) => items[(zigzag(position, length) + shift) % length] as Item);
  return length % 2 === 1 && round % 2 === 1 ? row.reverse() : row;
}

/** 0, 1, n-1, 2, n-2 ...: the steps between neighbours are all different, so that shifting it balances them. */
function zigzag(position: number, length: number): number {
  return position % 2 === 1 ? (position + 1) / 2 : (length - position / 2) % length;
}
