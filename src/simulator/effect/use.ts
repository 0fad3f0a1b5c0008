import type { Reference } from "../../core/change.ts";
import { type Finding, inverted, listed, of, quoted, widens } from "./reasons.ts";

/** Who refers to something, as a sentence names them. */
export const named = (references: readonly Reference[]): string =>
  listed(references.map(({ noun, id, name, field }) => `${noun} ${quoted(name ?? id)} ${field}`.trimEnd()));

/** Those that let in, or keep out, whom they refer to. */
export const ofSide = (references: readonly Reference[], side: Reference["side"]) =>
  references.filter((reference) => reference.side === side);

const keepingOut = (findings: readonly Finding[], references: readonly Reference[]): readonly Finding[] => {
  const users = ofSide(references, "keeps_out");
  return users.length === 0 ? [] : of(named(users), inverted(findings));
};

/** What it means when more or fewer match something that only counts where it is used. */
export function byUse(findings: readonly Finding[], references: readonly Reference[]): readonly Finding[] {
  if (references.length === 0) return [];
  const kept = keepingOut(findings, references);
  const users = ofSide(references, "lets_in");
  return [
    ...(users.length > 0 || kept.length === 0 ? of(named(users.length > 0 ? users : references), findings) : []),
    ...kept,
  ];
}

/** The same for what also counts by itself: where fewer match it, those whom it kept out may enter. */
export const alsoKeptOut = (findings: readonly Finding[], references: readonly Reference[]): readonly Finding[] => [
  ...findings,
  ...keepingOut(
    findings.filter((one) => !widens(one)),
    references,
  ),
];
