import gatewayListItems from "../access/gateway-list-items.ts";
import gatewayLists from "../access/gateway-lists.ts";
import type { Members } from "../core/change.ts";
import type { Account } from "./account.ts";
import { textOf } from "./fields.ts";
import { memberOf, networkOf } from "./networks.ts";

/** What a Zero Trust list holds, as rules ask for it; nothing where nobody can tell. */
export interface Listed {
  hasEmail(email: string): boolean;
  hasAddress(address: string): boolean | undefined;
}

const made = new WeakMap<readonly Members[], Map<string, Listed>>();

/** The list with an id, made once for the items of an account; nothing when its items were not read, or it is gone. */
export function listCalled(id: string, account: Account): Listed | undefined {
  const items = account.all(gatewayListItems);
  if (items === undefined) return undefined;
  const lists = made.get(items) ?? new Map([...grouped(items)].map(([key, values]) => [key, listed(values)]));
  made.set(items, lists);
  return lists.get(id) ?? (account.find(gatewayLists, id) === undefined ? undefined : listed([]));
}

function grouped(items: readonly Members[]): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>();
  for (const { list_id, value } of items) {
    const id = textOf(list_id);
    const there = values.get(id);
    if (there === undefined) values.set(id, [textOf(value)]);
    else there.push(textOf(value));
  }
  return values;
}

function listed(values: readonly string[]): Listed {
  const emails = new Set(values.map((value) => value.toLowerCase()));
  const networks = values.flatMap((value) => networkOf(value) ?? []);
  const isMember = memberOf(networks);
  const isWhole = networks.length === values.length;
  return {
    hasEmail: (email) => emails.has(email),
    hasAddress: (address) => isMember(address) || (isWhole ? isMember(address) : undefined),
  };
}
