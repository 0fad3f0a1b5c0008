import type { IncomingMessage } from "node:http";
import { type Identity, isRefusal, type Mode, type Refusal, type Role, roles } from "./mode.ts";

/** Somebody who was let in. */
export interface Admitted {
  readonly name: string;
  readonly role: Role;
}

/** Who gets which role: marks as in `Identity`, or `*` for whoever shows a proof. */
export type RoleNames = Readonly<Record<Role, readonly string[]>>;

export interface GateSettings {
  /** Asked in this order. */
  readonly modes: readonly Mode[];
  readonly names: RoleNames;
}

/** Lets a request in or says why not, by its headers alone: nothing of its body is read before. */
export type Gate = (incoming: IncomingMessage) => Promise<Admitted | Refusal>;

const needed: Refusal = {
  status: 401,
  message: "Say who you are: this server needs authentication, see its operator",
  challenge: 'Bearer realm="cloudflare-access-mcp"',
};

/** The first proof that holds decides; where none does, the first that was given is what is wrong. */
export function gate({ modes, names }: GateSettings): Gate {
  return async ({ headers, headersDistinct }) => {
    if ((headersDistinct["authorization"]?.length ?? 0) > 1) return needed;
    let refusal: Refusal | undefined;
    for (const mode of modes) {
      const answer = await mode(headers);
      if (answer === undefined) continue;
      if (!isRefusal(answer)) return admitted(answer, names);
      refusal ??= answer;
    }
    return refusal ?? needed;
  };
}

function admitted({ name, marks, role }: Identity, names: RoleNames): Admitted | Refusal {
  const highest = role ?? roles.findLast((one) => names[one].some((mark) => mark === "*" || marks.includes(mark)));
  return highest === undefined ? { status: 403, message: nobody } : { name, role: highest };
}

const nobody = "You are known, but have no role here; ask the operator to give you one";
