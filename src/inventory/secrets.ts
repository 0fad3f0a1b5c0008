import type { Members } from "../core/change.ts";
import { type DatasetName, datasets } from "./datasets.ts";
import { datasetNames } from "./holdings.ts";
import { isMembers } from "./reading.ts";

/** Members whose text is a secret wherever they stand, declared or not. */
const secretNames =
  /(?:^|_)(?:secret|password|passphrase|passcode|private_?key|secret_?key|api_?key|credentials?|(?:access|refresh|bearer|auth|id)_?token)$/i;

/** The dotted paths of an object that any operation of its room declares secret; arrays on the way do not count. */
const declared = new Map(
  datasetNames.map((name) => {
    const operations: readonly { readonly secrets?: readonly string[] }[] = Object.values(datasets[name].verbs);
    return [name, new Set(operations.flatMap(({ secrets = [] }) => secrets))] as const;
  }),
);

/** An object without its secrets, and without the masks that stand for them. */
export function withoutSecrets(name: DatasetName, item: Members): Members {
  return membersWithout(item, declared.get(name) ?? new Set(), "");
}

function membersWithout(members: Members, paths: ReadonlySet<string>, path: string): Members {
  const kept = Object.entries(members).flatMap(([name, value]) => {
    const inner = path === "" ? name : `${path}.${name}`;
    const isSecret = paths.has(inner) || (typeof value === "string" && secretNames.test(name));
    return isSecret ? [] : [[name, valueWithout(value, paths, inner)] as const];
  });
  return Object.fromEntries(kept);
}

function valueWithout(value: unknown, paths: ReadonlySet<string>, path: string): unknown {
  if (Array.isArray(value)) return value.map((item) => valueWithout(item, paths, path));
  if (typeof value === "string") return textWithout(value);
  return isMembers(value) ? membersWithout(value, paths, path) : value;
}

/** A text that is JSON itself, as what identity providers sent; one that is cut off goes when it names a secret. */
function textWithout(text: string): string {
  if (!/^\s*[{[]/.test(text)) return text;
  const names = [...text.matchAll(/"(\w{1,80})"\s*:/g)].map(([, name]) => name ?? "");
  if (!names.some((name) => secretNames.test(name))) return text;
  try {
    return JSON.stringify(valueWithout(JSON.parse(text), new Set(), ""));
  } catch {
    return "";
  }
}
