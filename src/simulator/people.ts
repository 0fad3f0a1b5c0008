import gatewayListItems from "../access/gateway-list-items.ts";
import type { Members } from "../core/change.ts";
import type { Gate } from "./evaluate.ts";
import { textOf, textsAt } from "./fields.ts";
import { groupsUnder } from "./rules.ts";
import type { Identity } from "./selectors.ts";
import { type Ability, abilityOf } from "./standing.ts";

/** How somebody whom the account knows fares at an application. */
export interface Standing extends Ability {
  /** As the account shows the user. */
  readonly user: Members;
}

/**
 * How each user fares; `seen` is what is known of some of them besides, by user id. All whose addresses no rule tells
 * apart fare alike, so each kind of them is judged once.
 */
export function standingsOf(
  users: readonly Members[],
  gate: Gate,
  seen: ReadonlyMap<string, Identity> = new Map(),
): readonly Standing[] {
  const kindOf = kindsAt(gate);
  const judged = new Map<string, Ability>();
  return users.flatMap((user): readonly Standing[] => {
    const email = textOf(user["email"]).toLowerCase();
    if (email === "") return [];
    const known = seen.get(textOf(user["id"]));
    if (known !== undefined) return [{ user, ...abilityOf({ ...known, email }, gate) }];
    const kind = kindOf(email);
    const standing = judged.get(kind) ?? abilityOf({ email }, gate);
    judged.set(kind, standing);
    return [{ user, ...standing }];
  });
}

/** What sets an e-mail address apart from others at a gate: that a rule or list names it, or its domain. */
function kindsAt({ policies, account }: Gate): (email: string) => string {
  const holders = [...policies, ...groupsUnder(policies, account)];
  const named = (path: string) =>
    holders.flatMap((holder) =>
      ["include", "require", "exclude"].flatMap((place) =>
        textsAt(holder, `${place}[].${path}`).map(([, text]) => text.toLowerCase()),
      ),
    );
  const lists = new Set(named("email_list.id"));
  const listed = lists.size === 0 ? [] : (account.all(gatewayListItems) ?? []);
  const emails = new Set([...named("email.email"), ...listed.map(({ value }) => textOf(value).toLowerCase())]);
  const domains = new Set(named("email_domain.domain").map((domain) => domain.replace(/^@/, "")));
  return (email) => {
    if (emails.has(email)) return email;
    const domain = email.slice(email.lastIndexOf("@") + 1);
    return domains.has(domain) ? `@${domain}` : "";
  };
}
