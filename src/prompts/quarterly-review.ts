import type { Prompt } from "../mcp/prompts.ts";

export const quarterlyReview: Prompt = {
  name: "quarterly_access_review",
  title: "Quarterly access review",
  description: "Go through who can reach what, and what is wrong, and leave a record that an auditor accepts.",
  arguments: [
    {
      name: "tag",
      description: "Only applications with this tag",
      completes: { operation: "list_tags", field: "name" },
    },
  ],
  steps: ({ tool, given, has }) => {
    const only = has("tag") ? ` with tag ${given("tag")}` : "";
    return [
      `Run ${tool("audit_account")}${only}. Start the report with its verdict as it stands, and with what could not be read.`,
      `For every critical and high finding run ${tool("explain_finding")}; quote the evidence, and say when it would be no mistake.`,
      `Run ${tool("list_applications")}${has("tag") ? ` and keep those with tag ${given("tag")}` : ""}; for each run ${tool("who_can_access")} and write down who gets in and under which conditions. Ask the person for each whether that is still needed; do not answer that for them.`,
      `Look at ${tool("list_users")} and ${tool("list_service_tokens")} for those who have not come for 90 days.`,
      `For what the person wants changed take ${tool("fix_finding")}, or rehearse the update with dry_run: true and show its effect; change nothing before they agree to that very plan.`,
      `At the end run ${tool("export_snapshot")}, and name it in the report: next quarter ${tool("compare_snapshots")} shows what became of it.`,
    ];
  },
};
