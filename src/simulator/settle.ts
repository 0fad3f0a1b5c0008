import type { Members } from "../core/change.ts";
import { type Gate, pass, type Step } from "./evaluate.ts";
import type { Identity, Verdict } from "./selectors.ts";

type Facts = readonly (readonly [mark: string, holds: boolean])[];

const knowing = (identity: Identity, facts: Facts): Identity => ({
  ...identity,
  facts: new Map([...facts, ...(identity.facts ?? [])]),
});

/** Whether somebody comes through by the last policy of a gate and by no other, and the facts that would tell. */
function comesBy(last: Members, identity: Identity, gate: Gate): { readonly verdict: Verdict; readonly open: Facts } {
  const { trace } = pass(identity, gate);
  const own = trace.find(({ policy }) => policy === last);
  if (own === undefined || own.verdict === false) return { verdict: false, open: [] };
  const before = trace.filter((step) => step !== own && step.verdict === undefined);
  const verdict = own.verdict === true && before.length === 0 ? true : undefined;
  return { verdict, open: [...before.flatMap(against), ...inFavour(own)] };
}

const against = ({ missing }: Step): Facts => missing.map((mark) => [mark, false] as const);

const inFavour = ({ rules }: Step): Facts =>
  rules.flatMap(({ place, verdict, missing }) =>
    verdict === undefined ? missing.map((mark) => [mark, place !== "exclude"] as const) : [],
  );

/** Cases of what is not known that are tried one by one; with more it stays open whether there is somebody. */
const mostCases = 64;

/**
 * Somebody like `identity`, of whom as much more is known as it takes to come through by the last policy of a gate;
 * `false` when nobody like that ever does, the identity itself when that cannot be told.
 */
export function someoneBy(last: Members, identity: Identity, gate: Gate): Identity | false {
  const { verdict, open } = comesBy(last, identity, gate);
  if (verdict !== undefined) return verdict && identity;
  // What is likeliest first, all at once: mostly that is the end of it.
  const likely = knowing(identity, open);
  if (comesBy(last, likely, gate).verdict === true) return likely;
  const count = { left: mostCases };
  const found = search(last, identity, gate, count);
  return found ?? (count.left > 0 ? false : identity);
}

function search(last: Members, identity: Identity, gate: Gate, count: { left: number }): Identity | undefined {
  if (count.left-- <= 0) return undefined;
  const { verdict, open } = comesBy(last, identity, gate);
  if (verdict !== undefined) return verdict ? identity : undefined;
  const [first] = open;
  if (first === undefined) return undefined;
  const [mark, likely] = first;
  return (
    search(last, knowing(identity, [[mark, likely]]), gate, count) ??
    search(last, knowing(identity, [[mark, !likely]]), gate, count)
  );
}
