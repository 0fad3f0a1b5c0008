import type { Prompt } from "../mcp/prompts.ts";

export const offboarding: Prompt = {
  name: "offboard_person",
  title: "Offboard a person",
  description: "Find every way in that a leaving person has, close it, and show that it is closed.",
  arguments: [
    {
      name: "email",
      description: "E-mail address of the person",
      required: true,
      completes: { operation: "list_users", field: "email" },
    },
  ],
  steps: ({ tool, given }) => {
    const person = given("email");
    return [
      `Run ${tool("what_can_access")} for ${person}: what they reach now, and what depends on something unknown.`,
      `Run ${tool("find_references")} for the address ${person}: rules of groups and policies that name them. Rules by domain or by group of the identity provider let them in as long as the identity provider does: say that they have to be disabled there first.`,
      "Ask which service tokens, SSH keys and shared credentials they knew; Access cannot tell.",
      `Plan the changes together with ${tool("plan_changes")}, dry_run: true: take the address out of every list of rules that names it (an exclude or deny that names it stays). Show the plan and its effect, and wait for a yes.`,
      `Then run ${tool("revoke_user")} with their sessions and devices: a changed policy does not end sessions that are open. Rotate with ${tool("rotate_service_token")} what they knew.`,
      `Run ${tool("what_can_access")} again, and ${tool("list_user_sessions")}: report what is closed, and what is not and why.`,
    ];
  },
};
