import { Refusal } from "../envelope.ts";
import { type Row, rowOf, rowsOf, textOf } from "../store.ts";
import { inAccount, type Question } from "../world.ts";

/** Where rules are held, in policies and groups alike. */
const places = ["include", "require", "exclude"] as const;

/** Every rule of a policy or group as selector and argument. */
const rulesOf = (holder: Row): (readonly [string, Row])[] =>
  places.flatMap((place) =>
    rowsOf(holder[place]).flatMap((rule) =>
      Object.entries(rule).map(([selector, argument]) => [selector, rowOf(argument)] as const),
    ),
  );

/** Refuses rules that name a group or identity provider that is not there (code 11020, python-cloudflare #100). */
export function checkRules(holder: Row, { world, scope }: Question): void {
  const missing = (collection: string, id: unknown) =>
    [`${scope}/${collection}`, inAccount(world, collection)].every(
      (place) => world.store.find(place, textOf(id)) === undefined,
    );
  for (const [selector, argument] of rulesOf(holder)) {
    const provider = selector === "login_method" ? argument["id"] : argument["identity_provider_id"];
    if (
      (selector === "group" && missing("access/groups", argument["id"])) ||
      (provider !== undefined && missing("access/identity_providers", provider))
    ) {
      throw new Refusal(400, 11020, "access.api.error.failed_to_load_group");
    }
  }
}
