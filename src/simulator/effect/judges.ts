import applicationCas from "../../access/applications/cas.ts";
import applications from "../../access/applications/index.ts";
import applicationPolicies from "../../access/applications/policies.ts";
import policyTests from "../../access/applications/policy-tests.ts";
import bookmarks from "../../access/bookmarks.ts";
import customPages from "../../access/custom-pages.ts";
import groups from "../../access/groups.ts";
import identityProviders from "../../access/identity-providers/index.ts";
import idpFederationGrants from "../../access/idp-federation-grants.ts";
import keys from "../../access/keys.ts";
import mcpPortals from "../../access/mcp-portals.ts";
import mcpServers from "../../access/mcp-servers.ts";
import mtlsCertificates from "../../access/mtls-certificates.ts";
import mtlsHostnameSettings from "../../access/mtls-hostname-settings.ts";
import organization from "../../access/organization.ts";
import organizationDoh from "../../access/organization-doh.ts";
import policies from "../../access/policies.ts";
import samlCertificates from "../../access/saml-certificates.ts";
import serviceTokens from "../../access/service-tokens.ts";
import sshCas from "../../access/ssh-cas.ts";
import tags from "../../access/tags.ts";
import targets from "../../access/targets.ts";
import userRevocation from "../../access/user-revocation.ts";
import users from "../../access/users.ts";
import type { Change, Reference } from "../../core/change.ts";
import type { Room } from "../../core/room.ts";
import { applicationCreated, applicationDeleted, applicationEdit } from "./applications.ts";
import { compared, type Settings } from "./compare.ts";
import { dohEdit, organizationSettings, providerCreated, providerDeleted, providerSettings } from "./identity.ts";
import {
  authorityRemoved,
  certificateSettings,
  hostnameSettings,
  targetSettings,
  tokenCreated,
  tokenDeleted,
  tokenEdit,
  tokenRotated,
} from "./machines.ts";
import { portalCreated, portalSettings, serverSettings } from "./mcp.ts";
import {
  added,
  applicationPolicyEdit,
  groupDeleted,
  groupEdit,
  policyDeleted,
  policyEdit,
  removed,
} from "./policies.ts";
import { type Finding, finding, type ReasonCode } from "./reasons.ts";
import { alsoKeptOut } from "./use.ts";

type Judge = (change: Change, references: readonly Reference[]) => readonly Finding[];

/** For what says nothing about who gets in. */
const neutral: Judge = () => [];

/** For what means the same whatever is sent. */
const always =
  (code: ReasonCode, detail: string): Judge =>
  (_, references) =>
    alsoKeptOut([finding(code, detail)], references);

const unread = [finding("unclear", "what is there now cannot be read")];

/** For what has to be compared with what there is. */
const known =
  (judge: Judge): Judge =>
  (change, references) =>
    change.before === undefined ? unread : judge(change, references);

const edited = (judge: Judge): Judge =>
  known((change, references) => (change.after === undefined ? unread : judge(change, references)));

const settings = (table: Settings): Judge => edited(({ before = {}, after = {} }) => compared(table, before, after));

const everybodyOut = always("sessions_ended", "open sessions end");

/** Who judges which write, by room and verb. A write that is missing here counts as widening, and fails the house test. */
export const judges: ReadonlyMap<Room, Readonly<Record<string, Judge>>> = new Map<
  Room,
  Readonly<Record<string, Judge>>
>([
  [
    applications,
    {
      create: applicationCreated,
      update: edited(applicationEdit),
      delete: known(applicationDeleted),
      revoke: everybodyOut,
      replace_settings: edited(applicationEdit),
      update_settings: edited(applicationEdit),
    },
  ],
  [
    applicationPolicies,
    {
      create: ({ input, after = input }) => added(after),
      update: edited(applicationPolicyEdit),
      delete: known(({ before = {} }) => removed(before)),
    },
  ],
  [policies, { create: neutral, update: edited(policyEdit), delete: known(policyDeleted) }],
  [policyTests, { start: neutral }],
  [applicationCas, { create: neutral, delete: authorityRemoved }],
  [groups, { create: neutral, update: edited(groupEdit), delete: groupDeleted }],
  [
    serviceTokens,
    {
      create: tokenCreated,
      update: edited(tokenEdit),
      delete: tokenDeleted,
      refresh: always("longer_token", "its expiry is put off by its duration"),
      rotate: tokenRotated,
    },
  ],
  [
    mtlsCertificates,
    {
      create: always("new_certificate_authority", "whoever it signs for passes certificate rules on its hostnames"),
      update: settings(certificateSettings),
      delete: authorityRemoved,
    },
  ],
  [mtlsHostnameSettings, { update: hostnameSettings }],
  [samlCertificates, { rotate: neutral }],
  [sshCas, { create: neutral, delete: authorityRemoved }],
  [keys, { update: neutral, rotate: neutral }],
  [
    targets,
    {
      create: always("target_moved", "applications that match its hostname or tags reach it at once"),
      create_many: always("target_moved", "applications that match their hostnames or tags reach them at once"),
      update: settings(targetSettings),
      delete: always("targets_removed", "the target is deleted"),
      delete_many: always("targets_removed", "the targets are deleted"),
      delete_many_deprecated: always("targets_removed", "targets are deleted"),
    },
  ],
  [users, { create: neutral, update: neutral, delete: everybodyOut }],
  [userRevocation, { revoke: everybodyOut }],
  [
    identityProviders,
    {
      create: providerCreated,
      update: settings(providerSettings),
      delete: providerDeleted,
      create_saml_certificate: neutral,
    },
  ],
  [
    idpFederationGrants,
    {
      create: always("identity_provider_shared", "other accounts of the organization"),
      delete: always("tightened", "an identity provider is no longer shared"),
    },
  ],
  [organization, { create: neutral, update: settings(organizationSettings) }],
  [organizationDoh, { update: edited(dohEdit) }],
  [
    mcpPortals,
    {
      create: portalCreated,
      update: settings(portalSettings),
      delete: always("tools_disabled", "the portal is deleted"),
    },
  ],
  [
    mcpServers,
    {
      create: neutral,
      update: settings(serverSettings),
      delete: always("tools_disabled", "the server is deleted"),
      sync: neutral,
    },
  ],
  [tags, { create: neutral, update: neutral, delete: neutral }],
  [customPages, { create: neutral, update: neutral, delete: neutral }],
  [bookmarks, { create: neutral, update: neutral, delete: neutral }],
]);
