import applications from "../../../src/access/applications/index.ts";
import gatewayListItems from "../../../src/access/gateway-list-items.ts";
import gatewayLists from "../../../src/access/gateway-lists.ts";
import groups from "../../../src/access/groups.ts";
import identityProviders from "../../../src/access/identity-providers/index.ts";
import mtlsCertificates from "../../../src/access/mtls-certificates.ts";
import organization from "../../../src/access/organization.ts";
import policies from "../../../src/access/policies.ts";
import serviceTokens from "../../../src/access/service-tokens.ts";
import type { Members } from "../../../src/core/change.ts";
import type { Account } from "../../../src/simulator/account.ts";
import type { Identity } from "../../../src/simulator/selectors.ts";

const rooms = {
  applications,
  gatewayListItems,
  gatewayLists,
  groups,
  identityProviders,
  mtlsCertificates,
  organization,
  policies,
  serviceTokens,
};

/** The kinds of objects that decide who gets in. */
export type Kind = keyof typeof rooms;

/** Somebody or something that comes to an application, in plain JSON. */
export interface Case {
  readonly identity: Omit<Identity, "facts">;
  /** What is known of single rules, by their mark. */
  readonly facts: Readonly<Record<string, boolean>>;
  readonly application: Members;
  /** A kind that is left out could not be read. */
  readonly account: Readonly<Partial<Record<Kind, readonly Members[]>>>;
}

/** When all cases happen, in milliseconds since 1970. */
export const now = Date.parse("2026-07-01T00:00:00Z");

/** The account of a case as the simulator sees it. */
export function accountFrom({ account }: Pick<Case, "account">): Account {
  const all: Account["all"] = (room) => {
    const [kind] = Object.entries(rooms).find(([, one]) => one === room) ?? [];
    return account[kind as Kind];
  };
  return { now, all, find: (room, id) => all(room)?.find((item) => item[room.key ?? "id"] === id) };
}

const whole = ["identity", "facts", "application", "account"];
const principals = ["email", "groups", "service_token", "common_name", "linked_app"];
/** What stays, since without it a case would be about something else. */
const kept = new Set([
  ...whole,
  ...principals,
  ...Object.keys(rooms),
  "id",
  "decision",
  "reusable",
  "type",
  "url",
  "uri",
  "destinations",
]);

/** A case as small as it gets while something stays true of it: parts are left out one by one. */
export function smallest<Whole>(one: Whole, isStill: (one: Whole) => boolean): Whole {
  const shorter = [...without(one)].find((less) => isStill(less as Whole));
  return shorter === undefined ? one : smallest(shorter as Whole, isStill);
}

/** A value with one part of it left out, in every way that there is; rules stay whole. */
function* without(value: unknown, name = ""): Generator<unknown> {
  if (Array.isArray(value)) {
    for (const [at, item] of value.entries()) {
      yield value.toSpliced(at, 1);
      if (!rules.has(name)) for (const less of without(item)) yield value.with(at, less);
    }
  } else if (typeof value === "object" && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      const { [key]: _, ...rest } = value as Members;
      if (!kept.has(key)) yield rest;
      for (const less of without(member, key)) yield { ...value, [key]: less };
    }
  }
}

const rules = new Set(["include", "require", "exclude"]);
