import { readFileSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import type { Members } from "../../src/core/change.ts";
import { explanationText, whoText } from "../../src/main/questions/answers.ts";
import { type SafeServer, safeServer } from "../support/safe.ts";

let server: SafeServer;
/** The sandbox as it is, and where nothing was readable that rules and answers about people need. */
const snapshots = ["whole", "poor"] as const;
const hidden = ["users", "groups", "identity_providers", "gateway_lists", "gateway_list_items", "organization"];
beforeAll(async () => {
  server = safeServer();
  const { result } = await server.call("export_snapshot", { name: "whole" });
  const { path } = result as { readonly path: string };
  const snapshot = JSON.parse(readFileSync(path, "utf8")) as { datasets: Members };
  const unread = hidden.map((name) => [name, { state: "forbidden", why: "the token may not", items: [] }]);
  const poor = { ...snapshot, datasets: { ...snapshot.datasets, ...Object.fromEntries(unread) } };
  writeFileSync(path.replace("whole", "poor"), JSON.stringify(poor), { mode: 0o600 });
});

async function ask(
  operation: string,
  input: Members,
): Promise<{ readonly told: Members; readonly notes: readonly string[] }> {
  const { result, notes } = await server.call(operation, { ...input }, {}, { view: { all: true } });
  return { told: result as Members, notes };
}

/** One application of each kind, some whose rules are knotty, and addresses. */
const places = [
  "Tariff calculator",
  "Data console",
  "Ticketing",
  "Issue tracker for agents",
  "Engineering tools",
  "Production servers",
  "Handbook",
  "Staging",
  "App Launcher",
  "Parcel lockers",
  "nothing.example.org",
  "https://wiki.quillon.example.com/attachments/1",
];

/** What is for programs: ids, and words that stand for sentences that are there too. */
const forPrograms = new Set([
  "id",
  "kind",
  "noun",
  "type",
  "field",
  "addresses",
  "outcomes",
  "allowed",
  "counts",
  "total",
]);

function textsIn(value: unknown, name = ""): readonly string[] {
  if (forPrograms.has(name)) return [];
  if (typeof value === "string") return [value];
  if (typeof value === "number") return [`${value}`];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => textsIn(inner, Array.isArray(value) ? name : key));
}

const plain = (text: string) => text.replaceAll(/\s+/g, " ");

describe("nothing that an answer says is missing from its text:", () => {
  it.each(snapshots.flatMap((snapshot) => places.map((place) => [snapshot, place] as const)))(
    "who, snapshot %s, %s",
    async (snapshot, application) => {
      const { told, notes } = await ask("who_can_access", { application, snapshot });
      const text = whoText(told, notes, application).join("\n");
      for (const said of textsIn({ ...told, notes })) expect(text).toContain(plain(said));
      expect(/not certain/.test(text)).toBe(told["certain"] === false);
      expect(text).not.toMatch(/undefined|null|\[object|\*{4}/);
    },
  );

  it.each(snapshots.flatMap((snapshot) => places.map((place) => [snapshot, place] as const)))(
    "explain, snapshot %s, %s",
    async (snapshot, application) => {
      for (const principal of ["ines.okafor@quillon.example.com", "ada@example.com", "ci-deploy"]) {
        const { told, notes } = await ask("explain_access", { principal, application, snapshot });
        const text = explanationText(told, notes, application).join("\n");
        for (const said of textsIn({ ...told, notes, decided_by: {} })) expect(text).toContain(plain(said));
        expect(/certain|depends/i.test(text) || told["certain"] !== false, text).toBe(true);
        expect(text).not.toMatch(/undefined|null|\[object|\*{4}/);
      }
    },
  );
});

describe("who", () => {
  it("says that users could not be read, and what else is not known", async () => {
    const { told, notes } = await ask("who_can_access", { application: "Data console", snapshot: "poor" });
    expect(told).toMatchObject({ certain: false, unknown: expect.any(Array), users: expect.any(String) });
    const text = whoText(told, notes).join("\n");
    expect(text).toMatch(/^Known users: they could not be read\.$/m);
    expect(text).toMatch(/^Not known, so this is not certain:\n- which groups there are could not be read$/m);
  });

  it("names the address where no application answers", async () => {
    const { told, notes } = await ask("who_can_access", { application: "nothing.example.org", snapshot: "whole" });
    expect(whoText(told, notes)[0]).toMatch(/^\*\*nothing\.example\.org\*\*: /);
  });

  it("says how many more users there are than it names", () => {
    const users = { known: 30, yes: 12, depends: 1, no: 17, who: ["a@b.example"], who_depends: ["c@b.example"] };
    const text = whoText({ application: { name: "Wiki" }, verdict: "Yes.", certain: true, users }, []);
    expect(text.slice(-3)).toEqual([
      "Of 30 known users 12 get in, 1 may, 17 do not.",
      "Get in: a@b.example and 11 more",
      "May get in: c@b.example",
    ]);
  });

  it("moves no cursor, whatever things are called", () => {
    const policy = { name: "\u001b[2Jgone\nnew" };
    const items = [{ who: "x\u0007", outcome: "allowed", policy, conditions: ["\u202eevil"] }];
    const unknown = ["\u001b[1A"];
    const text = whoText({ application: { name: "W" }, verdict: "v", items, unknown }, ["\u001b[0m"]).join("\n");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });
});

describe("explain", () => {
  it.each([
    ["Ticketing", /Policies are asked at sign-on only/],
    ["Issue tracker for agents", /Through a portal/],
    ["Production servers", /Gateway network policies filter as well/],
  ])("ends with what is to be known besides: %s", async (application, note) => {
    const principal = "ines.okafor@quillon.example.com";
    const { told, notes } = await ask("explain_access", { principal, application, snapshot: "whole" });
    expect(explanationText(told, notes).at(-1)).toMatch(note);
  });

  it("offers Cloudflare's own test where it can be run", async () => {
    const { told, notes } = await ask("explain_access", { principal: "ada@example.com", application: "Wiki" });
    expect(explanationText(told, notes).at(-1)).toMatch(/Cloudflare's own policy test/);
  });

  it("says what is certain where several things may happen", () => {
    const outcomes = ["blocked", "denied_by_default"];
    const told = { allowed: "no", certain: false, says: "is blocked; or is denied.", outcomes, trace: [] };
    expect(explanationText(told, [], "Wiki")).toEqual([
      "**Wiki**: is blocked; or is denied.",
      "",
      "The answer is certain (no), but not which of these happens.",
    ]);
  });
});
