import type { AccessEffect, Change, Reference } from "../../core/change.ts";
import { judges } from "./judges.ts";
import { finding, reasonOf } from "./reasons.ts";

export { narrowing, type ReasonCode, widening } from "./reasons.ts";

/**
 * What a change does to who gets in, and why. It widens as soon as one reason does; what cannot be told widens, so that
 * nothing is opened unseen. `references` is what refers to the object now.
 */
export function effectOf(change: Change, references: readonly Reference[]): AccessEffect {
  const { entry } = change;
  if (entry.effect === "read") return { direction: "neutral", reasons: [] };
  const judge = judges.get(entry.room)?.[entry.verb];
  const findings = judge?.(change, references) ?? [finding("unclear", `nobody has judged ${entry.name}`)];
  const reasons = findings.map(reasonOf);
  const directions = new Set(reasons.map(({ direction }) => direction));
  return { direction: directions.has("widen") ? "widen" : directions.has("narrow") ? "narrow" : "neutral", reasons };
}
