/** Yes, no, or not to be told from what is known. */
export type Verdict = boolean | undefined;

/** Whether one of them holds; none does in an empty list. */
export const either = (verdicts: readonly Verdict[]): Verdict =>
  verdicts.includes(true) ? true : verdicts.includes(undefined) ? undefined : false;

/** Whether all of them hold; so they do in an empty list. */
export const all = (verdicts: readonly Verdict[]): Verdict =>
  verdicts.includes(false) ? false : verdicts.includes(undefined) ? undefined : true;

export const not = (verdict: Verdict): Verdict => (verdict === undefined ? undefined : !verdict);
