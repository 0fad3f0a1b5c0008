import applications from "../../access/applications/index.ts";
import groups from "../../access/groups.ts";
import identityProviders from "../../access/identity-providers/index.ts";
import organizations from "../../access/organization.ts";
import policies from "../../access/policies.ts";
import type { Call, Workshop } from "../../core/call.ts";
import type { Members } from "../../core/change.ts";
import type { Operation } from "../../core/operation.ts";
import type { Room } from "../../core/room.ts";
import type { World } from "../../inventory/world.ts";
import { type Account, accountOf } from "../account.ts";
import { decisiveRooms, type Gate, gateIn } from "../evaluate.ts";
import { listOf, textOf } from "../fields.ts";
import type { Sought } from "../lookup.ts";
import { groupsUnder, roomsFor } from "../rules.ts";
import { named, roomsNaming } from "../wording.ts";
import { policiesAt } from "../world.ts";

/** An application with all that decides about it and what its rules are called; other rooms are not read. */
export async function gateAt(application: Members, world: World, more: readonly Room[] = []): Promise<Gate> {
  const always = [applications, policies, groups, identityProviders, organizations, ...more];
  const known = await accountOf(world, always);
  const own = policiesAt(application, known);
  const under = [...groupsUnder(own, known)];
  const rooms = [...always, ...roomsFor(own, under), ...roomsNaming([...own, ...under])];
  return gateIn(application, await accountOf(world, rooms));
}

/** All that decides about every application. */
export async function accountFor(world: World, more: readonly Room[] = []): Promise<Account> {
  const always = [...decisiveRooms, ...more].filter(({ within }) => within === undefined);
  const known = await accountOf(world, always);
  const own = (known.all(applications) ?? []).flatMap(({ policies }) => listOf(policies));
  const holders = [...own, ...(known.all(policies) ?? []), ...(known.all(groups) ?? [])];
  return accountOf(world, [...always, ...roomsNaming(holders)]);
}

/** What has to be known besides about applications of a kind (developers.cloudflare.com, pages of each kind). */
const remarks: Readonly<Record<string, string>> = {
  saas: "Policies are asked at sign-on only: a session that the application has given goes on.",
  mcp: "Through a portal the portal's own policies have to let in too; the address of the server itself is not behind the portal.",
  mcp_portal:
    "Each server asks the policies of its own application too; it asks for no second factor, reason or approval.",
  infrastructure: "Gateway network policies filter as well, and are not looked at here.",
};

export const remarksOn = (application: Members): readonly string[] => {
  const remark = remarks[textOf(application["type"])];
  return remark === undefined ? [] : [remark];
};

const unprotected = {
  open: ["yes", "No application answers there: Access does not stand in front of it, and anyone gets in."],
  exempt: ["yes", "No application answers there, and its zone is exempt: anyone gets in."],
  denied: ["no", "No application answers there, and the organization refuses such hostnames: nobody gets in."],
  unknown: ["depends", "Nobody can tell whether an application answers there."],
} as const;

const onlyLink =
  "A bookmark is only a link in the App Launcher: nobody is asked for anything, and what is behind the link decides who gets in.";

/** What is to be said where nothing asks: no application answers, it is only a link, or an override leaves it open. */
export function withoutGate({
  application,
  match,
}: Sought): { readonly verdict: string; readonly more: Members } | undefined {
  const { address, certain, why, open, unmatched = "unknown" } = match ?? {};
  const [allowed, says] = unprotected[unmatched];
  if (application === undefined) return { verdict: says, more: { allowed, certain, address, why } };
  if (application["type"] === "bookmark") {
    const link = textOf(application["domain"]);
    return { verdict: onlyLink, more: { application: named(applications, application), certain: true, link } };
  }
  if (open === undefined) return undefined;
  const verdict = "An override of the application leaves this path open to everybody.";
  const shown = named(applications, application);
  return { verdict, more: { allowed: "yes", certain, application: shown, address, override: open, why } };
}

/** Asks other operations the way of every call; a list is read whole. */
export const asking =
  (call: Call, { entries, perform }: Workshop) =>
  async (operation: Operation, input: Members): Promise<unknown> => {
    const entry = entries.get(operation.name);
    if (entry === undefined) throw new Error(`no operation ${operation.name}`);
    const { scope, signal, deadline, caller } = call;
    return (await perform({ entry, input, view: { all: true }, scope, signal, deadline, caller })).result;
  };
