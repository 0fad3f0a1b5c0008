import type { Members } from "../core/change.ts";
import type { AccessOutcome, Decision } from "./evaluate.ts";
import { type Identity, isMachine } from "./selectors.ts";
import { letsIn } from "./standing.ts";

/**
 * What becomes of somebody who uses an MCP server through a portal: the portal and the server's own application both
 * have to let in. What the server's policy asks besides is not asked there. `link` is the server as the portal lists it
 * (developers.cloudflare.com, MCP server portals).
 */
export function throughPortal(
  identity: Identity,
  entrance: Decision,
  own: Decision,
  link: Members,
): Pick<Decision, "outcomes" | "certain"> {
  const both = isMachine(identity) ? machines(link) : person;
  const pairs = [...entrance.outcomes].flatMap((first) => [...own.outcomes].map((second) => [first, second] as const));
  const outcomes = new Set(
    pairs.flatMap(([first, second]) => {
      const refused = [first, second].find((outcome) => !letsIn.has(outcome));
      return refused === undefined ? both(first, second) : [refused];
    }),
  );
  return { outcomes, certain: outcomes.size === 1 };
}

type Both = (entrance: AccessOutcome, own: AccessOutcome) => readonly AccessOutcome[];

/** The server's approval is not asked for; a bypass of one of the two leaves the login of the other. */
const person: Both = (entrance, own) => {
  const inside = own === "allowed_after_approval" ? "allowed" : own;
  return [entrance === "bypassed" ? inside : entrance];
};

/** A service token needs Service Auth on both, and a server that nobody logs in to for themselves. */
const machines =
  ({ on_behalf }: Members): Both =>
  (entrance, own) => {
    if (entrance !== "service_auth" || own !== "service_auth" || on_behalf === true) return ["denied_by_default"];
    // What a portal does that does not say is not documented.
    return on_behalf === false ? ["service_auth"] : ["service_auth", "denied_by_default"];
  };
