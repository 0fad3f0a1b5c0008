import accessRequests from "../access/access-requests.ts";
import applicationCas from "../access/applications/cas.ts";
import applications from "../access/applications/index.ts";
import bookmarks from "../access/bookmarks.ts";
import customPages from "../access/custom-pages.ts";
import gatewayListItems from "../access/gateway-list-items.ts";
import gatewayLists from "../access/gateway-lists.ts";
import groups from "../access/groups.ts";
import identityProviders from "../access/identity-providers/index.ts";
import idpFederationGrants from "../access/idp-federation-grants.ts";
import idpScim from "../access/idp-scim.ts";
import keys from "../access/keys.ts";
import mcpPortals from "../access/mcp-portals.ts";
import mcpServers from "../access/mcp-servers.ts";
import mtlsCertificates from "../access/mtls-certificates.ts";
import mtlsHostnameSettings from "../access/mtls-hostname-settings.ts";
import organization from "../access/organization.ts";
import organizationDoh from "../access/organization-doh.ts";
import policies from "../access/policies.ts";
import posture from "../access/posture.ts";
import samlCertificates from "../access/saml-certificates.ts";
import scimUpdates from "../access/scim-updates.ts";
import serviceTokens from "../access/service-tokens.ts";
import sshCas from "../access/ssh-cas.ts";
import tags from "../access/tags.ts";
import targets from "../access/targets.ts";
import userFailedLogins from "../access/user-failed-logins.ts";
import userIdentity from "../access/user-identity.ts";
import userSessions from "../access/user-sessions.ts";
import users from "../access/users.ts";
import type { Members } from "../core/change.ts";
import type { Dataset } from "./world.ts";

/**
 * What an inventory holds, by the names that snapshots use; fixed once published. Objects of a room within another
 * carry the id of their owner under the name that it has in the path: sessions have a `user_id`.
 */
export const datasets = {
  organization,
  organization_doh: organizationDoh,
  applications,
  application_cas: applicationCas,
  policies,
  groups,
  identity_providers: identityProviders,
  idp_federation_grants: idpFederationGrants,
  idp_scim: idpScim,
  service_tokens: serviceTokens,
  mtls_certificates: mtlsCertificates,
  mtls_hostname_settings: mtlsHostnameSettings,
  saml_certificates: samlCertificates,
  ssh_cas: sshCas,
  keys,
  targets,
  mcp_portals: mcpPortals,
  mcp_servers: mcpServers,
  posture_rules: posture,
  gateway_lists: gatewayLists,
  gateway_list_items: gatewayListItems,
  tags,
  custom_pages: customPages,
  bookmarks,
  users,
  user_sessions: userSessions,
  user_identities: userIdentity,
  failed_logins: userFailedLogins,
  access_requests: accessRequests,
  scim_updates: scimUpdates,
} as const;

export type DatasetName = keyof typeof datasets;

/** The objects of some datasets, as Cloudflare answers them. */
export type Holdings = Readonly<Partial<Record<DatasetName, readonly Members[]>>>;

/** Everything that was read of an account, by name. What was not asked for is absent. */
export type Inventory = Readonly<Partial<Record<DatasetName, Dataset>>>;
