import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { access } from "../../src/access/index.ts";
import { createClient } from "../../src/cloudflare/client.ts";
import { prepare } from "../../src/cloudflare/path.ts";
import type { ApiRequest } from "../../src/core/send.ts";
import { entryOf, failureOf, pathFields } from "../support/calls.ts";
import { callOf, good, scripted } from "./harness.ts";

const placeholders = access.flatMap((entry) => pathFields(entry).map((name) => ({ entry, name })));

const nasty = [
  "../../zones",
  "..",
  ".",
  "",
  "%2e%2e",
  "%2E%2E/x",
  "%2f",
  "..%2f",
  "a/b",
  "a\\b",
  "..\\..",
  "a?x=1",
  "a#b",
  ";",
  "..;",
  ".. ",
  " ..",
  " ",
  "\r\nX-Evil: 1",
  "a\u0000b",
  "\u007f",
  "\u0085",
  "．．",
  "／",
  "。",
  "\ud800",
  "a\udc00",
  "é",
  "👩‍🚀",
  "__proto__",
  "{account_id}",
  "//evil.example",
  "http://evil.example",
  "@evil",
  "*",
  "'",
  "~",
  "!()",
  "+",
  "%",
  "%zz",
  "%00",
];

const hostile = fc.oneof(
  fc.constantFrom(...nasty),
  fc.array(fc.constantFrom(...nasty, "x", "/", "."), { minLength: 1, maxLength: 5 }).map((parts) => parts.join("")),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)), maxLength: 12 }),
  fc.webPath(),
);

const count = (path: string) => path.split("/").length;

describe("ids in paths (T19)", () => {
  it("has placeholders to try", () => {
    expect(placeholders.length).toBeGreaterThan(0);
  });

  it("refuses 10,000 hostile ids with no request, or sends exactly the template's segments", async () => {
    const { send, requests } = scripted(good(null));
    const client = createClient({ send, account_id: "acc" });
    let refusals = 0;
    await fc.assert(
      fc.asyncProperty(hostile, fc.nat(), async (id, at) => {
        const { entry, name } = placeholders[at % placeholders.length] ?? { entry: entryOf("get_group"), name: "" };
        const others = placeholders.filter((one) => one.entry === entry).map((one) => [one.name, "other"]);
        requests.length = 0;
        const input = { ...Object.fromEntries(others), [name]: id };
        const error = await client(callOf(entry.name, input)).then(
          () => undefined,
          (thrown) => thrown,
        );
        const [sent] = requests;
        if (sent === undefined) {
          refusals += 1;
          expect(error.facts).toMatchObject({ kind: "input", outcome: "not_sent" });
          return;
        }
        const [, template = ""] = entry.route.replace("{account_or_zone}", "accounts/{account_id}").split(" ");
        expect(count(sent.path)).toBe(count(template));
        expect(new URL(sent.path, "https://api.example").pathname).toBe(sent.path);
        const position = template.split("/").indexOf(`{${name}}`);
        expect(decodeURIComponent(sent.path.split("/")[position] ?? "")).toBe(id);
      }),
      { numRuns: 10_000 },
    );
    expect(refusals).toBeGreaterThan(100);
  });

  it.each(placeholders.map(({ entry, name }) => [entry.name, name]))("%s refuses the worst in %s", (tool, name) => {
    const others = placeholders.filter((one) => one.entry.name === tool).map((one) => [one.name, "other"]);
    for (const id of ["", ".", "..", "a\nb", "\ud800", undefined, {}]) {
      expect(() => prepare(entryOf(tool), { ...Object.fromEntries(others), [name]: id })).toThrow(name);
    }
  });

  it("checks the ids of the scope like any other", async () => {
    const { send, requests } = scripted(good(null));
    const client = createClient({ send });
    for (const scope of [{ account_id: ".." }, { account_id: "" }, { zone_id: "a\u0000" }]) {
      expect((await failureOf(client(callOf("list_groups", {}, { scope })))).facts.kind).toBe("input");
    }
    const zone = callOf("rotate_service_token", { service_token_id: "t" }, { scope: { zone_id: "z" } });
    expect((await failureOf(client(zone))).message).toContain("zone_id");
    expect(requests).toEqual([]);
  });
});

describe("where the fields go", () => {
  const sent = async (name: string, input: Record<string, unknown>): Promise<ApiRequest> => {
    const { send, requests } = scripted(good([]));
    await createClient({ send })(callOf(name, input)).catch(() => undefined);
    const [request] = requests;
    if (request === undefined) throw new Error("nothing was sent");
    return request;
  };

  it("fills account or zone", async () => {
    const { send, requests } = scripted(good([]));
    await createClient({ send })(callOf("list_groups", {}, { scope: { zone_id: "z" } }));
    expect(requests[0]?.path).toBe("/zones/z/access/groups");
  });

  it("puts the fields of a read into the query: arrays repeat, other values become text, undefined is left out", async () => {
    const { query, body } = await sent("list_groups", { name: true, search: ["a", 2], nothing: undefined });
    expect(query.filter(([name]) => !["page", "per_page"].includes(name))).toEqual([
      ["name", "true"],
      ["search", "a"],
      ["search", "2"],
    ]);
    expect(body).toBeUndefined();
  });

  it("puts the fields of a write into the body, without the path's", async () => {
    const { method, path, query, body } = await sent("update_group", {
      group_id: "g 1",
      name: "n",
      is_default: undefined,
    });
    expect({ method, path, query, body }).toEqual({
      method: "PUT",
      path: "/accounts/acc/access/groups/g%201",
      query: [],
      body: { name: "n" },
    });
  });

  it("sends {} when all body fields are optional and absent, and nothing when there are none (npm cloudflare 7.3.0)", async () => {
    expect((await sent("rotate_service_token", { service_token_id: "t" })).body).toEqual({});
    expect((await sent("refresh_service_token", { service_token_id: "t" })).body).toBeUndefined();
    expect((await sent("delete_group", { group_id: "g" })).body).toBeUndefined();
  });

  it("honours the places that an operation declares", async () => {
    const places = { ...entryOf("update_group"), place: { name: "query", include: "body" } } as const;
    const { query, body } = prepare(places, { group_id: "g", name: "n", include: [1, 2] });
    expect({ query, body }).toEqual({ query: [["name", "n"]], body: [1, 2] });
  });
});
