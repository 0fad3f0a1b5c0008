import { z } from "zod";
import { mfaConfig, policyFields, sshAuthenticators, sshRules } from "../policies.ts";
import { ruleFields } from "../rules.ts";
import { asRequest } from "./attached-policies.ts";
import { targetCriteria } from "./targets.ts";

const mfa_config = mfaConfig(sshAuthenticators);

const wholePolicy = "needs a whole policy; infrastructure applications cannot use reusable ones";

const InfrastructurePolicy = z.strictObject(
  {
    name: policyFields.name,
    decision: z.literal("allow"),
    ...ruleFields,
    connection_rules: z.strictObject({ ssh: sshRules }).optional(),
    mfa_config,
  },
  { error: ({ code }) => (code === "invalid_type" ? wholePolicy : undefined) },
);

/** SSH to infrastructure targets with short-lived certificates. */
export const infrastructure = {
  type: z.literal("infrastructure"),
  name: z.string().optional(),
  target_criteria: targetCriteria("SSH"),
  policies: z
    .array(InfrastructurePolicy)
    .optional()
    .describe("Own policies only, no reusable ones. On update: absent keeps them, [] destroys them")
    .meta({ echo: false, restore: (shown: unknown, anew: boolean) => asRequest(shown, anew, InfrastructurePolicy) }),
  mfa_config,
};
