import { z } from "zod";
import { type Operation, ownOperation } from "../../core/operation.ts";
import { listed, snapshot, type WorldFor, worldOf } from "../answers.ts";
import { decisiveRooms } from "../evaluate.ts";
import { askerCalled, facts, identityGiven, principal } from "../given.ts";
import { type Reached, reachableRooms, reachedBy } from "../what.ts";
import { accountFor } from "./common.ts";

const input = z.strictObject({
  principal,
  facts,
  reaches: z.enum(["yes", "no", "depends"]).optional().describe("yes and depends when absent"),
  snapshot,
});

/** What one principal reaches. */
export const whatCanAccess = (worldFor: WorldFor): Operation =>
  ownOperation({
    name: "what_can_access",
    title: "What can access",
    summary: "Everything one person, token or certificate reaches: applications, targets, MCP servers; yes or depends.",
    effect: "read",
    answers: "list",
    input,
    output: z.looseObject({ noun: z.string(), id: z.string(), reaches: z.string() }),
    async run(call, workshop) {
      const given = call.input as z.output<typeof input>;
      const world = await worldOf(worldFor, call, workshop);
      const asker = await askerCalled(given.principal, world);
      const identity = { ...(await identityGiven(given.facts ?? {}, world)), ...asker.identity };
      const account = await accountFor(world, reachableRooms);
      const reached = reachedBy(identity, account);
      const count = (word: Reached["reaches"]) => reached.filter(({ reaches }) => reaches === word).length;
      const counts = { yes: count("yes"), depends: count("depends"), no: count("no") };
      const unread = [...decisiveRooms, ...reachableRooms].filter(
        (room) => room.within === undefined && account.all(room) === undefined,
      );
      const { kind, id, name } = asker;
      const head = {
        verdict: `Of ${reached.length} applications, targets and MCP servers ${counts.yes} can be reached, ${counts.depends} under conditions that are not known.`,
        principal: { kind, id, ...(name && { name }) },
        counts,
        ...(unread.length > 0 && { unread: unread.map(({ noun }) => noun) }),
      };
      const wanted = given.reaches === undefined ? ["yes", "depends"] : [given.reaches];
      const rows = wanted.flatMap((word) => reached.filter(({ reaches }) => reaches === word));
      return listed(
        call,
        head,
        rows.map((row) => ({ ...row })),
      );
    },
  });
