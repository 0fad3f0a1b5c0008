import { describe, expect, it } from "vitest";
import applications from "../../src/access/applications/index.ts";
import groups from "../../src/access/groups.ts";
import type { Members } from "../../src/core/change.ts";
import { type DatasetName, datasets, type Inventory } from "../../src/inventory/datasets.ts";
import { datasetNames, inventoryOf, worldOf } from "../../src/inventory/holdings.ts";
import { readSnapshot, snapshotText } from "../../src/inventory/snapshot.ts";
import type { Taken } from "../../src/inventory/source.ts";
import { safeServer } from "../support/safe.ts";
import { collectFrom } from "./taking.ts";

const takenOf = (inventory: Inventory, more: Partial<Taken> = {}): Taken => ({
  account_id: "0123456789abcdef",
  taken_at: "2026-03-10T15:00:00.000Z",
  inventory,
  ...more,
});

describe("a snapshot", () => {
  it("holds the account and comes back as it was written", async () => {
    const inventory = await collectFrom(safeServer());
    const text = snapshotText(takenOf(inventory));
    const read = readSnapshot(text, "march");
    expect(read.account_id).toBe("0123456789abcdef");
    expect(read.taken_at).toBe("2026-03-10T15:00:00.000Z");
    expect(snapshotText(read)).toBe(text);
    for (const name of datasetNames) {
      const { items = [], ...facts } = inventory[name] ?? {};
      expect(read.inventory[name], name).toMatchObject(facts);
      expect(read.inventory[name]?.items.length, name).toBe(items.length);
    }
    const named = (items: readonly Members[] = []) => items.map(({ name }) => name).sort();
    expect(named(read.inventory.applications?.items)).toEqual(named(inventory.applications?.items));
  });

  it("of the same account is the same to the byte, but for when it was taken", async () => {
    const server = safeServer();
    const [one, other] = [await collectFrom(server), await collectFrom(server)];
    expect(one).not.toBe(other);
    const later = takenOf(other, { taken_at: "2026-03-10T16:00:00.000Z" });
    expect(snapshotText(later).replace("T16:", "T15:")).toBe(snapshotText(takenOf(one)));
  });

  it("is the same in whatever order objects and members come", () => {
    const group = { id: "b", name: "B", include: [{ email: { email: "ada@example.com" } }, { everyone: {} }] };
    const turned = { include: group.include, name: "B", id: "b" };
    const first = takenOf(inventoryOf({ groups: [group, { id: "a", name: "A" }] }));
    const second = takenOf({
      ...Object.fromEntries(Object.entries(inventoryOf({ groups: [{ name: "A", id: "a" }, turned] })).toReversed()),
    });
    expect(snapshotText(second)).toBe(snapshotText(first));
    const { groups } = readSnapshot(snapshotText(first), "x").inventory;
    expect(groups?.items.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(groups?.items[1]?.["include"]).toEqual(group.include);
  });

  it("says what ids are called by which objects refer to each other, and no others", () => {
    const inventory = inventoryOf({
      groups: [
        { id: "g1", name: "Engineering", include: [] },
        { id: "g2", name: "Lonely", include: [] },
      ],
      policies: [{ id: "p1", name: "Staff", include: [{ group: { id: "g1" } }] }],
      applications: [{ id: "a1", name: "Wiki", policies: [{ id: "p1" }] }],
    });
    const { names } = JSON.parse(snapshotText(takenOf(inventory)));
    expect(names).toEqual({ g1: "group: Engineering", p1: "reusable policy: Staff" });
  });

  it("calls an id by the dataset that it is the key of first", () => {
    const inventory = inventoryOf({
      users: [{ id: "u1", name: "Ada" }],
      user_identities: [{ user_uuid: "u1", name: "Ada", user_id: "u1" }],
    });
    expect(JSON.parse(snapshotText(takenOf(inventory))).names).toEqual({ u1: "user: Ada" });
  });

  it("keeps why a dataset is not known, and what was not asked for stays out", () => {
    const inventory: Inventory = {
      users: { state: "forbidden", items: [], why: "the API token may not" },
      user_sessions: { state: "partial", items: [], why: "3 of 5", sample: { read: 3, of: 5 } },
    };
    expect(readSnapshot(snapshotText(takenOf(inventory)), "x").inventory).toEqual(inventory);
  });

  it("is read with a byte order mark before it", () => {
    expect(readSnapshot(`\uFEFF${snapshotText(takenOf({}))}`, "x").inventory).toEqual({});
  });
});

describe("secrets", () => {
  const planted = "hunter2-planted";
  const objectWith = (path: string, value: unknown): Members => {
    const [name = "", ...rest] = path.split(".");
    return { [name]: rest.length === 0 ? value : objectWith(rest.join("."), value) };
  };
  const declared = datasetNames.flatMap((name) =>
    Object.values(datasets[name].verbs).flatMap(({ secrets = [] }: { readonly secrets?: readonly string[] }) =>
      secrets.map((path) => [name, path] as const),
    ),
  );
  const textWith = (name: DatasetName, item: Members) =>
    snapshotText(takenOf(inventoryOf({ [name]: [{ id: "one", name: "One", ...item }] })));

  it("are declared in several places", () => expect(new Set(declared.map(String)).size).toBeGreaterThan(8));

  it.each(declared)("are absent: %s %s", (name, path) => {
    expect(textWith(name, objectWith(path, planted))).not.toContain(planted);
    const inArray = path.replace(/\./, ".0.").split(".0.");
    const listed = inArray.length === 2 ? { [inArray[0] ?? ""]: [objectWith(inArray[1] ?? "", planted)] } : {};
    expect(textWith(name, listed)).not.toContain(planted);
    expect(textWith(name, objectWith(path, planted))).toContain('"name": "One"');
  });

  it.each(["client_secret", "password", "private_key", "api_key", "auth_credentials", "access_token", "bearer_token"])(
    "are absent where nobody declared them: %s",
    (field) => {
      expect(textWith("groups", { deep: [{ deeper: { [field]: planted } }] })).not.toContain(planted);
    },
  );

  it("are absent from texts that are JSON themselves", () => {
    const body = JSON.stringify({ userName: "ada", password: planted, emails: [{ value: "ada@example.com" }] });
    const text = textWith("scim_updates", { request_body: body });
    expect(text).not.toContain(planted);
    expect(text).toContain("ada@example.com");
    expect(textWith("scim_updates", { request_body: body.slice(0, -3) })).not.toContain(planted);
  });

  it("of the server are nowhere in an export", async () => {
    const server = safeServer();
    const text = snapshotText(takenOf(await collectFrom(server)));
    expect(text).not.toContain(server.sandbox.token);
    expect(text).not.toMatch(/\[secret|\*{6}/);
  });

  it.each(["service_token", "any_valid_service_token", "client_id", "token_id", "public_key", "client_secret_version"])(
    "are not what only sounds like one: %s",
    (field) => expect(textWith("groups", { [field]: "kept" })).toContain('"kept"'),
  );
});

describe("the account of an inventory", () => {
  it("is what the simulator reads", async () => {
    const world = worldOf(inventoryOf({ groups: [{ id: "g1" }] }));
    expect(await world.read(groups)).toEqual({ state: "ok", items: [{ id: "g1" }] });
    expect(await world.read(applications)).toEqual({ state: "ok", items: [] });
  });

  it("does not know what was not read", async () => {
    expect(await worldOf({}).read(groups)).toMatchObject({ state: "failed", items: [] });
  });
});
