/** One figure with what it is held against. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The floor or peer measured in the same run, when there is one. */
  readonly peer?: { readonly name: string; readonly value: number } | undefined;
  /** What the project wants: `most` or `least` of the ratio to the peer, or of the value itself without one. */
  readonly goal?: { readonly most?: number; readonly least?: number } | undefined;
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
};

/** What the goal is about: the ratio to the peer, or the value. */
export const measured = ({ value, peer }: Figure): number => (peer === undefined ? value : value / peer.value);

export function reached(figure: Figure): boolean | undefined {
  const { goal } = figure;
  if (goal === undefined) return undefined;
  const amount = measured(figure);
  return amount <= (goal.most ?? Number.POSITIVE_INFINITY) && amount >= (goal.least ?? Number.NEGATIVE_INFINITY);
}

/** Runs both sides in turn, so that a noisy machine is unfair to neither. */
export async function alternate<Result>(
  rounds: number,
  ours: () => Promise<Result>,
  peer: () => Promise<Result>,
): Promise<{ ours: Result[]; peer: Result[] }> {
  const results = { ours: [] as Result[], peer: [] as Result[] };
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? (["ours", "peer"] as const) : (["peer", "ours"] as const);
    for (const side of order) results[side].push(await (side === "ours" ? ours() : peer()));
  }
  return results;
}
