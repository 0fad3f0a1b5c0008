import type { AccessEffect, Change, Reference } from "../../core/change.ts";
import { judges } from "./judges.ts";
import { finding, reasonOf } from "./reasons.ts";

export { narrowing, type ReasonCode, widening } from "./reasons.ts";

/** What may refer to an object from where nobody could look. */
const unseen = (["lets_in", "keeps_out"] as const).map(
  (side): Reference => ({ noun: "something", id: "that could not be read", field: "", side }),
);

/**
 * What a change does to who gets in, and why. It widens as soon as one reason does; what cannot be told widens, so that
 * nothing is opened unseen. `known` is what refers to the object now; `complete` is false when there may be more.
 */
export function effectOf(change: Change, known: readonly Reference[], complete = true): AccessEffect {
  const { entry } = change;
  if (entry.effect === "read") return { direction: "neutral", reasons: [] };
  const references = complete ? known : [...known, ...unseen];
  const judge = judges.get(entry.room)?.[entry.verb];
  const findings = judge?.(change, references) ?? [finding("unclear", `nobody has judged ${entry.name}`)];
  const reasons = findings.map(reasonOf);
  const directions = new Set(reasons.map(({ direction }) => direction));
  return { direction: directions.has("widen") ? "widen" : directions.has("narrow") ? "narrow" : "neutral", reasons };
}
