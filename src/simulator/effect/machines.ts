import type { Change, Reference } from "../../core/change.ts";
import { listOf } from "../fields.ts";
import { changed, compared, flag, growing, lasting, neutral, ranked, type Settings } from "./compare.ts";
import { type Finding, finding, quoted } from "./reasons.ts";
import { alsoKeptOut, named, ofSide } from "./use.ts";

/** The settings of a service token. */
export const tokenSettings: Settings = {
  id: neutral,
  client_id: neutral,
  name: neutral,
  enabled: flag(["token_usable", "token_unusable"], true, true),
  duration: lasting(["longer_token", "tightened"], "8760h"),
  client_secret: neutral,
  client_secret_version: neutral,
  previous_client_secret_expires_at: ranked(["two_secrets", "tightened"], (time) =>
    time === undefined ? 0 : Date.parse(String(time)),
  ),
  expires_at: neutral,
  last_seen_at: neutral,
  created_at: neutral,
  updated_at: neutral,
};

/** A new token opens what any token opens, if something does. */
export const tokenCreated = (_: Change, references: readonly Reference[]): readonly Finding[] => {
  const users = ofSide(references, "lets_in");
  return users.length === 0 ? [] : [finding("token_usable", `it is new and already let in by ${named(users)}`)];
};

export const tokenEdit = ({ before = {}, after = {} }: Change, references: readonly Reference[]): readonly Finding[] =>
  alsoKeptOut(compared(tokenSettings, before, after), references);

export const tokenDeleted = (_: Change, references: readonly Reference[]): readonly Finding[] =>
  alsoKeptOut([finding("token_unusable", "the service token is deleted")], references);

/** Without a grace period whoever holds the present secret is shut out. */
export const tokenRotated = ({ input }: Change): readonly Finding[] => {
  const end = input["previous_client_secret_expires_at"];
  return end === undefined
    ? [finding("token_unusable", "the present secret ends at once")]
    : [finding("two_secrets", `previous_client_secret_expires_at is ${quoted(end)}`)];
};

/** The settings of a client certificate authority. */
export const certificateSettings: Settings = {
  id: neutral,
  name: neutral,
  associated_hostnames: growing(["certificate_hosts_added", "tightened"]),
  fingerprint: neutral,
  expires_on: neutral,
  created_at: neutral,
  updated_at: neutral,
};

export const authorityRemoved = (_: Change, references: readonly Reference[]): readonly Finding[] =>
  alsoKeptOut([finding("certificate_authority_removed", "the authority is deleted")], references);

/** What is sent replaces all settings of all hostnames, and what was there is no object of its own: the input has to do. */
export const hostnameSettings = ({ input }: Change): readonly Finding[] => {
  const opened = listOf(input["settings"]).flatMap(({ hostname, client_certificate_forwarding, china_network }) => [
    ...(client_certificate_forwarding === false
      ? []
      : [finding("certificate_forwarded", `client_certificate_forwarding of ${quoted(hostname)}`)]),
    ...(china_network === false ? [] : [finding("certificate_hosts_added", `china_network of ${quoted(hostname)}`)]),
  ]);
  return opened.length > 0 ? opened : [finding("tightened", "settings forward no client certificate")];
};

const moved = changed("target_moved");

/** The settings of a target; hostname and tags decide which applications reach it, the address what they reach. */
export const targetSettings: Settings = {
  id: neutral,
  hostname: moved,
  tags: moved,
  ip: moved,
  created_at: neutral,
  modified_at: neutral,
};
