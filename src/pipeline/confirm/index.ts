import type { Call, Outcome, Stage } from "../../core/call.ts";
import type { Consent, Members } from "../../core/change.ts";
import { AccessError } from "../../core/errors.ts";
import { harmless } from "../cleanse.ts";
import { conflict } from "../conflict.ts";
import { planOfSteps, summaryOfSteps } from "../plans/told.ts";
import type { Bond, PlannedRequest, Tickets } from "../ports.ts";
import { canonical, digest } from "../rehearse/difference.ts";
import { fingerprint } from "../rehearse/think.ts";
import { planOf, summaryOf } from "./plan.ts";

/** `risky`: what widens, destroys, revokes, rotates or concerns everybody; `never` is the operator's own choice. */
export type ConfirmLevel = "risky" | "always" | "never";

export interface ConfirmSettings {
  readonly level: ConfirmLevel;
  /** `human`: a ticket helps only after a person approved it outside of the conversation. */
  readonly approval: "agent" | "human";
  readonly tickets: Tickets;
  /** The request that a call would send. */
  readonly preview: (call: Call) => Promise<PlannedRequest>;
}

/** Rehearsals that tickets were given for, so that a conflict can show both sides; the newest of them. */
const remembered = 1_000;

/** Lets a write pass when somebody agreed to exactly this one; otherwise answers with the plan and a ticket for it. */
export function confirm({ level, approval, tickets, preview }: ConfirmSettings): Stage {
  const seen = new Map<string, Members | undefined>();

  const propose = async (call: Call, status: Proposal): Promise<Outcome> => {
    const steps = call.rehearsal?.steps;
    const shown =
      steps === undefined ? planOf(call, await preview(call), status) : await planOfSteps(call, preview, status);
    const plan = { ...shown, rehearsal: call.rehearsal };
    const asks = approval === "agent" && call.caller?.canAsk === true;
    // A rehearsal is for looking: whoever has a person to ask, and what is refused anyway, gets no ticket for it.
    if (status === "planned" && (approval === "human" || asks || call.rehearsal?.objections.length !== 0)) return plan;
    const { headline, lines } = steps === undefined ? summaryOf(call) : summaryOfSteps(call);
    const summary = { headline: harmless(headline), lines: lines.map(harmless) };
    const issued = await tickets.issue(bondOf(call), summary).catch((error: unknown) => {
      if (status === "planned") return undefined;
      throw error;
    });
    // Looking needs no state: only what shall be done must be kept.
    if (issued === undefined) return plan;
    const { ticket, id, expires } = issued;
    seen.set(ticket, call.rehearsal?.change.before);
    for (const oldest of seen.keys()) if (seen.size > remembered) seen.delete(oldest);
    const how = approval === "human" ? waitsFor(id) : nextStep(status);
    const given = { ticket, expires: expires.toISOString(), ...(approval === "human" && { approval: id }), next: how };
    const answer = { ...plan, result: { ...(plan.result as Members), ...given } };
    const question = [summary.headline, ...summary.lines].join("\n");
    return status === "planned" || approval === "human" ? answer : { ...answer, pending: { ticket, question } };
  };

  const spend = async (call: Call, ticket: string): Promise<Consent> => {
    const { rehearsal, answer } = call;
    try {
      const { id, approved } = await tickets.spend(ticket, bondOf(call));
      const by = approved !== undefined ? "approval" : answer !== undefined ? "person" : "ticket";
      return { by, ticket_id: id, ...(approved && { who: approved.who }) };
    } catch (error) {
      if ((error as { flaw?: unknown }).flaw !== "changed" || rehearsal === undefined) throw error;
      const { change } = rehearsal;
      const before = seen.get(ticket);
      if (before !== undefined && fingerprint(call.entry, before) === fingerprint(call.entry, change.before)) {
        throw new AccessError(`${call.entry.name}: what this would do has changed since it was shown`, {
          kind: "conflict",
          next: "Nothing was sent. Something that the object names, or that names it, was changed: make the call without ticket and look again.",
          outcome: "not_sent",
        });
      }
      throw conflict(change, before, change.before);
    }
  };

  return async (call, next) => {
    const { rehearsal, control = {}, answer, caller } = call;
    // The steps of a plan are agreed to with it.
    if (rehearsal === undefined || call.consent !== undefined) return next(call);
    if (control.dry_run === true) return propose(call, "planned");
    if (answer !== undefined && !answer.yes) {
      await tickets.void(answer.ticket);
      return declined(call);
    }
    // A client that can ask a person does so: the agent alone cannot agree in that person's place.
    const asks = approval === "agent" && caller?.canAsk === true;
    const ticket = answer?.ticket ?? (asks ? undefined : control.ticket);
    if (ticket !== undefined) return next({ ...call, consent: await spend(call, ticket) });
    if (level === "never") return next({ ...call, consent: { by: "never" } });
    if (level === "risky" && rehearsal.risks.length === 0) return next({ ...call, consent: { by: "not_needed" } });
    return propose(call, "needs_confirmation");
  };
}

type Proposal = "planned" | "needs_confirmation";

const nextStep = (status: Proposal): string =>
  status === "planned"
    ? "Nothing was sent. To do exactly this, make the same call without dry_run and with this ticket, within ten minutes."
    : "Nothing was sent. Show a person what it does; when they agree, make the same call with this ticket, within ten minutes.";

const waitsFor = (id: string): string =>
  `Nothing was sent. A person has to run "cloudflare-access-mcp changes approve ${id}" on the machine of this server; then make the same call with this ticket, within ten minutes.`;

const declined = ({ entry }: Call): Outcome => ({
  result: {
    status: "declined",
    next: "A person said no; nothing was sent. Do not try it again unless a person asks for it.",
    operation: entry.name,
  },
  notes: [],
});

/** What a ticket for a call is bound to; flags that only say how to go about it are left out. */
export function bondOf({ entry, scope, caller, rehearsal, control = {}, given }: Call): Bond {
  const { ticket: _, dry_run: __, ...meant } = control;
  const change = rehearsal?.change;
  const assessment = rehearsal?.assessment;
  return {
    operation: entry.name,
    arguments: digest([given, meant]),
    account: canonical(scope ?? null),
    principal: caller?.principal ?? "local",
    object: change?.id ?? null,
    // What it was shown to do is part of it: an object that it names may have become another.
    digest: digest([
      // A plan has several objects, and is looked at as a whole.
      rehearsal?.written.digest_before ?? fingerprint(entry, change?.before) ?? null,
      assessment?.basis ?? null,
      assessment?.effect.reasons.map(({ code }) => code) ?? null,
    ]),
  };
}
