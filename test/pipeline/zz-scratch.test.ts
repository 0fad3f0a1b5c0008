import { it } from "vitest";
import { access } from "../../src/access/index.ts";
import { pathFields, shownBy } from "../../src/core/room.ts";
import { safeServer } from "../support/safe.ts";
import { canonical, differences } from "../../src/pipeline/difference.ts";

it("x", async () => {
  const server = safeServer({ confirm: "never", guard: "off", "max-result": "500000" });
  for (const entry of access) {
    const shown = shownBy(entry);
    if (!shown) continue; if (/user|mcp|token|organ/.test(entry.name)) continue;
    const { list } = entry.siblings;
    const own = pathFields(entry).at(-1);
    let rows: any[] = [{}];
    if (entry.name === "update_application_policy") {
      const apps = (await server.call("list_applications", {}, {}, { view: { fields: ["*"], all: true } })).result as any;
      rows = apps.items.flatMap((a: any) => (a.policies ?? []).filter((p: any) => !p.reusable).map((p: any) => ({ app_id: a.id, policy_id: p.id })));
    } else if (own && list) {
      const all = (await server.call(list.name, {}, {}, { view: { fields: ["*"], all: true } })).result as any;
      rows = all.items.map((i: any) => ({ [own]: i[entry.room.key!] }));
    }
    for (const ids of rows.slice(0, 60)) {
      const path = Object.keys(ids);
      const before = (await server.call(shown.name, Object.fromEntries(pathFields(shown).map((p) => [p, ids[p]])))).result as any;
      const store = server.sandbox.snapshot();
      const mark = server.sandbox.requests.length;
      try {
        await server.call(entry.name, ids, {});
        const put = server.sandbox.requests.slice(mark).find((r) => r.method === "PUT");
        const after = (await server.call(shown.name, Object.fromEntries(pathFields(shown).map((p) => [p, ids[p]])))).result as any;
        const changed = differences(before, after).filter((d) => !/updated_at|modified_at/.test(d.path));
        const snap = differences(store, server.sandbox.snapshot()).filter((d) => !/updated_at|modified_at/.test(d.path));
        if (changed.length || snap.length) console.log(entry.name, before.type ?? "", before.name, JSON.stringify(changed), JSON.stringify(snap), "sent", JSON.stringify(put?.body));
      } catch (e: any) { console.log("FAIL", entry.name, before.type, before.name, e.message, JSON.stringify(server.sandbox.requests.slice(mark).find((r) => r.method === "PUT")?.body)); }
    }
    console.log(entry.name, rows.length);
  }
}, 300000);
