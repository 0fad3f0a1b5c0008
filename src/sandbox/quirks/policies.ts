import { invalid, notFound } from "../envelope.ts";
import { type Row, rowsOf, textOf } from "../store.ts";
import { paged } from "../verbs.ts";
import { inAccount, type Question, type Quirks, timestamp, type World } from "../world.ts";
import { checkRules } from "./rules.ts";

/** How an application names one of its policies; in the order of precedence. */
interface Link extends Row {
  readonly id: string;
  readonly precedence: number;
}

const reusable = "access/policies";
const linksOf = (application: Row): Link[] => rowsOf(application["policies"]) as Link[];
const ownOf = (scope: string, applicationId: string) => `${scope}/access/apps/${applicationId}/policies`;

const applicationsOf = ({ store, accountId, zoneId }: World) =>
  [`accounts/${accountId}`, `zones/${zoneId}`].flatMap((scope) => store.rows(`${scope}/access/apps`));

const applicationsUsing = (world: World, policyId: string) =>
  applicationsOf(world).filter((application) => linksOf(application).some(({ id }) => id === policyId));

/** The policies of an application in full: its own and the reusable ones it is linked to. */
export function expandPolicies(application: Row, scope: string, world: World): Row[] {
  const own = ownOf(scope, textOf(application["id"]));
  return linksOf(application).flatMap(({ id, precedence }) => {
    const mine = world.store.find(own, id);
    const policy = mine ?? world.store.find(inAccount(world, reusable), id);
    return policy === undefined ? [] : [{ ...policy, precedence, reusable: mine === undefined }];
  });
}

function checkPrecedences(links: readonly Link[]): void {
  if (new Set(links.map(({ precedence }) => precedence)).size < links.length) {
    throw invalid("policy precedences must be unique");
  }
}

/**
 * Ties an application to the policies a caller sent (semantics: terraform-provider-cloudflare normalizations): an id or
 * `{id, precedence}` links, a whole policy becomes the application's own, and own policies that are no longer named are
 * destroyed. Without `sent` the links stay as they are.
 */
export function attachPolicies(
  applicationId: string,
  sent: unknown,
  before: Row | undefined,
  question: Question,
): Link[] {
  if (sent === undefined || sent === null) return before === undefined ? [] : linksOf(before);
  const { world, scope } = question;
  const { store, random } = world;
  const own = ownOf(scope, applicationId);
  const time = timestamp(world);
  const made: Row[] = [];
  let last = 0;

  const links = (Array.isArray(sent) ? sent : []).map((item: unknown): Link => {
    const asked: Row = typeof item === "string" ? { id: item } : { ...(item as Row) };
    const { precedence = last + 1, account_id: _, ...policy } = asked as Row & { precedence?: number };
    last = precedence;
    const existing = store.find(own, textOf(policy["id"]));
    if (policy["decision"] === undefined) {
      const id = textOf(policy["id"]);
      if (existing === undefined && store.find(inAccount(world, reusable), id) === undefined) {
        throw invalid(`policy ${id} does not exist`);
      }
      return { id, precedence };
    }
    checkRules(policy, question);
    const id = existing === undefined ? random.uuid() : textOf(existing["id"]);
    made.push({ ...policy, id, created_at: existing?.["created_at"] ?? time, updated_at: time });
    return { id, precedence };
  });
  checkPrecedences(links);

  for (const policy of made) store.keep(own, textOf(policy["id"]), policy);
  for (const { id } of store.rows(own)) {
    if (!links.some((link) => link.id === id)) store.remove(own, textOf(id));
  }
  return links.toSorted((a, b) => a.precedence - b.precedence);
}

/** The application that the path of an application policy goes through. */
function applicationOf({ world, scope, ids }: Question): Row {
  const application = world.store.find(`${scope}/access/apps`, ids["app_id"] ?? "");
  if (application === undefined) throw notFound("application");
  return application;
}

const expanded = (question: Question) => expandPolicies(applicationOf(question), question.scope, question.world);

export const policyQuirks: Quirks = {
  resources: {
    [reusable]: {
      write: (draft, question) => {
        checkRules(draft, question);
        return { session_duration: "24h", ...draft, reusable: true };
      },
      show: (policy, { world }) => ({
        ...policy,
        app_count: applicationsUsing(world, textOf(policy["id"])).length,
      }),
      remove: (policy, { world }) => {
        const users = applicationsUsing(world, textOf(policy["id"]));
        if (users.length > 0) {
          throw invalid(`policy is in use by ${users.length} application(s): detach it from all applications first`);
        }
      },
    },
    "access/apps/{app_id}/policies": {
      write: (draft, question) => {
        checkRules(draft, question);
        const application = applicationOf(question);
        const others = linksOf(application).filter(({ id }) => id !== draft["id"]);
        const present = linksOf(application).find(({ id }) => id === draft["id"])?.precedence;
        const free = Math.max(0, ...others.map(({ precedence }) => precedence)) + 1;
        const { precedence = present ?? free, ...policy } = draft as Row & { precedence?: number };
        const links = [...others, { id: textOf(draft["id"]), precedence }];
        checkPrecedences(links);
        if (application["type"] === "infrastructure" && policy["decision"] !== "allow") {
          throw invalid("infrastructure application policies can only use the allow action");
        }
        application["policies"] = links.toSorted((a, b) => a.precedence - b.precedence);
        return policy;
      },
      show: (policy, question) => ({
        ...policy,
        precedence: linksOf(applicationOf(question)).find(({ id }) => id === policy["id"])?.precedence,
        reusable: false,
      }),
      remove: (policy, question) => {
        const application = applicationOf(question);
        application["policies"] = linksOf(application).filter(({ id }) => id !== policy["id"]);
      },
    },
  },
  operations: {
    list_application_policies: (question) => paged(expanded(question), question),
    get_application_policy: (question) => {
      const policy = expanded(question).find(({ id }) => id === question.id);
      if (policy === undefined) throw notFound(question.entry.room.noun);
      return { result: policy };
    },
  },
};
