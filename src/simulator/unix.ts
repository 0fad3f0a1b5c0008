import type { Members } from "../core/change.ts";
import { membersOf, textOf } from "./fields.ts";
import type { Identity } from "./selectors.ts";

/** UNIX users that somebody may be by a policy of an infrastructure application. */
export interface UnixUsers {
  readonly names: readonly string[];
  /** Whether there is another one, named like an e-mail address that is not known. */
  readonly more: boolean;
}

/** Names that a policy grants; the one named like the e-mail address before its @ only where it says so. */
export function unixUsersOf(policy: Members, { email }: Identity): UnixUsers {
  const { usernames, allow_email_alias } = membersOf(membersOf(policy["connection_rules"])["ssh"]);
  const named = Array.isArray(usernames) ? usernames.map(textOf) : [];
  const alias = allow_email_alias === true ? email?.replace(/@.*$/, "") : undefined;
  return {
    names: [...new Set([...named, ...(alias === undefined ? [] : [alias])])],
    more: allow_email_alias === true && email === undefined,
  };
}
