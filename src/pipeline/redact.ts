import { createHash } from "node:crypto";
import type { Call, Stage } from "../core/call.ts";

/** A secret that Cloudflare shows once, and what it belongs to. */
export interface FreshSecret {
  readonly value: string;
  /** Dotted path in the answer: `client_secret`. */
  readonly field: string;
  /** Singular noun of the resource: "service token". */
  readonly noun: string;
  /** Id of the object it belongs to, when the answer has one. */
  readonly id: string | undefined;
}

/** Where fresh secrets go instead of the answer. */
export interface SecretKeeper {
  /** Throws when a secret could not be kept; asked before the request that makes one is sent. */
  ready(): Promise<void>;
  /** Takes a secret away and says where it went; `undefined` leaves it in the answer, by the operator's choice. */
  keep(secret: FreshSecret): Promise<string | undefined>;
}

/** Replaces declared secrets in answers. One that was just made goes to the keeper, others are only masked. */
export function redact(keeper: SecretKeeper): Stage {
  return async (call, next) => {
    const secrets = call.entry.secrets ?? [];
    if (secrets.length === 0) return next(call);
    if (call.entry.effect !== "read") await keeper.ready();
    const outcome = await next(call);
    const notes = [...outcome.notes];
    let result = outcome.result;
    for (const path of secrets) {
      result = await replaceAt(result, path.split("."), async (value) => {
        if (call.entry.effect === "read") return mask(value);
        const went = await keeper.keep({
          value,
          field: path,
          noun: call.entry.room.noun,
          id: idIn(call, outcome.result),
        });
        if (went === undefined) return value;
        notes.push(`${path}: ${went}`);
        return mask(value);
      });
    }
    return { ...outcome, result, notes };
  };
}

function idIn({ entry }: Call, result: unknown): string | undefined {
  const id = (result as Record<string, unknown> | null)?.[entry.room.key ?? "id"];
  return typeof id === "string" ? id : undefined;
}

/** Enough to recognise a secret that one has, nothing to guess it from. */
export function mask(value: string): string {
  return `[secret, sha256 ${createHash("sha256").update(value).digest("hex").slice(0, 8)}]`;
}

/** A copy of `value` with the string at `path` replaced; arrays on the way are entered. */
async function replaceAt(
  value: unknown,
  path: readonly string[],
  replace: (text: string) => Promise<string>,
): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map((item) => replaceAt(item, path, replace)));
  const [key, ...rest] = path;
  if (key === undefined) return typeof value === "string" && value !== "" ? replace(value) : value;
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return value;
  const members = value as Record<string, unknown>;
  return { ...members, [key]: await replaceAt(members[key], rest, replace) };
}
