import { createHash } from "node:crypto";
import type { Call, Stage } from "../core/call.ts";
import { badInput } from "../core/errors.ts";

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

/** Members that are secrets wherever they turn up, declared or not: answers keep fields that no model knows yet. */
const alwaysSecret = new Set(["client_secret", "private_key", "password", "auth_credentials"]);

/** What this server or Cloudflare shows in place of a secret. */
const concealed = /^(?:\[secret\b.*\]|\[redacted\]|\*{3,})$/i;

/** Keeps secrets out of answers. One that was just made goes to the keeper; any other is masked. */
export function redact(keeper: SecretKeeper): Stage {
  return async (call, next) => {
    const { entry, input } = call;
    const declared = new Set(entry.secrets);
    const given = secretsIn(input, declared);
    refuseMasks(call, given);
    if ((entry.effect === "create" || entry.effect === "rotate") && declared.size > 0) await keeper.ready();

    const outcome = await next(call);
    const known = new Set([...given.values()].flat());
    const notes = [...outcome.notes];
    const shown = new Map<string, string>();
    for (const [field, values] of secretsIn(outcome.result, declared)) {
      for (const value of values) {
        if (concealed.test(value)) continue;
        const isFresh = entry.effect !== "read" && !known.has(value);
        const went = isFresh ? await keep(keeper, call, outcome.result, field, value) : "";
        shown.set(value, went === undefined ? value : isFresh ? fingerprint(value) : "[secret]");
        if (went !== undefined && went !== "") notes.push(`${field}: ${went}`);
      }
    }
    return shown.size === 0 ? outcome : { ...outcome, result: replaced(outcome.result, declared, shown), notes };
  };
}

/** Sending back what an answer showed would set the mask as the secret and lock out whoever uses it. */
function refuseMasks({ entry }: Call, given: ReadonlyMap<string, readonly string[]>): void {
  const masked = [...given]
    .filter(([, values]) => values.some((value) => concealed.test(value)))
    .map(([field]) => field);
  if (masked.length === 0) return;
  throw badInput(
    `${entry.name}: ${masked.join(", ")}: this is the mask that answers show, not the secret`,
    "Send the secret itself, or leave the field out; nothing was sent.",
    masked.map((field) => `${field}: the secret itself, not its mask`),
  );
}

/** A secret that cannot be kept after all is lost, but what was done is still told. */
async function keep(
  keeper: SecretKeeper,
  { entry }: Call,
  result: unknown,
  field: string,
  value: string,
): Promise<string | undefined> {
  const id = (result as Record<string, unknown> | null)?.[entry.room.key ?? "id"];
  try {
    return await keeper.keep({ value, field, noun: entry.room.noun, id: typeof id === "string" ? id : undefined });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return `could not be kept (${code ?? "unknown reason"}) and is lost: rotate it to get another`;
  }
}

/** Enough to recognise a secret of Cloudflare's making that one has; nobody can guess one from it. */
const fingerprint = (value: string): string =>
  `[secret, sha256 ${createHash("sha256").update(value).digest("hex").slice(0, 8)}]`;

const isSecret = (path: string, key: string, declared: ReadonlySet<string>) =>
  declared.has(path) || alwaysSecret.has(key);

/** The secrets in a value by dotted path; arrays on the way are entered and not counted. */
function secretsIn(value: unknown, declared: ReadonlySet<string>): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const visit = (inner: unknown, path: string, key: string): void => {
    if (typeof inner === "string") {
      if (inner !== "" && isSecret(path, key, declared)) found.set(path, [...(found.get(path) ?? []), inner]);
    } else if (Array.isArray(inner)) for (const item of inner) visit(item, path, key);
    else if (typeof inner === "object" && inner !== null) {
      for (const [name, member] of Object.entries(inner)) visit(member, path === "" ? name : `${path}.${name}`, name);
    }
  };
  visit(value, "", "");
  return found;
}

/** A copy of `value` with its secrets replaced by what is shown for them. */
function replaced(
  value: unknown,
  declared: ReadonlySet<string>,
  shown: ReadonlyMap<string, string>,
  path = "",
  key = "",
): unknown {
  if (typeof value === "string") return isSecret(path, key, declared) ? (shown.get(value) ?? value) : value;
  if (Array.isArray(value)) return value.map((item) => replaced(item, declared, shown, path, key));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      replaced(member, declared, shown, path === "" ? name : `${path}.${name}`, name),
    ]),
  );
}
