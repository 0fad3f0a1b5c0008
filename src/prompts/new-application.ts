import type { Prompt } from "../mcp/prompts.ts";

export const newApplication: Prompt = {
  name: "new_application_done_right",
  title: "New application, done right",
  description: "Put a site behind Access with a policy that lets in who should, and nobody else.",
  arguments: [
    { name: "address", description: "Hostname, with a path where only that is meant", required: true },
    {
      name: "who",
      description: "Who should get in, in plain words or by group",
      required: true,
      completes: { operation: "list_groups", field: "name" },
    },
  ],
  steps: ({ tool, given }) => {
    const address = given("address");
    return [
      `Run ${tool("match_url")} for ${address}: what answers there now, and whether a new application would take over a part of another, whose rules it does not inherit.`,
      `Look at ${tool("list_policies")}, ${tool("list_groups")} and ${tool("list_identity_providers")}: use what is there for ${given("who")} rather than naming people one by one. Ask when nothing fits.`,
      "Choose with the person: which identity providers (not all by default), the session (24h or shorter), a second factor, the HttpOnly and binding cookies for a browser application. No bypass; machines come by a service token and a non_identity policy.",
      `Make policy and application one plan with ${tool("plan_changes")}, dry_run: true, the policy first. Show who would get in, and wait for a yes before it is carried out.`,
      `Afterwards run ${tool("who_can_access")} for ${address}, ${tool("explain_access")} for one person who should get in and one who should not, and ${tool("audit_account")} for the application: report all three.`,
    ];
  },
};
