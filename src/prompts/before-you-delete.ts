import type { Prompt } from "../mcp/prompts.ts";

export const beforeYouDelete: Prompt = {
  name: "before_you_delete",
  title: "Before you delete",
  description: "What a deletion would break, whom it would let in, and what cannot come back.",
  arguments: [
    {
      name: "kind",
      description: "What it is",
      required: true,
      completes: ["application", "group", "identity provider", "policy", "service token", "target"],
    },
    { name: "name", description: "Its name or id", required: true },
  ],
  steps: ({ tool, given }) => [
    `Find the ${given("kind")} called ${given("name")} and its id; when several have that name, ask which.`,
    `Run ${tool("find_references")} for it. Tell apart what it lets in (losing it shuts people out) and what it keeps out (losing it lets people IN), and name every application that is reached through groups and policies.`,
    `Run ${tool("preview_impact")} for its deletion: who gains and who loses, per application.`,
    `Look at ${tool("list_access_requests")} for whether it is in use: say how many days the log goes back; a bypass is never logged.`,
    "Say what does not come back with an undo: ids, audiences, secrets.",
    `Recommend one of: delete, detach first, disable, keep. Delete only when the person says so, by the operation that deletes a ${given("kind")} (${tool("search_operations")}): first dry_run: true, then with the ticket.`,
  ],
};
