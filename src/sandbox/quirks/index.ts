import type { Quirks } from "../world.ts";
import { applicationQuirks } from "./applications.ts";
import { certificateQuirks } from "./certificates.ts";
import { groupQuirks } from "./groups.ts";
import { identityQuirks } from "./identity.ts";
import { listQuirks } from "./lists.ts";
import { logQuirks } from "./logs.ts";
import { mcpQuirks } from "./mcp.ts";
import { organizationQuirks } from "./organization.ts";
import { pageQuirks } from "./pages.ts";
import { policyQuirks } from "./policies.ts";
import { policyTestQuirks } from "./policy-tests.ts";
import { serviceTokenQuirks } from "./service-tokens.ts";
import { targetQuirks } from "./targets.ts";
import { userQuirks } from "./users.ts";

const families = [
  applicationQuirks,
  policyQuirks,
  policyTestQuirks,
  groupQuirks,
  serviceTokenQuirks,
  certificateQuirks,
  identityQuirks,
  organizationQuirks,
  userQuirks,
  logQuirks,
  targetQuirks,
  mcpQuirks,
  listQuirks,
  pageQuirks,
];

/** Everything about Access that is not plain create, read, update and delete. */
export const quirks: Quirks = {
  resources: Object.assign({}, ...families.map(({ resources }) => resources)),
  operations: Object.assign({}, ...families.map(({ operations }) => operations)),
};
