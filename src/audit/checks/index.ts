import type { Check } from "../check.ts";
import applications from "./applications/index.ts";
import certificates from "./certificates/index.ts";
import groups from "./groups/index.ts";
import identityProviders from "./identity-providers/index.ts";
import keys from "./keys.ts";
import mcp from "./mcp/index.ts";
import organization from "./organization.ts";
import policies from "./policies/index.ts";
import scim from "./scim.ts";
import serviceTokens from "./service-tokens/index.ts";
import targets from "./targets/index.ts";
import users from "./users.ts";

/** Everything that an audit looks for, family by family. */
export const checks: readonly Check[] = [
  ...applications,
  ...policies,
  ...groups,
  ...serviceTokens,
  ...certificates,
  ...targets,
  ...identityProviders,
  ...scim,
  ...mcp,
  ...users,
  ...keys,
  ...organization,
];
