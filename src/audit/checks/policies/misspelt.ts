import type { Members } from "../../../core/change.ts";
import { textOf } from "../../../simulator/fields.ts";
import type { Found } from "../../check.ts";
import type { Estate } from "../../estate.ts";
import { holderFix, holderSubject, type Placed, rulesBy, usesOfRule } from "../shared/placed.ts";
import { applicationsOf } from "./deciding.ts";

/** So many people with a domain make it one that the company means. */
const several = 3;

const domainOf = (address: unknown): string => textOf(address).toLowerCase().replace(/^.*@/, "");

/** Mail domains of those who log in, by how many have them. */
function mailDomains(estate: Estate): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const { email } of estate.known("users") ?? []) {
    const domain = domainOf(email);
    found.set(domain, (found.get(domain) ?? 0) + 1);
  }
  return found;
}

/** Whether one letter more, less or other makes one text of the other. */
function isLetterApart(one: string, other: string): boolean {
  if (one.length > other.length) return isLetterApart(other, one);
  if (other.length - one.length > 1 || one === other) return false;
  let same = 0;
  while (same < one.length && one[same] === other[same]) same++;
  return one.slice(one.length === other.length ? same + 1 : same) === other.slice(same + 1);
}

/** Rules about a domain that nobody has, one letter away from one that several have. */
export function* misspelt(estate: Estate): Iterable<Found> {
  const known = estate.once(mailDomains);
  const meant = [...known].filter(([, people]) => people >= several).map(([domain]) => domain);
  for (const [selector, argument] of [
    ["email_domain", "domain"],
    ["email", "email"],
  ] as const) {
    for (const placed of rulesBy(estate, selector)) {
      const value = placed.rule.argument[argument];
      const written = domainOf(value);
      const right = known.has(written) ? undefined : meant.find((domain) => isLetterApart(written, domain));
      if (right !== undefined) yield told(estate, placed, textOf(value), written, right, [selector, argument]);
    }
  }
}

function told(
  estate: Estate,
  placed: Placed,
  value: string,
  written: string,
  right: string,
  [selector, argument]: readonly [string, string],
): Found {
  const { holder, place, rule } = placed;
  const corrected = { [selector]: { [argument]: `${value.slice(0, value.length - written.length)}${right}` } };
  const rules = (holder.item[place] as readonly Members[]).map((one, at) =>
    rule.field === `${place}[${at}]` ? corrected : one,
  );
  return {
    subject: holderSubject(holder),
    says: "nobody has this mail domain, and several people have one that is a letter away",
    field: `${rule.field}.${selector}.${argument}`,
    value,
    certain: false,
    mark: "misspelt",
    related: applicationsOf(usesOfRule(estate, placed)),
    fix: holderFix(holder, { [place]: rules }),
  };
}
