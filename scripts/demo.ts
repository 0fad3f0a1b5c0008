import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { styleText } from "node:util";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

/** What an agent would do on an ordinary day, through a real MCP client and the built server, on the sandbox. */
const home = mkdtempSync(join(tmpdir(), "access-demo-"));
const client = new Client(
  { name: "demo", version: "1.0.0" },
  { versionNegotiation: { mode: "auto" }, capabilities: { elicitation: { form: {} } } },
);
/** The person at the client: what the server asks is shown, and answered as the story wants it. */
let agrees = true;
client.setRequestHandler("elicitation/create", ({ params }) => {
  for (const line of params.message.split("\n")) console.log(styleText("yellow", `     ? ${line}`));
  console.log(styleText("yellow", `     the person says ${agrees ? "yes" : "no"}`));
  return agrees ? { action: "accept", content: { confirm: true } } : { action: "decline" };
});
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

/** Calls an operation that the default surface does not list. */
const through = (tool: "run_read_operation" | "run_write_operation", operation: string, input: Row = {}) =>
  call(tool, { operation, arguments: input });

const items = (answer: Row) => (answer["items"] ?? []) as Row[];

const { tools } = await client.listTools();
console.log(
  `Connected over MCP ${client.getNegotiatedProtocolVersion()}: ${tools.length} tools listed, 125 operations reachable, on a pretend Cloudflare.`,
);

say("What is protected?");
const applications = await call("list_applications", { limit: 8, fields: ["name", "type", "domain", "policies.name"] });
table(items(applications), ["name", "type", "domain"]);
console.log(`     … ${applications["total"]} applications in all`);

say("What is wrong with it? An audit reads the account and says the worst first.");
const audit = await call("audit_account", { limit: 6 });
console.log(`     ${audit["verdict"]}`);
table(
  items(audit).map(({ object, ...finding }) => ({ ...finding, object: (object as Row)["name"] })),
  ["severity", "object", "says"],
);

say("Would this contractor get into the data console? It depends, and the answer says on what.");
const question = { principal: "kai.santos@harbor.example.net", application: "Data console" };
const explained = await call("explain_access", question);
console.log(`     ${explained["says"]}`);
table(explained["depends_on"] as Row[], ["fact", "if_true", "if_false"]);

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

say("The session should be shorter. Only what changes is sent; every application that uses the policy follows.");
const { id: policy_id } = policy;
const changed = await call("update_policy", { policy_id, session_duration: "4h" });
table([policy, changed], ["name", "session_duration", "include"]);

say("Somebody asks to open it to everyone. The agent rehearses that first: nothing is sent.");
const everyone = { policy_id, include: [{ everyone: {} }] };
const plan = await call("update_policy", { ...everyone, dry_run: true });
const { direction, reasons } = plan["access"] as { direction: string; reasons: Row[] };
console.log(`     access: ${direction}`);
for (const { text } of reasons) console.log(`     - ${text}`);
table(plan["changes"] as Row[], ["path", "before", "after"]);
table(plan["references"] as Row[], ["noun", "name", "side"]);

say("Without the rehearsal a person is asked all the same, and told what it does. This one says no.");
agrees = false;
const declined = await call("update_policy", everyone);
console.log(`     ${declined["status"]}: ${declined["next"]}`);
agrees = true;

say("A machine needs in: a service token. Its secret never enters the conversation.");
const token = await call("create_service_token", { name: "nightly notebook job", duration: "720h" });
table([token], ["name", "client_id", "client_secret"]);
for (const note of (token["_notes"] ?? []) as string[])
  console.log(styleText("dim", `     ${note.replace(home, "~/.local/state")}`));

say("The secret leaked? Rotate it.");
const rotated = await through("run_write_operation", "rotate_service_token", { service_token_id: token["id"] });
table([token, rotated], ["name", "client_secret"]);

say("Who was turned away lately?");
table(items(await call("list_access_requests", { allowed: false, limit: 5 })), [
  "created_at",
  "user_email",
  "app_domain",
  "action",
]);

say("The application goes. Deleting asks; what cannot come back is said before. (Not listed: run_write_operation.)");
await through("run_write_operation", "delete_application", { app_id: application["id"] });

say("That was a mistake. The journal knows what was done, and the way back.");
const changes = items(await through("run_read_operation", "list_changes", { limit: 3 }));
table(changes, ["operation", "name", "status", "access", "undoable"]);
const restored = await call("undo_change", { change_id: changes[0]?.["id"] });
table([application, restored], ["name", "domain", "id", "aud"]);

await client.close();
rmSync(home, { recursive: true, force: true });
console.log(`\n${styleText("green", "Done.")} To use it on a real account see "Connect a client" in the README.`);
