import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { styleText } from "node:util";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

/** What an agent would do on an ordinary day, through a real MCP client and the built server, on the sandbox. */
const home = mkdtempSync(join(tmpdir(), "access-demo-"));
const client = new Client({ name: "demo", version: "1.0.0" }, { versionNegotiation: { mode: "auto" } });
await client.connect(
  new StdioClientTransport({
    command: process.execPath,
    args: ["dist/main.js", "--sandbox"],
    env: { ...(process.env as Record<string, string>), XDG_STATE_HOME: home },
  }),
);

type Row = Record<string, unknown>;
let step = 0;

const say = (text: string) => console.log(`\n${styleText("bold", `${++step}. ${text}`)}`);

/** Calls a tool, prints it as a person would follow it, and returns its answer. */
async function call(name: string, input: Row = {}): Promise<Row> {
  console.log(styleText("cyan", `   → ${name} ${JSON.stringify(input)}`));
  const { structuredContent, isError } = await client.callTool({ name, arguments: input });
  const answer = (structuredContent ?? {}) as Row;
  if (isError) {
    const { message, next } = answer["error"] as Row;
    console.log(styleText("red", `   ✗ ${message}`));
    console.log(styleText("dim", `     next: ${next}`));
  }
  return answer;
}

function table(rows: readonly Row[], columns: readonly string[]): void {
  const cell = (value: unknown) =>
    (typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value)).slice(0, 44);
  const widths = columns.map((column) => Math.max(column.length, ...rows.map((row) => cell(row[column]).length)));
  const line = (cells: readonly string[]) =>
    `     ${cells.map((text, index) => text.padEnd(widths[index] ?? 0)).join("  ")}`.trimEnd();
  console.log(styleText("dim", line(columns)));
  for (const row of rows) console.log(line(columns.map((column) => cell(row[column]))));
}

const items = (answer: Row) => (answer["items"] ?? []) as Row[];

const { tools } = await client.listTools();
console.log(
  `Connected over MCP ${client.getNegotiatedProtocolVersion()}: ${tools.length} tools listed, 125 operations reachable, on a pretend Cloudflare.`,
);

say("What is protected?");
const applications = await call("list_applications", { limit: 8, fields: ["name", "type", "domain", "policies.name"] });
table(items(applications), ["name", "type", "domain"]);
console.log(`     … ${applications["total"]} applications in all`);

say("Which operation rotates a machine's credentials? The agent searches instead of guessing.");
table(items(await call("search_operations", { query: "new secret for a service token", limit: 3 })), [
  "name",
  "effect",
  "summary",
]);

say("A group for the new team, with a typing mistake an agent would make.");
const rules = [{ email_domain: { domain: "notebooks.example.com" } }];
await call("create_group", { name: "Notebook crew", include: [{ emal_domain: { domain: "notebooks.example.com" } }] });
const group = await call("create_group", { name: "Notebook crew", include: rules });
console.log(`     made ${group["id"]}`);

say("A policy for that group, and an application that uses it.");
const policy = await call("create_policy", {
  name: "Notebook crew may enter",
  decision: "allow",
  include: [{ group: { id: group["id"] } }],
  session_duration: "8h",
});
const application = await call("create_application", {
  type: "self_hosted",
  name: "Notebooks",
  domain: "notebooks.example.com",
  policies: [{ id: policy["id"], precedence: 1 }],
});
table([application], ["name", "type", "domain", "aud"]);

say("The session should be shorter: change the policy; every application that uses it follows.");
const { id: policy_id, name, decision, include } = policy;
const changed = await call("update_policy", { policy_id, name, decision, include, session_duration: "4h" });
table([policy, changed], ["name", "session_duration", "updated_at"]);

say("A machine needs in: a service token. Its secret never enters the conversation.");
const token = await call("create_service_token", { name: "nightly notebook job", duration: "720h" });
table([token], ["name", "client_id", "client_secret"]);
for (const note of (token["_notes"] ?? []) as string[])
  console.log(styleText("dim", `     ${note.replace(home, "~/.local/state")}`));

say("The secret leaked? Rotate it.");
const rotated = await call("rotate_service_token", { service_token_id: token["id"] });
table([token, rotated], ["name", "client_secret"]);

say("Who was turned away lately?");
table(items(await call("list_access_requests", { allowed: false, limit: 5 })), [
  "created_at",
  "user_email",
  "app_domain",
  "action",
]);

say("Clean up. Operations that are not listed run through run_write_operation.");
const remove = (operation: string, input: Row) => call("run_write_operation", { operation, arguments: input });
await remove("delete_application", { app_id: application["id"] });
await remove("delete_policy", { policy_id });
await remove("delete_group", { group_id: group["id"] });
await remove("delete_service_token", { service_token_id: token["id"] });

say("And a look that it is gone.");
const left = await call("list_groups", { name: "Notebook crew" });
console.log(`     ${items(left).length} groups called Notebook crew`);

await client.close();
rmSync(home, { recursive: true, force: true });
console.log(`\n${styleText("green", "Done.")} To use it on a real account see "Connect a client" in the README.`);
