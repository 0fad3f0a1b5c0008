import { z } from "zod";
import applications from "../../access/applications/index.ts";
import userIdentity from "../../access/user-identity.ts";
import users from "../../access/users.ts";
import type { Call, Workshop } from "../../core/call.ts";
import type { Members } from "../../core/change.ts";
import { badInput } from "../../core/errors.ts";
import { type Operation, ownOperation } from "../../core/operation.ts";
import type { World } from "../../inventory/world.ts";
import { snapshot, type WorldFor, worldOf } from "../answers.ts";
import { explanationOf } from "../explain.ts";
import { textOf } from "../fields.ts";
import { askerCalled, facts, identityGiven, principal } from "../given.ts";
import { applicationMeant } from "../lookup.ts";
import { identityFrom, type Seen } from "../seen.ts";
import { named } from "../wording.ts";
import { asking, gateAt, remarksOn, withoutGate } from "./common.ts";
import { testedByCloudflare } from "./verify.ts";

const input = z.strictObject({
  principal,
  application: z.string().min(1).describe("Id, name or URL"),
  facts,
  last_login: z.boolean().optional().describe("Use its facts"),
  verify: z.boolean().optional().describe("By Cloudflare's policy test"),
  snapshot,
});

/** Whether somebody gets into an application, and why. */
export const explainAccess = (worldFor: WorldFor): Operation =>
  ownOperation({
    name: "explain_access",
    title: "Explain access",
    summary: "Whether a principal gets into an application or URL, which policy and rule decide, what would settle it.",
    effect: "read",
    input,
    output: z.looseObject({ says: z.string() }),
    async run(call, workshop) {
      const given = call.input as z.output<typeof input>;
      const world = await worldOf(worldFor, call, workshop);
      const [sought, asker] = await Promise.all([
        applicationMeant(given.application, world),
        askerCalled(given.principal, world),
      ]);
      const { application } = sought;
      const open = withoutGate(sought);
      const { kind, id, name } = asker;
      const principal = { kind, id, ...(name && { name }) };
      if (application === undefined || open !== undefined) {
        return { result: { ...open?.more, says: open?.verdict, principal }, notes: [] };
      }
      const gate = await gateAt(application, world);
      const seen = given.last_login === true ? await lastLogin(asker.id, given, world, call, workshop) : undefined;
      const identity = { ...seen?.identity, ...(await identityGiven(given.facts ?? {}, world)), ...asker.identity };
      const explanation = explanationOf(identity, gate);
      const canVerify = asker.kind === "person" && given.snapshot === undefined && gate.policies.length > 0;
      const isAsked = given.verify === true && canVerify;
      return {
        result: {
          ...explanation,
          principal,
          application: named(applications, application),
          ...(sought.match && { address: sought.match.address, answers: sought.match.why }),
          ...(seen && { facts_of_last_login: seen.identity, last_login_at: seen.at }),
          ...(isAsked && {
            policy_test: await testedByCloudflare(asker.id, explanation.allowed, gate, call, workshop),
          }),
        },
        notes: [
          ...remarksOn(application),
          ...(seen ? [`As of the last login, and maybe otherwise now: ${seen.approximate.join(", ")}.`] : []),
          ...(canVerify && !isAsked ? ["verify: true has Cloudflare's own policy test confirm it."] : []),
        ],
      };
    },
  });

/** What Cloudflare showed of a person at the last login. */
async function lastLogin(
  email: string,
  { snapshot }: { readonly snapshot?: string | undefined },
  world: World,
  call: Call,
  workshop: Workshop,
): Promise<{ readonly at: string | undefined } & Seen> {
  const ask = asking(call, workshop);
  const isIt = (user: Members) => textOf(user["email"]).toLowerCase() === email.toLowerCase();
  const known =
    snapshot === undefined
      ? ((await ask(users.verbs.list, { email })) as readonly Members[])
      : (await world.read(users)).items;
  const user_id = textOf(known.find(isIt)?.["id"]);
  const seen =
    user_id === ""
      ? undefined
      : snapshot === undefined
        ? ((await ask(userIdentity.verbs.get, { user_id })) as Members)
        : (await world.read(userIdentity)).items.find((one) => one["user_id"] === user_id);
  if (seen === undefined) {
    throw badInput(
      "last_login: nobody of that address is known to have logged in",
      "Leave last_login out, or give facts.",
    );
  }
  const at = Number(seen["iat"]);
  return { ...identityFrom(seen), at: at > 0 ? new Date(at * 1000).toISOString() : undefined };
}
