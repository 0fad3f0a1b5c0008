import { catalogue } from "../core/room.ts";
import accessRequests from "./access-requests.ts";
import applicationCas from "./applications/cas.ts";
import applications from "./applications/index.ts";
import applicationPolicies from "./applications/policies.ts";
import policyTests from "./applications/policy-tests.ts";
import bookmarks from "./bookmarks.ts";
import customPages from "./custom-pages.ts";
import gatewayListItems from "./gateway-list-items.ts";
import gatewayLists from "./gateway-lists.ts";
import groups from "./groups.ts";
import identityProviders from "./identity-providers/index.ts";
import idpFederationGrants from "./idp-federation-grants.ts";
import idpScim from "./idp-scim.ts";
import keys from "./keys.ts";
import mcpPortals from "./mcp-portals.ts";
import mcpServers from "./mcp-servers.ts";
import mtlsCertificates from "./mtls-certificates.ts";
import mtlsHostnameSettings from "./mtls-hostname-settings.ts";
import organization from "./organization.ts";
import organizationDoh from "./organization-doh.ts";
import policies from "./policies.ts";
import posture from "./posture.ts";
import postureIntegrations from "./posture-integrations.ts";
import samlCertificates from "./saml-certificates.ts";
import scimUpdates from "./scim-updates.ts";
import serviceTokens from "./service-tokens.ts";
import sshCas from "./ssh-cas.ts";
import tags from "./tags.ts";
import targets from "./targets.ts";
import userFailedLogins from "./user-failed-logins.ts";
import userIdentity from "./user-identity.ts";
import userRevocation from "./user-revocation.ts";
import userSessions from "./user-sessions.ts";
import users from "./users.ts";

/** Every operation of the Access API, in reading order. */
export const access = catalogue([
  applications,
  applicationPolicies,
  policies,
  policyTests,
  applicationCas,
  groups,
  serviceTokens,
  mtlsCertificates,
  mtlsHostnameSettings,
  samlCertificates,
  sshCas,
  keys,
  targets,
  users,
  userSessions,
  userRevocation,
  userIdentity,
  userFailedLogins,
  accessRequests,
  scimUpdates,
  identityProviders,
  idpScim,
  idpFederationGrants,
  organization,
  organizationDoh,
  mcpPortals,
  mcpServers,
  posture,
  postureIntegrations,
  gatewayLists,
  gatewayListItems,
  tags,
  customPages,
  bookmarks,
]);
