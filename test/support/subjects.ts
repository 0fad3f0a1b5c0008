import { type Entry, pathFields, shownBy } from "../../src/core/room.ts";
import type { Sandbox } from "../../src/sandbox/index.ts";
import { ask, type Row } from "../sandbox/support.ts";

/** An object of a sandbox that an update can change. */
export interface Subject {
  readonly entry: Entry;
  /** The path ids that lead to it. */
  readonly ids: Row;
  /** Below the account: `/access/groups/ID`. */
  readonly path: string;
  /** How Cloudflare shows it now. */
  shown(): Promise<Row>;
  /** How it is stored now. */
  stored(): Row;
}

/** Every object that an update can change, found by its route in what the sandbox holds. */
export function subjectsOf(sandbox: Sandbox, entry: Entry): readonly Subject[] {
  if (shownBy(entry) === undefined) throw new Error(`${entry.name} changes no object as a whole`);
  const account = `accounts/${sandbox.accountId}`;
  const segments = entry.route.replace(/^PUT \/(?:accounts\/)?\{\w+\}\//, "").split("/");
  const snapshot = sandbox.snapshot();
  let found: { ids: Row; path: string }[] = [{ ids: {}, path: "" }];
  for (const segment of segments) {
    found = found.flatMap(({ ids, path }) => {
      if (!segment.startsWith("{")) return [{ ids, path: `${path}/${segment}` }];
      const rows = Object.keys(snapshot[`${account}${path}`] ?? {});
      return rows.map((id) => ({ ids: { ...ids, [segment.slice(1, -1)]: id }, path: `${path}/${id}` }));
    });
  }
  if (pathFields(entry).length === 0 && found.length !== 1) throw new Error(`${entry.name}: one object expected`);
  return found.map(({ ids, path }) => ({
    entry,
    ids,
    path,
    shown: async () => (await ask(sandbox, `GET ${encodeURI(path)}`)).result,
    stored: () => {
      const [, collection = "", id = ""] = /^(.*)\/([^/]*)$/.exec(`${account}${path}`) ?? [];
      return sandbox.snapshot()[collection]?.[id] ?? {};
    },
  }));
}
