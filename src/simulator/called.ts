import groups from "../access/groups.ts";
import type { Change, Members } from "../core/change.ts";
import type { Account } from "./account.ts";
import { membersOf, textOf } from "./fields.ts";
import { matches } from "./rules.ts";

/** The change with what its rules call a group by id also called by name, and said to hold everyone where it does. */
export function withGroupsCalled(change: Change, account: Account): Change {
  const { before, after } = change;
  const called = (object: Members): Members => {
    const lists = ["include", "require", "exclude"].map((place) => [place, listed(object[place], rule)] as const);
    const policies = listed(object["policies"], called);
    const changed = [...lists, ["policies", policies] as const].filter(([name]) => Array.isArray(object[name]));
    return { ...object, ...Object.fromEntries(changed) };
  };
  const rule = (given: Members): Members => {
    const { group } = given;
    const id = textOf(membersOf(group)["id"]);
    const found = group === undefined ? undefined : account.find(groups, id);
    return found === undefined
      ? given
      : { ...given, group: { id, name: found["name"], everyone: holdsAll(found, account) } };
  };
  return {
    ...change,
    before: before && called(before),
    after: after && called(after),
  };
}

/** Policies of an application may stand there as bare ids. */
const listed = (value: unknown, change: (one: Members) => Members): unknown =>
  Array.isArray(value) ? value.map((one: unknown) => (typeof one === "object" ? change(membersOf(one)) : one)) : value;

/** Whether somebody of whom nothing is known is in a group. */
const holdsAll = (group: Members, account: Account): boolean =>
  matches(group, { identity: {}, application: {}, account, decision: "allow", logins: undefined }).verdict === true;
