import type { Members } from "../../../core/change.ts";
import { membersOf } from "../../../simulator/fields.ts";
import type { Fix, Subject } from "../../check.ts";
import { type Estate, subject } from "../../estate.ts";

/** A policy as an application applies it. */
export interface Attached {
  readonly application: Members;
  /** Reusable ones as the account has them; only its id when nothing else is known. */
  readonly policy: Members;
  /** Where it stands in the application: `policies[1]`. */
  readonly field: string;
  /** Its place among the policies of the application, as links say it or else as they follow each other. */
  readonly precedence: number;
  readonly isReusable: boolean;
}

/** A policy of the account or of one application, with everything that it decides. */
export type Standing = Pick<Attached, "policy" | "isReusable"> & { readonly applications: readonly Members[] };

interface Index {
  readonly byApplication: ReadonlyMap<Members, readonly Attached[]>;
  readonly standings: ReadonlyMap<unknown, Standing>;
}

/** By the precedence of links; one without follows the one before it in the list. */
function inOrder(links: readonly Members[]): readonly Linked[] {
  let precedence = 0;
  const numbered = links.map((link, at) => {
    precedence = Number(link["precedence"] ?? precedence + 1);
    return { link, field: `policies[${at}]`, precedence };
  });
  return numbered.toSorted((one, other) => one.precedence - other.precedence);
}

type Linked = Pick<Attached, "field" | "precedence"> & { readonly link: Members };

function index(estate: Estate): Index {
  const known = estate.known("policies");
  const resolved = (application: Members, { link, ...place }: Linked): readonly Attached[] => {
    const shared = link["reusable"] === false ? undefined : estate.find("policies", link["id"]);
    // A copy of a reusable policy that is no more.
    if (known !== undefined && shared === undefined && link["reusable"] === true) return [];
    const isReusable = shared !== undefined || (known === undefined && link["reusable"] !== false);
    // The very same object everywhere, so that what is found out about it is found out once.
    return [{ application, policy: shared ?? link, ...place, isReusable }];
  };
  const byApplication = new Map<Members, readonly Attached[]>();
  const standings = new Map<unknown, { policy: Members; isReusable: boolean; applications: Members[] }>();
  for (const policy of estate.items("policies")) {
    standings.set(policy["id"], { policy, isReusable: true, applications: [] });
  }
  for (const application of estate.items("applications")) {
    const given: readonly unknown[] = Array.isArray(application["policies"]) ? application["policies"] : [];
    const links = given.map((link) => (typeof link === "string" ? { id: link } : membersOf(link)));
    const attached = inOrder(links).flatMap((link) => resolved(application, link));
    byApplication.set(application, attached);
    for (const { policy, isReusable } of attached) {
      const key = policy["id"] ?? policy;
      const standing = standings.get(key);
      if (standing === undefined) standings.set(key, { policy, isReusable, applications: [application] });
      else if (standing.applications.at(-1) !== application) standing.applications.push(application);
    }
  }
  return { byApplication, standings };
}

/** The policies of an application in the order of their precedence. */
export const policiesOn = (estate: Estate, application: Members): readonly Attached[] =>
  estate.once(index).byApplication.get(application) ?? [];

/** Every policy once: the reusable ones, attached or not, then those of single applications. */
export const everyPolicy = (estate: Estate): Iterable<Standing> => estate.once(index).standings.values();

/** Applications as findings name them. */
export const applicationSubjects = (applications: readonly Members[]): readonly Subject[] =>
  applications.map((application) => subject("applications", application));

/** A policy as findings name it: reusable, or of one application. */
export const policySubject = ({ policy, isReusable }: Pick<Attached, "policy" | "isReusable">): Subject =>
  isReusable ? subject("policies", policy) : { ...subject("policies", policy), noun: "application policy" };

/** The call that changes some fields of a policy where it stands. */
export function policyFix(
  { policy, isReusable, applications }: Standing,
  changes: Members,
  choose?: Fix["choose"],
): Fix {
  const place = isReusable ? {} : { app_id: applications[0]?.["id"] };
  const operation = isReusable ? "update_policy" : "update_application_policy";
  const steps = [{ operation, arguments: { ...place, policy_id: policy["id"], ...changes } }];
  return choose === undefined ? { steps } : { steps, choose };
}
