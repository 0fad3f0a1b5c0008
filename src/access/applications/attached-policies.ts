import { z } from "zod";
import { answer, optional } from "../../core/model.ts";
import { mfaConfig, policyFields, rdpRules, sshAuthenticators, sshRules, webAuthenticators } from "../policies.ts";
import { Id } from "../shared.ts";

const precedence = z.int().optional().describe("Place among the application's policies: unique, lower first");

/** Uses a reusable policy in an application. */
const PolicyLink = z
  .strictObject({
    id: z.string().describe("Reusable policy id, from list_policies"),
    account_id: z.string().optional().describe("Account the policy lives in, when another"),
    precedence,
  })
  .meta({ title: "PolicyLink" });

const asShown = new Set(["reusable", "app_count", "created_at", "updated_at"]);

/** Sending back a reusable policy as it was shown would make a copy of it that nobody else's edits reach. */
const refuseAsShown: z.core.$ZodErrorMap = (issue) =>
  issue.code === "unrecognized_keys" && issue.keys.some((key) => asShown.has(key))
    ? `a policy as an answer shows it; of a reusable one send only {"id", "precedence"}, of the application's own leave out ${issue.keys.join(", ")}`
    : undefined;

/** A policy that lives in one application only. The SDK's type lacks name, decision and rules; the API needs them. */
const InlinePolicy = z
  .strictObject(
    {
      id: z.string().optional().describe("Of the application's own policy that this replaces"),
      ...policyFields,
      precedence,
    },
    { error: refuseAsShown },
  )
  .meta({ title: "InlinePolicy" });

/** A whole policy under the id of an attached reusable one would become a copy that nobody else's edits reach. */
function copyIn(given: unknown, shown: unknown = []): string | undefined {
  const attached = shown as readonly Record<string, unknown>[];
  const shared = new Set(attached.flatMap(({ id, reusable }) => (reusable === true ? [id] : [])));
  const copy = (given as readonly (string | Record<string, unknown>)[]).find(
    (policy) => typeof policy !== "string" && "decision" in policy && shared.has(policy["id"]),
  ) as Record<string, unknown> | undefined;
  return (
    copy && `${copy["id"]} is a reusable policy: send {"id", "precedence"} of it, and change it with update_policy`
  );
}

/** Attached policies as they are written: links to reusable ones, the application's own in full. */
export function asRequest(
  shown: unknown,
  anew: boolean,
  { shape }: { readonly shape: object } = InlinePolicy,
): unknown {
  return (shown as readonly Record<string, unknown>[]).map(({ id, precedence, reusable, ...policy }) => {
    if (reusable === true) return { id, precedence };
    const fields = Object.entries(policy).filter(([key, value]) => key in shape && value !== null);
    return {
      ...("id" in shape && !anew && { id }),
      ...("precedence" in shape && { precedence }),
      ...Object.fromEntries(fields),
    };
  });
}

/** `policies` of every kind of application but infrastructure. */
export const policies = z
  .array(
    z.union([PolicyLink, InlinePolicy, z.string()], {
      error: "the id of a reusable policy, {id, precedence} of one, or a whole policy with name, decision and include",
    }),
  )
  .optional()
  .describe("In order. On update: absent keeps them, [] detaches all and destroys those of the application alone")
  .meta({ brief: '[{"id":"…"}] for reusable ones, or whole policies', echo: false, restore: asRequest, flaw: copyIn });

/** A policy of one application: the fields of web policies and of infrastructure policies side by side. */
export const applicationPolicyFields = {
  ...policyFields,
  precedence,
  mfa_config: mfaConfig([...webAuthenticators, ...sshAuthenticators]),
  connection_rules: z.strictObject({ rdp: rdpRules, ssh: sshRules }).optional(),
};

/** A policy as applications show it: their own or, with `reusable`, one of the account. */
export const ApplicationPolicy = answer({
  id: Id.optional(),
  ...optional(applicationPolicyFields),
  account_id: z.string().optional(),
  reusable: z.boolean().optional(),
  created_at: z.string().optional(),
  updated_at: z.string().optional(),
});
