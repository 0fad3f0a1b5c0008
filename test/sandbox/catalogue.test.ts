import { describe, expect, it } from "vitest";
import { access } from "../../src/access/index.ts";
import type { Entry } from "../../src/core/room.ts";
import { createSandbox } from "../../src/sandbox/index.ts";
import { quirks } from "../../src/sandbox/quirks/index.ts";
import { pathFields } from "../support/calls.ts";
import { exampleOf, examplesOf } from "../support/examples.ts";
import { ask, certificate, type Row, seeded } from "./support.ts";

const sandbox = createSandbox({ rateLimit: { limit: 100_000, window: 300 } });

const idOf = (path: string, test?: (row: Row) => boolean) => String(seeded(createSandbox(), path, test)["id"]);

/** Seeded objects for the placeholders of routes; every sandbox of one seed has the same. */
const present: Record<string, string> = {
  app_id: idOf("access/apps", ({ type }) => type === "self_hosted"),
  user_id: idOf("access/users", ({ last_successful_login }) => last_successful_login !== undefined),
  identity_provider_id: idOf("access/identity_providers", ({ type }) => type === "saml"),
  list_id: idOf("gateway/lists"),
};

/** What no model can know: values that have to fit together. */
const particulars: Record<string, Row> = {
  create_mtls_certificate: { certificate },
  create_idp_federation_grant: { idp_id: idOf("access/identity_providers", ({ type }) => type === "saml") },
  create_target: { ip: { ipv4: { ip_addr: "10.1.2.3" } } },
  update_target: { ip: { ipv4: { ip_addr: "10.1.2.4" } } },
};

function line(entry: Entry, ids: Record<string, string>): string {
  const [method, route = ""] = entry.route.split(" ");
  const path = route.replace(/^\/(?:accounts\/\{account_id\}|\{account_or_zone\})/, "");
  return `${method} ${path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(ids[name] ?? present[name] ?? "none"))}`;
}

/** Arguments without those of the path. */
const bodyOf = (entry: Entry, example: Row): Row =>
  Object.fromEntries(Object.entries(example).filter(([name]) => !pathFields(entry).includes(name)));

const minimal = (entry: Entry) => ({ ...bodyOf(entry, exampleOf(entry, "minimal")), ...particulars[entry.name] });

describe("every operation of the catalogue", () => {
  it("is what the quirks are about", () => {
    const paths = access.map(({ route }) =>
      route.replace(/^\w+ \/(?:accounts\/)?\{\w+\}\//, "").replace(/\/\{\w+\}$/, ""),
    );
    expect(Object.keys(quirks.resources ?? {}).filter((path) => !paths.includes(path))).toEqual([]);
    const names = access.map(({ name }) => name);
    expect(Object.keys(quirks.operations ?? {}).filter((name) => !names.includes(name))).toEqual([]);
  });

  it.each(access.map((entry) => [entry.name, entry] as const))(
    "%s is answered, whatever it is given",
    async (_, entry) => {
      const isRead = /^(?:GET|DELETE)/.test(entry.route);
      for (const example of [{}, ...examplesOf(entry, "full")]) {
        const body = bodyOf(entry, example);
        const search = new URLSearchParams();
        for (const [name, value] of Object.entries(body)) search.set(name, String([value].flat()[0]));
        const answer = await ask(
          sandbox,
          isRead ? `${line(entry, {})}?${search}` : line(entry, {}),
          isRead ? undefined : body,
        );
        expect(answer.status).toBeLessThan(500);
        expect(answer.errors.map(({ code }) => code)).not.toContain(7003);
      }
    },
  );
});

const cycles = [...new Set(access.map(({ room }) => room))].flatMap((room) => {
  const verbs = Object.fromEntries(access.filter((entry) => entry.room === room).map((entry) => [entry.verb, entry]));
  const { list, get, create, update, delete: remove } = verbs;
  return list && get && create && remove
    ? [{ noun: room.noun, key: room.key ?? "id", list, get, create, update, remove }]
    : [];
});

describe("create, list, get, update and delete", () => {
  it("covers the rooms that have them", () => {
    expect(cycles.map(({ noun }) => noun)).toEqual(
      expect.arrayContaining(["application", "reusable policy", "group", "service token", "target", "user", "tag"]),
    );
  });

  it.each(cycles.map((cycle) => [cycle.noun, cycle] as const))(
    "%s",
    async (_, { key, list, get, create, update, remove }) => {
      const fresh = createSandbox({ rateLimit: { limit: 1000, window: 300 } });
      const seededIds = (entry: Entry) =>
        Object.fromEntries(pathFields(entry).flatMap((name) => (name in present ? [[name, present[name] ?? ""]] : [])));
      const own = pathFields(remove).at(-1) ?? "";
      const isNested = !remove.route.endsWith("}");
      const application: Record<string, string> = isNested
        ? { [own]: idOf("access/apps", ({ type }) => type === "vnc") }
        : {};
      const chosen: Record<string, string> =
        pathFields(create).includes(own) && !isNested ? { [own]: "chosen-by-caller" } : {};
      const idsFor = (entry: Entry, id?: string): Record<string, string> => ({
        ...seededIds(entry),
        ...application,
        ...(isNested ? {} : chosen),
        ...(id !== undefined && !isNested && { [own]: id }),
      });

      const created = await ask(fresh, line(create, idsFor(create)), minimal(create));
      expect(created.errors).toEqual([]);
      expect(created.status).toBe(201);
      create.output.parse(created.result);
      const id = String(created.result[key]);

      const one = await ask(fresh, line(get, idsFor(get, id)));
      expect(one.status).toBe(200);
      get.output.parse(one.result);
      expect(one.result).toMatchObject(
        Object.fromEntries(Object.entries(one.result).filter(([name]) => name in created.result)),
      );

      const all = await ask(fresh, `${line(list, idsFor(list))}?per_page=1000`);
      expect(all.rows.map((row) => row[key])).toContain(id);

      if (update !== undefined) {
        const changed = await ask(fresh, line(update, idsFor(update, id)), {
          ...minimal(update),
          // An address and a tag name stay what they are.
          ...(update.name === "update_tag" && { name: id }),
        });
        expect(changed.errors).toEqual([]);
        update.output.parse(changed.result);
        expect(changed.result[key]).toBe(id);
      }

      const gone = await ask(fresh, line(remove, idsFor(remove, id)));
      expect(gone.errors).toEqual([]);
      expect((await ask(fresh, line(get, idsFor(get, id)))).status).toBe(404);
      expect((await ask(fresh, line(remove, idsFor(remove, id)))).success).toBe(false);
      const left = await ask(fresh, `${line(list, idsFor(list))}?per_page=1000`);
      expect(left.rows.map((row) => row[key])).not.toContain(id);
    },
  );
});
