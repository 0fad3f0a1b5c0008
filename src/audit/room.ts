import { z } from "zod";
import type { Call, Outcome, Workshop } from "../core/call.ts";
import type { Members } from "../core/change.ts";
import { offsetOf } from "../core/cursor.ts";
import { AccessError, badInput } from "../core/errors.ts";
import { didYouMean } from "../core/nearest.ts";
import { ownOperation } from "../core/operation.ts";
import { type Room, room } from "../core/room.ts";
import type { DatasetName } from "../inventory/datasets.ts";
import type { Take } from "../inventory/source.ts";
import { textOf } from "../simulator/fields.ts";
import type { Applied } from "./baseline.ts";
import { type Check, severities } from "./check.ts";
import { checks } from "./checks/index.ts";
import { type Audit, audit, type Finding } from "./engine.ts";
import { proposal } from "./fix.ts";
import { countsOf, gapsIn, lineOf, verdictOf, wholeOf } from "./told.ts";

export interface AuditParts {
  readonly take: Take;
  /** Sorts out what the operator has accepted; nothing when absent. */
  readonly accept?: ((audit: Audit) => Promise<Applied>) | undefined;
}

const familyOf = ({ id }: Check): string => id.split("-")[0] ?? "";

/** The checks of a family, or all. */
function checksOf(family: unknown): readonly Check[] {
  const chosen = checks.filter((check) => family === undefined || familyOf(check) === family);
  if (chosen.length > 0) return chosen;
  const names = [...new Set(checks.map(familyOf))];
  throw badInput(`family: one of ${names.join(", ")}${didYouMean(textOf(family), names)}`, "Call again with another.");
}

const snapshot = z.string().optional().describe("Name of an exported snapshot, instead of the live account");
const finding_id = z
  .string()
  .regex(/^[A-Z]{3}-\d{2}:[0-9a-f]{12}$/, "an id like POL-01:3f2a9c1e77b0, from audit_account")
  .describe("From audit_account");

/** Worst findings that an answer shows when nobody says how many. */
const usual = 10;

/** The datasets that some checks look at. */
export const datasetsFor = (chosen: readonly Check[]): readonly DatasetName[] => [
  ...new Set(chosen.flatMap(({ reads, also = [] }) => [...reads, ...also])),
];

/** Where nobody accepted anything. */
const nothingAccepted = async (audit: Audit): Promise<Applied> => ({ audit, accepted: [], remarks: [] });

/** What is wrong with the account, and what puts it right. */
export function auditing({ take, accept = nothingAccepted }: AuditParts): Room {
  const look = async (
    call: Call,
    workshop: Workshop,
    chosen: readonly Check[],
    more: readonly DatasetName[] = [],
  ): Promise<Applied> => {
    const datasets = [...new Set([...datasetsFor(chosen), ...more])];
    const { inventory, account_id, taken_at } = await take(call, workshop, {
      datasets,
      snapshot: textOf(call.input["snapshot"]) || undefined,
    });
    return accept(audit(chosen, inventory, { account_id, now: Date.parse(taken_at) }));
  };

  /** The finding of a call, looked for anew: what is wrong now counts, not what was. */
  const findingOf = async (call: Call, workshop: Workshop): Promise<Finding> => {
    const id = textOf(call.input["finding_id"]);
    const [own] = checks.filter((check) => check.id === id.split(":")[0]);
    if (own === undefined) {
      const known = checks.map((check) => check.id);
      throw badInput(
        `there is no check ${id.split(":")[0]}${didYouMean(id, known)}`,
        "Take the id from audit_account.",
      );
    }
    const { results, findings } = (await look(call, workshop, [own])).audit;
    const found = findings.find((one) => one.id === id);
    if (found !== undefined) return found;
    const [why] = results.flatMap((result) => (result.status === "unknown" ? [result.why] : []));
    throw new AccessError(`${id} is not found: ${why ?? "it is put right by now, accepted, or of another account"}`, {
      kind: "not_found",
      next: "Run audit_account again.",
      outcome: "not_done",
    });
  };

  const run = ownOperation({
    name: "audit_account",
    title: "Audit account",
    summary: "Find what is wrong with Access here: 91 checks, worst findings first, each with evidence and a fix.",
    effect: "read",
    answers: "list",
    input: z.strictObject({
      severity: z.enum(severities).optional().describe("Only this bad or worse"),
      family: z.string().optional().describe("APP, POL, GRP, TOK, IDP, MCP…"),
      application: z.string().optional().describe("Only about this application, id or name"),
      tag: z.string().optional(),
      snapshot,
    }),
    output: z.looseObject({ id: z.string(), severity: z.string(), title: z.string(), says: z.string() }),
    async run(call, workshop): Promise<Outcome> {
      const { family, severity, tag, application } = call.input;
      const chosen = checksOf(family);
      const narrowed = tag !== undefined || application !== undefined;
      const more: readonly DatasetName[] = narrowed ? ["applications"] : [];
      const { audit: told, accepted, remarks } = await look(call, workshop, chosen, more);
      const least = severity === undefined ? severities.length : severities.indexOf(severity as never) + 1;
      const wanted = severities.slice(0, least);
      const meant = narrowed ? applicationsMeant(told, textOf(application), textOf(tag)) : undefined;
      const findings = spread(
        told.findings.filter((one) => wanted.includes(one.severity) && (meant === undefined || concerns(one, meant))),
      );
      const offset = offsetOf(call);
      const { all, limit = usual } = call.view;
      const items = findings.slice(offset, all === true ? undefined : offset + limit);
      const gaps = gapsIn(told.inventory);
      const isWhole = call.view.fields?.includes("*");
      return {
        result: items.map((one) => (isWhole ? wholeOf(one) : lineOf(one))),
        list: {
          offset,
          total: findings.length,
          steady: true,
          ended: offset + items.length >= findings.length,
          head: {
            verdict: verdictOf({ ...told, findings }),
            counts: countsOf(findings),
            taken_at: told.taken_at,
            ...(accepted.length > 0 && { accepted: accepted.length }),
            ...(gaps.length > 0 && { not_read_whole: gaps }),
          },
        },
        notes: remarks,
      };
    },
  });

  const explain = ownOperation({
    name: "explain_finding",
    title: "Explain finding",
    summary: "One finding of an audit in full: evidence, why it matters, when it is no mistake, the fix.",
    effect: "read",
    input: z.strictObject({ finding_id, snapshot }),
    output: z.looseObject({ id: z.string() }),
    run: async (call, workshop) => ({ result: wholeOf(await findingOf(call, workshop)), notes: [] }),
  });

  const fix = ownOperation({
    name: "fix_finding",
    title: "Fix finding",
    summary: "The change that puts a finding right, rehearsed; nothing is changed until you make the call it names.",
    effect: "read",
    input: z.strictObject({
      finding_id,
      choose: z.record(z.string(), z.unknown()).optional().describe("What the owner chose, by argument"),
    }),
    output: z.looseObject({ operation: z.string() }),
    async run(call, workshop) {
      const finding = await findingOf(call, workshop);
      return proposal(finding, (call.input["choose"] ?? {}) as Members, call, workshop);
    },
  });

  return room({
    noun: "finding",
    toolset: "audit",
    key: "id",
    permission: null,
    columns: ["id", "severity", "certain", "title", "object", "says", "field", "fixable"],
    everyday: ["audit"],
    verbs: { audit: run, explain, fix },
  });
}

/** The applications that a filter names; a name that is none of theirs is refused, since nothing found would read as nothing wrong. */
function applicationsMeant({ inventory }: Audit, application: string, tag: string): ReadonlySet<string> {
  const { state, items = [], why = "it could not be read" } = inventory.applications ?? {};
  if (state !== "ok" && state !== "partial") {
    throw badInput(`application, tag: they cannot be looked up: ${why}`, "Leave the filter out.");
  }
  const named = items.filter(({ id, name }) => application === "" || id === application || name === application);
  const tagged = named.filter(({ tags }) => tag === "" || (Array.isArray(tags) && tags.includes(tag)));
  if (named.length === 0) {
    const names = items.map(({ name }) => textOf(name));
    throw badInput(
      `application: there is none of that id or name${didYouMean(application, names)}`,
      "See list_applications.",
    );
  }
  if (tagged.length === 0) {
    const tags = items.flatMap(({ tags }) => (Array.isArray(tags) ? tags.map(textOf) : []));
    throw badInput(`tag: no such application has it${didYouMean(tag, tags)}`, "See list_tags.");
  }
  return new Set(tagged.map(({ id }) => textOf(id)));
}

const concerns = ({ subject, related = [] }: Finding, applications: ReadonlySet<string>): boolean =>
  [subject, ...related].some(({ noun, id }) => noun === "application" && applications.has(id));

/** Of those that are equally bad the first of each kind, then the second of each: the first ten shall tell the most. */
function spread(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Map<string, number>();
  const ranked = findings.map((finding) => {
    const kind = `${finding.severity} ${finding.check.id}`;
    const turn = seen.get(kind) ?? 0;
    seen.set(kind, turn + 1);
    return { finding, turn, rank: severities.indexOf(finding.severity) };
  });
  return ranked.toSorted((one, other) => one.rank - other.rank || one.turn - other.turn).map(({ finding }) => finding);
}
