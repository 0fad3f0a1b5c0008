import { AccessError } from "../core/errors.ts";

/** What a ticket stands for; everything in it must be equal when it is spent. */
export interface Bond {
  readonly operation: string;
  /** Digest of the canonical arguments, scope and control flags included. */
  readonly arguments: string;
  readonly account: string;
  readonly principal: string;
  /** The object's own id, which renaming does not change; `null` when the call creates it or has none. */
  readonly object: string | null;
  /** Digest of the object as it was when the ticket was made. */
  readonly digest: string | null;
}

/** What a person is shown who decides; free of secrets and of characters that a terminal obeys. */
export interface Summary {
  /** The effect in one sentence, not the name of the tool. */
  readonly headline: string;
  readonly lines: readonly string[];
}

/** That a person said yes. */
export interface Approval {
  readonly who: string;
  /** RFC 3339. */
  readonly when: string;
}

/** What a good ticket comes to. */
export interface Grant {
  /** Short enough to type, `^[a-z2-9]{8,12}$`. */
  readonly id: string;
  readonly approved?: Approval;
}

/** The promise that a change is made as it was shown, and once. */
export interface TicketBook {
  /** Seals a ticket; ten minutes. `summary` is what a person is shown who approves it. */
  issue(bond: Bond, summary: Summary): Promise<{ ticket: string; id: string; expires: Date }>;
  /** Checks without using it up. Throws a `TicketError` that says what is wrong and what to do. */
  check(ticket: string, bond: Bond): Promise<Grant>;
  /** Uses it up: exactly one caller ever succeeds, across processes. */
  spend(ticket: string, bond: Bond): Promise<Grant>;
  /** A person said no: it can never be used. */
  void(ticket: string): Promise<void>;
}

const again = "Make the call without ticket to see what it would do now and get a new one; nothing was sent.";
const restore = "Repeat the call as it was when the ticket was given, or make it without ticket to get another.";

/** What can be wrong with a ticket, one wording each; none of them repeats what was given. */
const flaws = {
  invalid: ["this is not a ticket of this server", again],
  early: ["the ticket comes from the future: the clock of this machine was set back", again],
  expired: ["the ticket is older than ten minutes", again],
  operation: ["the ticket was made for another operation", restore],
  arguments: ["the ticket was made for other arguments", restore],
  account: ["the ticket was made for another account", restore],
  principal: ["the ticket was made for somebody else", again],
  object: ["the ticket was made for another object", again],
  used: ["the ticket is used already", `Look whether that change is the one you want. ${again}`],
  rejected: ["a person said no to this change", "Do not try it again unless a person asks for it; nothing was sent."],
  changed: ["the object has changed since the ticket was made", again],
  waiting: [
    "waiting for a person: cloudflare-access-mcp changes approve ID",
    "Ask a person to run that command on the machine of this server, then repeat the call with the same ticket.",
  ],
} as const;

/** `changed`: all else is right, but the object is no longer the one that was shown. */
export type Flaw = keyof typeof flaws;

/** A ticket that does not help; `flaw` is for programs, `id` names what waits. Nothing was sent. */
export class TicketError extends AccessError {
  readonly flaw: Flaw;

  constructor(flaw: Flaw, id = "ID") {
    const [message, next] = flaws[flaw];
    super(message.replace("ID", id), { kind: "refused", next, outcome: "not_sent" });
    this.flaw = flaw;
  }
}
