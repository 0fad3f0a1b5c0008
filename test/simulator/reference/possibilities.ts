/** Asks for a fact that is not known: one of some values, the same each time that it is asked for. */
export type Ask = <Value>(fact: string, values: readonly Value[]) => Value;

/** What came out of all runs, and whether those were all there are. */
export interface Possibilities<Result> {
  readonly results: ReadonlySet<Result>;
  readonly all: boolean;
}

/** Runs something once for every combination of the facts that it asks for, unless there are too many of them. */
export function everyWay<Result>(run: (ask: Ask) => Result, most: number): Possibilities<Result> {
  const results = new Set<Result>();
  let chosen: number[] = [];
  for (let runs = 0; runs < most; runs++) {
    const sizes: number[] = [];
    results.add(run(asking(sizes, () => chosen[sizes.length] ?? 0)));
    chosen = sizes.map((_, at) => chosen[at] ?? 0);
    while (chosen.length > 0 && (chosen.at(-1) ?? 0) + 1 === sizes[chosen.length - 1]) chosen.pop();
    if (chosen.length === 0) return { results, all: true };
    chosen.push((chosen.pop() ?? 0) + 1);
  }
  return { results, all: false };
}

/** Whether something is so for one combination, at least, of the facts that it asks for. */
export function isEverSo(isSo: (ask: Ask) => boolean): boolean {
  const found = new Error("found");
  try {
    everyWay((ask) => {
      if (isSo(ask)) throw found;
    }, Number.POSITIVE_INFINITY);
  } catch (error) {
    if (error !== found) throw error;
    return true;
  }
  return false;
}

/** Runs something some times, each time with facts that chance picks. */
export function someWays<Result>(run: (ask: Ask) => Result, times: number, next: () => number): ReadonlySet<Result> {
  return new Set(Array.from({ length: times }, () => run(asking([], (size) => Math.floor(next() * size)))));
}

function asking(sizes: number[], choose: (size: number) => number): Ask {
  const answers = new Map<string, unknown>();
  return <Value>(fact: string, values: readonly Value[]): Value => {
    if (!answers.has(fact)) {
      const at = choose(values.length);
      sizes.push(values.length);
      answers.set(fact, values[at]);
    }
    return answers.get(fact) as Value;
  };
}
