import { afterAll, describe, expect, it } from "vitest";
import type { Members } from "../../src/core/change.ts";
import { planServer, writesOf } from "../support/plans.ts";
import { smallAccount } from "../support/small-account.ts";

const { sandbox, ids } = await smallAccount();
// Nobody is asked: what is written here only makes the account ready.
const server = planServer({ confirm: "never" }, { sandbox });
afterAll(() => server.close());

const ask = async (name: string, given: Members) => {
  const { isError, content } = await server.tool(name, given);
  if (isError) throw new Error(`${name}: ${JSON.stringify(content)}`);
  return content;
};
const refusal = async (name: string, given: Members) => {
  const { isError, content } = await server.tool(name, given);
  expect(isError).toBe(true);
  return content;
};
const items = (content: Members) => content["items"] as readonly Members[];

describe("explain_access", () => {
  it("names the policy and rule that let in", async () => {
    const told = await ask("explain_access", { principal: "Admin@example.com", application: "wiki" });
    expect(told).toMatchObject({
      allowed: "yes",
      certain: true,
      outcomes: ["allowed"],
      decided_by: { policy: { id: ids["let_admins"], name: "Admins", decision: "allow" }, rule: "include[0]" },
      application: { id: ids["wiki"], name: "Wiki" },
    });
  });

  it("says why nobody else gets in, by URL too", async () => {
    const told = await ask("explain_access", {
      principal: "eve@example.net",
      application: "https://wiki.example.com/x?y",
    });
    expect(told).toMatchObject({ allowed: "no", outcomes: ["denied_by_default"], address: "wiki.example.com/x" });
    expect(told["trace"]).toMatchObject([{ matches: "no", because: "no include rule matches" }]);
  });

  it("knows tokens by name, and that they never log in", async () => {
    const told = await ask("explain_access", { principal: "robot", application: ids["build"] ?? "" });
    expect(told).toMatchObject({ allowed: "yes", outcomes: ["service_auth"], principal: { kind: "service token" } });
    expect(await ask("explain_access", { principal: "robot", application: "Wiki" })).toMatchObject({ allowed: "no" });
  });

  it("says which fact would settle it, and takes it", async () => {
    await server.call("create_application_policy", {
      app_id: ids["boards"],
      name: "Abroad",
      decision: "allow",
      include: [{ email: { email: "far@example.org" } }],
      require: [{ geo: { country_code: "NL" } }, { login_method: { id: ids["okta"] } }],
    });
    const asked = { principal: "far@example.org", application: "Boards" };
    expect(await ask("explain_access", { ...asked, facts: { login_method: "Okta" } })).toMatchObject({
      allowed: "depends",
      certain: false,
      depends_on: [
        { fact: "country NL", needs: "the country that the request comes from", if_true: "yes", if_false: "no" },
      ],
    });
    const facts = { login_method: "Okta", country: "NL" };
    expect(await ask("explain_access", { ...asked, facts })).toMatchObject({ allowed: "yes", certain: true });
    const wrong = { ...facts, country: "DE" };
    expect(await ask("explain_access", { ...asked, facts: wrong })).toMatchObject({ allowed: "no", certain: true });
    expect(await refusal("explain_access", { ...asked, facts: { login_method: "Okt" } })).toMatchObject({
      kind: "input",
      issues: [`identity provider "Okta": ${ids["okta"]}`],
    });
  });

  it("asks which one is meant, with the nearest ones", async () => {
    const unknown = await refusal("explain_access", { principal: "a@example.com", application: "Wikki" });
    expect(unknown).toMatchObject({ kind: "input", issues: [`application "Wiki": ${ids["wiki"]}`] });
    const token = await refusal("explain_access", { principal: "robt", application: "Wiki" });
    expect(token).toMatchObject({ issues: [`service token "robot": ${ids["robot"]}`] });
  });

  it("says that nothing stands in front of an address", async () => {
    const told = await ask("explain_access", { principal: "a@example.com", application: "nowhere.example.com" });
    expect(told).toMatchObject({ allowed: "yes", certain: true, address: "nowhere.example.com" });
    expect(told["says"]).toMatch(/^No application answers there/);
  });
});

describe("who_can_access", () => {
  it("lists principals, widest first, and known users", async () => {
    const told = await ask("who_can_access", { application: "Build server" });
    expect(items(told).map(({ kind, who, outcome }) => [kind, who, outcome])).toEqual([
      ["email_domain", "@example.com", "allowed"],
      ["email", "guest@example.net", "allowed"],
      ["service_token", 'service token "robot"', "service_auth"],
    ]);
    expect(told).toMatchObject({
      certain: true,
      counts: { email_domain: 1, email: 1, service_token: 1 },
      application: { id: ids["build"], type: "self_hosted", addresses: ["build.example.com"] },
    });
    expect(told["users"]).toMatchObject({ no: expect.any(Number), depends: 0 });
  });

  it("calls a bookmark a link", async () => {
    const told = await ask("who_can_access", { application: "Handbook" });
    expect(told["verdict"]).toMatch(/only a link/);
    expect(items(told)).toEqual([]);
  });
});

describe("what_can_access", () => {
  it("tells applications, targets and MCP servers apart", async () => {
    const told = await ask("what_can_access", { principal: "admin@example.com" });
    const names = items(told).map(({ noun, name, reaches }) => `${noun} ${name} ${reaches}`);
    expect(names).toContain("application Wiki yes");
    expect(names).toContain("application Servers yes");
    expect(names.join()).not.toContain("Handbook");
    const machine = await ask("what_can_access", { principal: "robot" });
    expect(items(machine).map(({ name }) => name)).toContain("Build server");
    expect(machine["counts"]).toMatchObject({ yes: 1 });
  });

  it("shows what cannot be reached when asked", async () => {
    const told = await ask("what_can_access", { principal: "eve@example.net", reaches: "no" });
    expect(items(told).map(({ name }) => name)).toContain("Wiki");
  });
});

describe("find_references", () => {
  it("follows groups and policies to applications", async () => {
    const told = await ask("find_references", { noun: "group", object: "Admins" });
    const rows = items(told).map(({ noun, name, side }) => `${noun} ${name} ${side}`);
    expect(rows).toContain("reusable policy Admins lets_in");
    expect(rows).toContain("application Wiki lets_in");
    expect(told).toMatchObject({ object: { id: ids["admins"], name: "Admins" } });
  });

  it("knows nouns by their last word, and people by their address", async () => {
    expect(items(await ask("find_references", { noun: "policy", object: "Robots" }))).toHaveLength(1);
    const person = await ask("find_references", { noun: "user", object: "ADMIN@example.com" });
    expect(items(person).map(({ name }) => name)).toEqual(expect.arrayContaining(["Admins", "Wiki", "Servers"]));
    expect((await ask("find_references", { noun: "tag", object: "unused" }))["verdict"]).toBe("Nothing uses it.");
    expect((await refusal("find_references", { noun: "gruop", object: "x" }))["message"]).toMatch(
      /did you mean "group"/,
    );
  });

  it("says what opens", async () => {
    await server.call("update_policy", {
      policy_id: ids["let_staff"],
      exclude: [{ group: { id: ids["admins"] } }],
    });
    const told = await ask("find_references", { noun: "group", object: "Admins" });
    expect(items(told)[0]).toMatchObject({ side: "keeps_out", when_deleted: "OPENS: no longer keeps them out" });
    expect(told["verdict"]).toMatch(/would let in MORE/);
  });
});

describe("match_url", () => {
  it("says which application answers and what is open", async () => {
    const told = await ask("match_url", { urls: ["https://wiki.example.com/a", "open.example.com"] });
    expect(items(told)).toMatchObject([
      { protected: "yes", application: { id: ids["wiki"], name: "Wiki" }, certain: true },
      { protected: "no", certain: true },
    ]);
    expect(told["counts"]).toEqual({ yes: 1, no: 1, unknown: 0 });
  });
});

describe("preview_impact", () => {
  it("says who gains and who loses, and sends nothing", async () => {
    const before = writesOf(server).length;
    const told = await ask("preview_impact", {
      operation: "update_group",
      arguments: { group_id: ids["admins"], include: [{ email: { email: "new@example.net" } }] },
    });
    const wiki = items(told).filter(({ application }) => (application as Members)["id"] === ids["wiki"]);
    expect(wiki.map(({ effect, who, was, becomes, certain }) => [effect, who, was, becomes, certain])).toEqual([
      ["gains", "new@example.net", "no", "yes", true],
      ["loses", "admin@example.com", "yes", "no", true],
      ["loses", "deputy@example.com", "yes", "no", true],
    ]);
    expect(told["access"]).toBe("widen");
    expect(writesOf(server)).toHaveLength(before);
  });

  it("looks at several changes together", async () => {
    const told = await ask("preview_impact", {
      changes: [
        { operation: "create_policy", arguments: { name: "All", decision: "allow", include: [{ everyone: {} }] } },
        {
          operation: "update_application",
          arguments: { app_id: ids["wiki"], policies: [{ id: "$1.id", precedence: 1 }] },
        },
      ],
    });
    expect(items(told)).toContainEqual(
      expect.objectContaining({ effect: "gains", who: "anyone who can log in", was: "depends", becomes: "yes" }),
    );
    expect(items(told).every(({ effect }) => effect === "gains")).toBe(true);
  });

  it("says so when nobody gains or loses", async () => {
    const told = await ask("preview_impact", {
      operation: "update_tag",
      arguments: { tag_name: "unused", name: "spare" },
    });
    expect(told["verdict"]).toMatch(/^Nobody gains or loses/);
  });

  it("refuses what is no change as a plan does", async () => {
    expect(await refusal("preview_impact", { operation: "list_groups" })).toMatchObject({ kind: "input" });
    expect(await refusal("preview_impact", {})).toMatchObject({ kind: "input" });
  });
});

describe("a rehearsal", () => {
  it("says who gains and who loses", async () => {
    const told = await ask("update_group", {
      group_id: ids["admins"],
      include: [{ email: { email: "new@example.net" } }],
      dry_run: true,
    });
    expect(told["impact"]).toContainEqual({
      application: { id: ids["wiki"], name: "Wiki" },
      gains: [expect.stringMatching(/^new@example\.net/)],
      loses: expect.arrayContaining([expect.stringMatching(/^admin@example\.com/)]),
    });
  });

  it("calls groups by name, and says when one holds everyone", async () => {
    const made = await server.call("create_group", { name: "Whoever", include: [{ everyone: {} }] });
    const { id } = made.result as Members;
    const told = await ask("update_policy", {
      policy_id: ids["let_admins"],
      include: [{ group: { id } }, { group: { id: ids["staff"] } }],
      dry_run: true,
    });
    const { reasons } = told["access"] as { reasons: readonly Members[] };
    expect(reasons.map(({ code }) => code)).toContain("everyone");
    expect(JSON.stringify(reasons)).toMatch(/group \\"Whoever\\", which holds everyone/);
    expect(JSON.stringify(reasons)).toMatch(/group \\"Staff\\"/);
  });
});

describe("on the pretend company", async () => {
  const company = planServer();
  afterAll(() => company.close());
  const told = async (name: string, given: Members) => (await company.tool(name, given)).content;

  it("has Cloudflare confirm, and uses the last login", async () => {
    const asked = {
      principal: "ines.okafor@quillon.example.com",
      application: "Metrics",
      verify: true,
      last_login: true,
    };
    const answer = await told("explain_access", asked);
    expect(answer).toMatchObject({ allowed: "yes", policy_test: { status: "approved", agrees: true } });
    expect(answer["facts_of_last_login"]).toMatchObject({ email: "ines.okafor@quillon.example.com" });
    const stranger = await told("explain_access", { ...asked, principal: "nobody@example.org", last_login: false });
    expect(stranger).toMatchObject({ allowed: "depends", policy_test: { status: "unknown" } });
  });

  it("settles more where a snapshot holds the last logins", async () => {
    await company.tool("export_snapshot", { name: "logins" });
    const live = await told("who_can_access", { application: "Metrics" });
    const kept = await told("who_can_access", { application: "Metrics", snapshot: "logins" });
    const [before, after] = [live, kept].map(
      ({ users }) => users as { readonly depends: number; readonly known: number },
    );
    expect(kept["users"]).toMatchObject({ known: before?.known, judged_by_last_login: expect.any(Number) });
    expect(after?.depends).toBeLessThan(Number(before?.depends));
  });

  it("finds a person in lists too", async () => {
    const lists = await told("list_gateway_lists", { type: "EMAIL" });
    const { id } = items(lists).find(({ name }) => name === "Contractors who left") as Members;
    const [leaver] = items(await told("list_gateway_list_items", { list_id: id }));
    const answer = await told("find_references", { noun: "e-mail address", object: leaver?.["value"], all: true });
    expect(items(answer)).toContainEqual(
      expect.objectContaining({ noun: "reusable policy", name: "Block former contractors", side: "keeps_out" }),
    );
    expect(items(answer)).toContainEqual(expect.objectContaining({ noun: "Gateway list", id, field: "items" }));
    expect(answer["unread"]).toBeUndefined();
  });

  it("pages long answers", async () => {
    const asked = { principal: "ines.okafor@quillon.example.com" };
    const first = await told("what_can_access", asked);
    expect(items(first)).toHaveLength(10);
    const second = await told("what_can_access", { ...asked, cursor: first["next_cursor"] });
    expect(items(second)[0]).not.toEqual(items(first)[0]);
    const all = await told("what_can_access", { ...asked, all: true });
    expect(items(all)).toHaveLength(Number(first["total"]));
  });

  it("answers the same from a snapshot, without asking Cloudflare", async () => {
    await company.tool("export_snapshot", { name: "today" });
    const questions: readonly (readonly [string, Members])[] = [
      ["who_can_access", { application: "Source code" }],
      ["what_can_access", { principal: "ci-deploy" }],
      ["find_references", { noun: "group", object: "Contractors" }],
      ["match_url", { urls: ["wiki.quillon.example.com/attachments/a"] }],
    ];
    for (const [name, given] of questions) {
      const live = await told(name, given);
      const sent = company.sandbox.requests.length;
      const kept = await told(name, { ...given, snapshot: "today" });
      expect(company.sandbox.requests).toHaveLength(sent);
      for (const said of ["verdict", "counts", "total"]) expect(kept[said], name).toEqual(live[said]);
    }
  });
});
