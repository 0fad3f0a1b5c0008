import { readdirSync, readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";
import type Cloudflare from "cloudflare";
import type { Scope } from "../../src/core/call.ts";
import type { Entry } from "../../src/core/room.ts";
import { pathFields } from "./calls.ts";
import type { OperationFact } from "./facts.ts";

/** Arguments that the official SDK calls otherwise than the API does. */
const renamed: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  create_targets: { targets: ["body"] },
  // It has the field twice, for the query and for the body.
  revoke_user: { devices: ["query_devices", "body_devices"] },
};

/**
 * The official SDK's call for flat arguments. It takes the last id of the path by position, everything else in one
 * object together with the scope. Fields that its types lack are left out, as they are for whoever writes TypeScript.
 */
export async function callOfficial(
  client: Cloudflare,
  fact: OperationFact,
  entry: Entry,
  input: Readonly<Record<string, unknown>>,
  scope: Scope,
  paging: { page: number; per_page: number } | undefined,
): Promise<unknown> {
  const ids = pathFields(entry).map((name) => [name, input[name]] as const);
  const others = Object.fromEntries(Object.entries(input).filter(([name]) => !pathFields(entry).includes(name)));
  const fields = Object.entries(declared(others, Object.keys({ ...fact.query, ...fact.body })));
  const named = [...ids.slice(0, -1), ...fields].flatMap(([name, value]) =>
    (renamed[entry.name]?.[name] ?? [name]).map((theirs) => [theirs, value] as const),
  );
  const params = { ...Object.fromEntries(named), ...scope, ...paging };
  return method(client, fact.sdk)(...ids.slice(-1).map(([, value]) => value), params);
}

function method(client: Cloudflare, path: string): (...parameters: unknown[]) => unknown {
  const names = path.split(".");
  const owner = names.slice(0, -1).reduce<object>((value, name) => Reflect.get(value, name), client);
  const found: unknown = Reflect.get(owner, names.at(-1) ?? "");
  if (typeof found !== "function") throw new Error(`the official SDK has no ${path}`);
  return (...parameters) => Reflect.apply(found, owner, parameters);
}

/** A value without the fields whose paths are not listed; where nothing below a path is listed, everything stays. */
function declared<Value>(value: Value, paths: readonly string[], path = ""): Value {
  if (Array.isArray(value)) return value.map((item) => declared(item, paths, `${path}[]`)) as Value;
  const below = path === "" ? "" : `${path}.`;
  if (typeof value !== "object" || value === null || !paths.some((known) => known.startsWith(below))) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => paths.includes(below + key))
      .map(([key, inner]) => [key, declared(inner, paths, below + key)]),
  ) as Value;
}

/** The example calls in the official SDK's own comments, by SDK path; running one performs it. */
export function documentedCalls(): Map<string, (client: Cloudflare) => Promise<unknown>> {
  const folder = new URL("../../node_modules/cloudflare/resources/zero-trust/", import.meta.url);
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".js"));
  const calls = new Map<string, (client: Cloudflare) => Promise<unknown>>();
  for (const source of sources) {
    const text = readFileSync(new URL(source, folder), "utf8");
    for (const [, comment = ""] of text.matchAll(/@example\s+\* ```ts\n([\s\S]*?)```/g)) {
      const code = comment.replaceAll(/^ *\* ?/gm, "");
      const [, path, parameters] = /client((?:\s*\.\w+)+)(\([\s\S]*?\))(?:;|\) \{)/.exec(code) ?? [];
      if (path === undefined) continue;
      calls.set(path.replaceAll(/\s/g, "").slice(1), (client) =>
        runInNewContext(`client${path}${parameters}`, { client }),
      );
    }
  }
  return calls;
}
