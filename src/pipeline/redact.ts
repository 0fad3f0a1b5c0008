import { createHash } from "node:crypto";
import type { Call, Stage } from "../core/call.ts";
import { isConcealed, replaced, secretsIn } from "./masks.ts";

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

/** Keeps secrets out of answers. One that was just made goes to the keeper; any other is masked. */
export function redact(keeper: SecretKeeper): Stage {
  return async (call, next) => {
    const { entry, input } = call;
    const declared = new Set(entry.secrets);
    if ((entry.effect === "create" || entry.effect === "rotate") && declared.size > 0) await keeper.ready();

    const outcome = await next(call);
    const known = new Set([...secretsIn(input, declared).values()].flat());
    const notes = [...outcome.notes];
    const shown = new Map<string, string>();
    for (const [field, values] of secretsIn(outcome.result, declared)) {
      for (const value of values) {
        if (isConcealed(value)) continue;
        const isFresh = entry.effect !== "read" && !known.has(value);
        const went = isFresh ? await keep(keeper, call, outcome.result, field, value) : "";
        shown.set(value, went === undefined ? value : isFresh ? fingerprint(value) : "[secret]");
        if (went !== undefined && went !== "") notes.push(`${field}: ${went}`);
      }
    }
    return shown.size === 0
      ? outcome
      : { ...outcome, result: replaced(outcome.result, declared, (secret) => shown.get(secret)), notes };
  };
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
