import { beforeAll, describe, expect, it } from "vitest";
import { connections, type JourneyClient } from "../support/built-server.ts";
import { everyTool } from "../support/tools.ts";

type Row = Record<string, unknown>;

describe.each(connections)("%s", (_, connect) => {
  let client: JourneyClient;

  beforeAll(async () => {
    const connection = await connect({ args: ["--sandbox", "--surface", "all"] });
    client = connection.client;
    return connection.stop;
  });

  const call = async (name: string, given: Row = {}): Promise<Row> => {
    const { isError, structuredContent, content } = await client.callTool({ name, arguments: given });
    expect(JSON.parse(content[0]?.text ?? ""), "the text says the same").toEqual(structuredContent);
    if (isError) throw new Error(`${name} failed: ${JSON.stringify(structuredContent)}`);
    return structuredContent ?? {};
  };

  it("is told what to be careful about", () => {
    expect(client.getInstructions()).toMatch(/^Cloudflare Access decides who gets into the company/);
  });

  it("lists every tool with title and all hints", async () => {
    const { tools } = await client.listTools();
    expect(tools).toHaveLength(everyTool.length);
    for (const { annotations, title, inputSchema } of tools) {
      expect(title).toBeTypeOf("string");
      expect(annotations).toMatchObject({ readOnlyHint: expect.any(Boolean), destructiveHint: expect.any(Boolean) });
      expect(inputSchema).toMatchObject({ type: "object", properties: expect.any(Object) });
    }
  });

  it("creates, finds, reads, changes and deletes a group", async () => {
    const rules = [{ email_domain: { domain: "journey.example.com" } }];
    const { id } = await call("create_group", { name: "journey", include: rules });
    const found = await call("list_groups", { name: "journey" });
    expect(found).toMatchObject({
      items: [{ id, name: "journey", include: rules }],
      total: 1,
      next_cursor: null,
      complete: true,
    });
    await call("update_group", { group_id: id, name: "journey 2", require: [{ geo: { country_code: "DE" } }] });
    expect(await call("get_group", { group_id: id })).toMatchObject({
      name: "journey 2",
      include: rules,
      require: [{ geo: { country_code: "DE" } }],
    });
    const { ticket } = await call("delete_group", { group_id: id });
    await call("delete_group", { group_id: id, ticket });
    const gone = await client.callTool({ name: "get_group", arguments: { group_id: id } });
    expect(gone.isError).toBe(true);
    expect(gone.structuredContent).toMatchObject({
      error: { kind: "not_found", next: expect.stringContaining("list_groups") },
    });
  });

  it("walks a list by cursor and gets the same as all at once", async () => {
    const names: unknown[] = [];
    let cursor: unknown;
    do {
      const page = await call("list_applications", {
        limit: 7,
        fields: ["id"],
        ...(cursor !== undefined && { cursor }),
      });
      names.push(...(page["items"] as Row[]).map(({ id }) => id));
      cursor = page["next_cursor"] ?? undefined;
    } while (cursor !== undefined);
    const all = await call("list_applications", { all: true, fields: ["id"] });
    expect(names).toEqual((all["items"] as Row[]).map(({ id }) => id));
    expect(all).toMatchObject({ total: names.length, complete: true, next_cursor: null });
    expect(new Set(names).size).toBe(47);
  });

  it("gets wrong arguments explained as a tool error", async () => {
    const answer = await client.callTool({
      name: "create_group",
      arguments: { name: "g", include: [{ emal_domain: { domain: "x.com" } }] },
    });
    expect(answer.isError).toBe(true);
    expect(answer.structuredContent).toMatchObject({
      error: { kind: "input", outcome: "not_sent", message: expect.stringContaining('did you mean "email_domain"?') },
    });
  });

  it("reaches an operation through the discovery tools", async () => {
    const { items } = await call("search_operations", { query: "rotate the secret of a service token" });
    expect((items as Row[]).map(({ name }) => name)).toContain("rotate_service_token");
    const described = await call("describe_operation", { operation: "rotate_service_token" });
    expect(described).toMatchObject({ effect: "rotate", permission: "Access: Service Tokens Write" });
    const tags = await call("run_read_operation", { operation: "list_tags", arguments: { limit: 3 } });
    expect((tags["items"] as Row[]).length).toBe(3);
    const wrong = await client.callTool({
      name: "run_read_operation",
      arguments: { operation: "delete_tag", arguments: {} },
    });
    expect(wrong.structuredContent).toMatchObject({ error: { next: expect.stringContaining("run_write_operation") } });
  });
});
