import { describe, expect, it } from "vitest";
import type { Members } from "../../src/core/change.ts";
import { failureOf } from "../support/calls.ts";
import { type SafeServer, safeServer } from "../support/safe.ts";

const email = (address: string) => ({ email: { email: address } });

const made = async (server: SafeServer, name: string, input: Record<string, unknown>): Promise<Members> => {
  const first = (await server.call(name, input)).result as Members;
  if (first["status"] !== "needs_confirmation") return first;
  return (await server.call(name, input, { ticket: String(first["ticket"]) })).result as Members;
};

/** An application that a policy of its own name guards. */
async function applicationWith(server: SafeServer, policies: readonly Members[]): Promise<Members> {
  const links = policies.map(({ id }, place) => ({ id, precedence: place + 1 }));
  return made(server, "create_application", {
    type: "self_hosted",
    name: "Vault",
    domain: "vault.example.com",
    policies: links,
  });
}

const policy = (server: SafeServer, name: string, include: readonly unknown[]) =>
  made(server, "create_policy", { name, decision: "allow", include });

describe("a ticket stands for what was shown", () => {
  it("and not for what a group that the change names became since", async () => {
    const server = safeServer();
    const group = await made(server, "create_group", { name: "Two", include: [email("ada@example.com")] });
    const allow = await policy(server, "P", [email("bob@example.com")]);
    await applicationWith(server, [allow]);
    const change = { policy_id: allow["id"], include: [email("bob@example.com"), { group: { id: group["id"] } }] };
    const { ticket } = (await server.call("update_policy", change)).result as { ticket: string };
    await server.call("update_group", { group_id: group["id"], include: [{ everyone: {} }] });
    const { facts } = await failureOf(server.call("update_policy", change, { ticket }));
    expect(facts).toMatchObject({ kind: "conflict", outcome: "not_sent" });
    const now = (await server.call("get_policy", { policy_id: allow["id"] })).result as Members;
    expect(now["include"]).toEqual([email("bob@example.com")]);
  });

  it("and not for what a policy that is attached became since", async () => {
    const server = safeServer();
    const narrow = await policy(server, "Narrow", [email("ada@example.com")]);
    const app = await applicationWith(server, [await policy(server, "P", [email("bob@example.com")])]);
    const change = { app_id: app["id"], policies: [{ id: narrow["id"], precedence: 1 }] };
    const { ticket } = (await server.call("update_application", change)).result as { ticket: string };
    const opened = { policy_id: narrow["id"], decision: "bypass", include: [{ everyone: {} }] };
    await made(server, "update_policy", opened);
    const { facts } = await failureOf(server.call("update_application", change, { ticket }));
    expect(facts).toMatchObject({ kind: "conflict", outcome: "not_sent" });
  });

  it("with the reason that was given", async () => {
    const server = safeServer();
    const group = await made(server, "create_group", { name: "Gone", include: [email("ada@example.com")] });
    const change = { group_id: group["id"] };
    const { ticket } = (await server.call("delete_group", change, { reason: "OPS-1" })).result as { ticket: string };
    const { facts } = await failureOf(server.call("delete_group", change, { reason: "another", ticket }));
    expect(facts).toMatchObject({ kind: "refused", outcome: "not_sent" });
  });
});

describe("calls at the same time", () => {
  it("do not lock out together whom neither locks out alone", async () => {
    const server = safeServer({ guard: "ada@example.com,app:Vault", confirm: "never" });
    const both = [email("ada@example.com"), email("bob@example.com")];
    const [one, two] = [await policy(server, "one", both), await policy(server, "two", both)];
    await applicationWith(server, [one, two]);
    const ends = await Promise.allSettled(
      [one, two].map(({ id }) => server.call("update_policy", { policy_id: id, include: [email("bob@example.com")] })),
    );
    expect(ends.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  it("keep to the operator's maximum together", async () => {
    const server = safeServer({}, { rules: { maximum: { writes: { per_hour: 3 } } } });
    const ends = await Promise.allSettled(
      Array.from({ length: 12 }, (_, place) =>
        server.call("create_group", { name: `g${place}`, include: [email("ada@example.com")] }),
      ),
    );
    expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
  });
});

describe("what is destroyed waits for a yes", () => {
  it("also where an update does it", async () => {
    const server = safeServer();
    const own = { name: "Own", decision: "allow", include: [email("ada@example.com")], precedence: 1 };
    const app = await made(server, "create_application", {
      type: "self_hosted",
      name: "Vault",
      domain: "vault.example.com",
      policies: [own],
    });
    const { result } = await server.call("update_application", { app_id: app["id"], policies: [] });
    expect(result).toMatchObject({ status: "needs_confirmation" });
    expect(JSON.stringify((result as Members)["risks"])).toMatch(/Own.*another id/);
  });

  it("and what lets more in again when it is due to be taken back", async () => {
    const server = safeServer();
    const [kept, dropped] = [
      await policy(server, "kept", [email("ada@example.com")]),
      await policy(server, "dropped", [email("bob@example.com")]),
    ];
    const app = await applicationWith(server, [kept, dropped]);
    const narrower = { app_id: app["id"], policies: [{ id: kept["id"], precedence: 1 }] };
    const { result } = await server.call("update_application", narrower, { revert_after: 60_000 });
    expect(result).toMatchObject({ status: "needs_confirmation" });
  });
});

it("an undo reaches no operation that the operator has not offered", async () => {
  const server = safeServer({}, { offered: new Set(["create_group", "undo_change"]) });
  const outcome = await server.call("create_group", { name: "Kept", include: [email("ada@example.com")] });
  const { facts, message } = await failureOf(server.call("undo_change", { change_id: outcome.change_id }));
  expect(facts).toMatchObject({ kind: "refused", outcome: "not_sent" });
  expect(message).toMatch(/delete_group.*not offered/);
});

it("an update of nothing but a secret says that nothing of it comes back", async () => {
  const server = safeServer();
  const listed = await server.call("list_identity_providers", {}, {}, { view: { all: true, fields: ["*"] } });
  const { items } = listed.result as { items: readonly { id: string; type: string; config: Members }[] };
  const provider = items.find(({ type, config }) => type !== "onetimepin" && "client_id" in config);
  const change = { identity_provider_id: provider?.id, config: { client_secret: "another-secret-of-theirs" } };
  const { result } = await server.call("update_identity_provider", change, { dry_run: true });
  expect(result).toMatchObject({ undo: { possible: "no", why: expect.stringMatching(/config\.client_secret/) } });
});

it("nobody is asked for what is beyond the budget", async () => {
  const server = safeServer({ "max-destroys": "1" });
  const [one, two] = await Promise.all(
    ["One", "Two"].map((name) => made(server, "create_group", { name, include: [email("ada@example.com")] })),
  );
  await made(server, "delete_group", { group_id: one?.["id"] });
  const { facts, message } = await failureOf(server.call("delete_group", { group_id: two?.["id"] }));
  expect(facts).toMatchObject({ kind: "refused", outcome: "not_sent" });
  expect(message).toMatch(/1 of 1 deletions/);
});
