import { z } from "zod";
import applications from "../../access/applications/index.ts";
import organizations from "../../access/organization.ts";
import type { Members } from "../../core/change.ts";
import { type Operation, ownOperation } from "../../core/operation.ts";
import { accountOf } from "../account.ts";
import { listed, snapshot, type WorldFor, worldOf } from "../answers.ts";
import { matchUrl, type UrlMatch } from "../matching.ts";
import type { Place } from "../places.ts";
import { named } from "../wording.ts";

const input = z.strictObject({
  urls: z.array(z.string().min(1)).min(1).max(100),
  snapshot,
});

/** Which application answers for addresses, and which of them nothing protects. */
export const matchUrls = (worldFor: WorldFor): Operation =>
  ownOperation({
    name: "match_url",
    title: "Match URL",
    summary: "Which application answers for each URL and why, and which URLs nothing protects.",
    effect: "read",
    answers: "list",
    input,
    output: z.looseObject({ url: z.string(), protected: z.string() }),
    async run(call, workshop) {
      const { urls } = call.input as z.output<typeof input>;
      const world = await worldOf(worldFor, call, workshop);
      const account = await accountOf(world, [applications, organizations]);
      const rows = urls.map((url) => rowOf(url, matchUrl(url, account)));
      const having = (word: Protected) => rows.filter((row) => row.protected === word).length;
      const head = {
        verdict: `Of ${rows.length} URLs ${having("no")} are open to everybody, ${having("unknown")} cannot be told.`,
        counts: { yes: having("yes"), no: having("no"), unknown: having("unknown") },
      };
      return listed(call, head, rows);
    },
  });

type Protected = "yes" | "no" | "unknown";

const unmatched = { open: "no", exempt: "no", denied: "yes", unknown: "unknown" } as const;

function rowOf(url: string, match: UrlMatch): Members & { readonly protected: Protected } {
  const { address, answers, ambiguous, certain, why, beaten, privately, open } = match;
  const isOpen = open !== undefined;
  const [answer] = answers;
  const word = answer === undefined ? unmatched[match.unmatched ?? "unknown"] : isOpen ? "no" : "yes";
  return {
    url,
    protected: word,
    ...(answer !== undefined && !ambiguous && { application: of(answer) }),
    ...(ambiguous && { one_of: answers.map(of) }),
    ...(isOpen && { override: open }),
    certain,
    why,
    address,
    ...(beaten.length > 0 && { passed_over: beaten.map(of) }),
    ...(privately.length > 0 && { through_client: privately.map(of) }),
  };
}

const of = ({ application, text, field }: Place): Members => {
  const { id, name } = named(applications, application);
  return { id, name, destination: text, field };
};
