import { describe, expect, it } from "vitest";
import applicationCas from "../../src/access/applications/cas.ts";
import applications from "../../src/access/applications/index.ts";
import groups from "../../src/access/groups.ts";
import policies from "../../src/access/policies.ts";
import serviceTokens from "../../src/access/service-tokens.ts";
import tags from "../../src/access/tags.ts";
import type { Change } from "../../src/core/change.ts";
import type { Room } from "../../src/core/room.ts";
import { referencesOf, referencesTo } from "../../src/simulator/references.ts";
import { create, entry, type Objects, okta, policy, remove, rule, update, worldOf } from "./account.ts";

const lines = async (room: Room, id: string, objects: Objects) => {
  const { references, unread } = await referencesOf(room, id, worldOf(objects));
  expect(unread).toEqual([]);
  return references.map(({ noun, id: by, field, side }) => `${noun} ${by} ${field} ${side}`).sort();
};

const G = rule.group("G");
const nobody = rule.email("nobody@x.com");

describe("what refers to a group", () => {
  it("names policies and applications, and apart what it lets in and keeps out", async () => {
    const shared = policy("P", "allow", [G]);
    const account: Objects = {
      groups: [{ id: "G", include: [nobody] }],
      policies: [shared, policy("Q", "deny", [G]), policy("R", "deny", [nobody], { exclude: [G] })],
      applications: [
        { id: "A", name: "Wiki", policies: [{ ...shared, reusable: true, precedence: 1 }] },
        { id: "B", policies: [policy("own", "bypass", [nobody], { exclude: [nobody, G], require: [G] })] },
        { id: "C", policies: [policy("other", "allow", [rule.group("H")])] },
      ],
    };
    expect(await lines(groups, "G", account)).toEqual([
      "application A policies[0].id lets_in",
      "application B policies[0].exclude[1].group.id keeps_out",
      "application B policies[0].require[0].group.id lets_in",
      "reusable policy P include[0].group.id lets_in",
      "reusable policy Q include[0].group.id keeps_out",
      "reusable policy R exclude[0].group.id lets_in",
    ]);
  });

  it("goes through other groups, where an exclude turns it round", async () => {
    const shared = policy("P", "allow", [nobody], { exclude: [rule.group("H")] });
    const account: Objects = {
      groups: [
        { id: "H", include: [nobody], exclude: [G] },
        { id: "I", include: [rule.group("H")] },
      ],
      policies: [shared],
      applications: [
        { id: "A", policies: [{ ...shared, reusable: true }] },
        { id: "B", policies: [policy("own", "allow", [rule.group("I")])] },
      ],
    };
    expect(await lines(groups, "G", account)).toEqual([
      "application A policies[0].id lets_in",
      "application B policies[0].include[0].group.id keeps_out",
      "group H exclude[0].group.id keeps_out",
      "group I include[0].group.id keeps_out",
      "reusable policy P exclude[0].group.id lets_in",
    ]);
  });

  it("ends where groups hold each other", async () => {
    const round = [
      { id: "G", include: [rule.group("H")] },
      { id: "H", include: [rule.group("I")], exclude: [G] },
      { id: "I", include: [rule.group("H")] },
    ];
    expect(await lines(groups, "G", { groups: round })).toContain("group H exclude[0].group.id keeps_out");
  });
});

describe("what refers to other objects", () => {
  it("finds applications by the decision of a policy", async () => {
    const [yes, no] = [policy("P", "allow", [nobody]), policy("P", "deny", [nobody])];
    const at = (decided: typeof yes) => lines(policies, "P", { applications: [{ id: "A", policies: [decided] }] });
    expect(await at(yes)).toEqual(["application A policies[0].id lets_in"]);
    expect(await at(no)).toEqual(["application A policies[0].id keeps_out"]);
  });

  it("finds what names a service token by its id and by its client id", async () => {
    const scim_config = { idp_uid: "okta", authentication: [{ scheme: "httpbasic" }, { client_id: "t.access" }] };
    const account: Objects = {
      serviceTokens: [{ id: "t", client_id: "t.access" }],
      applications: [{ id: "A", scim_config, policies: [policy("own", "non_identity", [rule.token("t")])] }],
    };
    expect(await lines(serviceTokens, "t", account)).toEqual([
      "application A policies[0].include[0].service_token.token_id lets_in",
      "application A scim_config.authentication[1].client_id other",
    ]);
  });

  it("finds what any service token matches, for one that is not there yet too", async () => {
    const shared = policy("P", "non_identity", [nobody], { exclude: [rule.group("H")] });
    const world = worldOf({
      serviceTokens: [{ id: "t" }],
      groups: [
        { id: "G", include: [nobody, rule.anyToken] },
        { id: "H", include: [nobody], exclude: [G] },
      ],
      policies: [shared, policy("Q", "deny", [rule.anyToken]), policy("R", "non_identity", [rule.token("t")])],
      applications: [
        { id: "A", policies: [{ ...shared, reusable: true }, policy("own", "non_identity", [rule.anyToken])] },
        { id: "B", policies: [{ ...policy("Q", "deny", [rule.anyToken]), reusable: true }] },
      ],
    });
    const any = [
      "A policies[0].id lets_in",
      "A policies[1].include[0].any_valid_service_token lets_in",
      "B policies[0].id keeps_out",
      "G include[1].any_valid_service_token lets_in",
      "H exclude[0].group.id keeps_out",
      "P exclude[0].group.id lets_in",
      "Q include[0].any_valid_service_token keeps_out",
    ];
    const told = async (change: Change) =>
      (await referencesTo(change, world)).references.map(({ id, field, side }) => `${id} ${field} ${side}`).sort();
    expect(await told(create("create_service_token", { name: "new" }))).toEqual(any);
    expect(await told(update("update_service_token", { id: "t" }, { enabled: true }))).toEqual(
      [...any, "R include[0].service_token.token_id lets_in"].sort(),
    );
  });

  it("finds what names an identity provider, its groups too", async () => {
    const { references } = await referencesTo(
      remove("delete_identity_provider", okta),
      worldOf({
        groups: [{ id: "H", include: [rule.okta("team")], require: [rule.login("okta")] }],
        applications: [{ id: "A", allowed_idps: ["pin", "okta"], scim_config: { idp_uid: "okta" } }],
      }),
    );
    expect(references.map(({ id, field, side }) => `${id} ${field} ${side}`)).toEqual([
      "H require[0].login_method.id lets_in",
      "H include[0].okta.identity_provider_id lets_in",
      "A allowed_idps[1] lets_in",
      "A scim_config.idp_uid other",
    ]);
  });

  it("finds what names an application by audience and hostname", async () => {
    const account: Objects = {
      applications: [{ id: "A", aud: "tag", domain: "a.example.com/admin" }],
      applicationCas: [{ id: "ca", aud: "tag" }, { id: "cb" }],
      mtlsCertificates: [{ id: "m", name: "Root", associated_hostnames: ["a.example.com"] }],
    };
    expect(await lines(applications, "A", account)).toEqual([
      "application CA ca aud other",
      "mTLS certificate m associated_hostnames[0] other",
    ]);
  });
});

describe("what has to be read for it", () => {
  it("is only what can refer to it", async () => {
    const world = worldOf({ applications: [{ id: "A", name: "Wiki", tags: ["blue", "red"] }] });
    const { references } = await referencesOf(tags, "red", world);
    expect(references).toEqual([{ noun: "application", id: "A", name: "Wiki", field: "tags[1]", side: "other" }]);
    expect(new Set(world.looked)).toEqual(new Set([applications]));
  });

  it("is nothing for a group that is created, and for what nothing refers to", async () => {
    const world = worldOf({});
    expect(await referencesTo(create("create_group", { name: "new" }), world)).toEqual({ references: [], unread: [] });
    expect(await referencesOf(entry("list_bookmarks").room, "b", world)).toEqual({ references: [], unread: [] });
    expect(world.looked).toEqual([]);
  });

  it("is named when it cannot be read", async () => {
    const { unread } = await referencesOf(groups, "G", worldOf({ unreadable: [policies, applicationCas] }));
    expect(unread).toEqual(["reusable policy"]);
  });
});
