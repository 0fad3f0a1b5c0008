import type { Prompt } from "../mcp/prompts.ts";

export const whyDenied: Prompt = {
  name: "why_was_this_person_denied",
  title: "Why was this person denied",
  description: "Find the policy and rule that kept somebody out, and the smallest change that would let them in.",
  arguments: [
    {
      name: "email",
      description: "E-mail address of the person",
      required: true,
      completes: { operation: "list_users", field: "email" },
    },
    {
      name: "application",
      description: "Name, id or address of what they could not reach",
      required: true,
      completes: { operation: "list_applications", field: "name" },
    },
    { name: "when", description: "About when it happened" },
  ],
  steps: ({ tool, given, has }) => {
    const [person, application] = [given("email"), given("application")];
    const when = has("when") ? ` around ${given("when")}` : "";
    return [
      `Find the attempt${when}: ${tool("list_access_requests")} with email ${person}, and ${tool("list_user_failed_logins")} for the user of that address. A login that failed at the identity provider is none of Access's policies: say so and stop there.`,
      `Run ${tool("explain_access")} for ${person} and ${application}, with what the log says (country, address, identity provider). It names the deciding policy and rule, and the facts that are missing.`,
      `Where it is not certain, compare with ${tool("get_user_last_identity")}, and offer to have it verified by Cloudflare's own policy test (verify: true).`,
      "Say in one sentence why, with policy and rule, and whether that is as the owner meant it.",
      `Only if it is not: propose the smallest change that lets this person in and nobody else, shown with ${tool("preview_impact")}. Never widen a policy to everyone to see whether it helps.`,
    ];
  },
};
