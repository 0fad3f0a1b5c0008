import { writeFile } from "node:fs/promises";
import { type Applied, apply, type Baseline, baselineText, readBaseline } from "../../audit/baseline.ts";
import type { Severity } from "../../audit/check.ts";
import { checks } from "../../audit/checks/index.ts";
import { type Audit, audit } from "../../audit/engine.ts";
import { estateOf } from "../../audit/estate.ts";
import { type FormatName, formats } from "../../audit/report/index.ts";
import { concise } from "../../audit/report/markdown.ts";
import type { Report } from "../../audit/report/report.ts";
import { exitCodeOf } from "../../audit/verdict.ts";
import { datasetNames } from "../../inventory/holdings.ts";
import type { Taken } from "../../inventory/source.ts";
import { taking } from "../../inventory/take.ts";
import { textOf } from "../../simulator/fields.ts";
import { reachOf } from "../../simulator/who.ts";
import { baselineFile } from "../baseline-file.ts";
import { CommandError } from "../command-error.ts";
import { version } from "../version.ts";
import { makeFolder, notWritten, writeIn } from "./report-folder.ts";
import type { QuestionRequest } from "./request.ts";
import type { Session } from "./session.ts";

/** Reports what is wrong with the account; answers the exit code. */
export async function report(session: Session, { flags }: QuestionRequest): Promise<number> {
  const file = session.values.baseline;
  const alone = ["accept", "new-only"].find((name) => file === undefined && flags.has(name));
  if (alone !== undefined) throw new CommandError("usage", `--${alone} needs --baseline FILE`);
  const accept = flags.get("accept");
  const baseline = file === undefined ? undefined : await baselineFile(file, accept !== undefined);
  const folder = flags.get("output-dir");
  // An audit takes a while: what cannot be written is better told before.
  if (folder !== undefined) await makeFolder(folder);
  const taken = await session.work((call, workshop) =>
    taking(session.snapshots)(call, workshop, { datasets: datasetNames, ...session.source }),
  );
  const now = Date.parse(taken.taken_at);
  refuseNothing(taken);
  const found = audit(checks, taken.inventory, { account_id: taken.account_id, now });
  const accepted =
    accept === undefined || file === undefined ? baseline : await acceptAll(file, found, baseline, flags);
  const applied = apply(found, accepted ?? { accepted: [] }, Date.now());
  const told = reportOf(applied, taken, flags.has("new-only"));
  const format = (flags.get("format") ?? "md") as FormatName;
  if (folder !== undefined) await writeAll(told, folder);
  else if (format === "md" && !flags.has("detailed")) process.stdout.write(shortReport(told));
  else process.stdout.write(formats[format](told));
  return exitCodeOf(told.audit, (flags.get("fail-on") ?? "high") as Severity);
}

/** What is printed when nobody asks for more. */
export function shortReport(told: Report): string {
  const isWhole = told.audit.results.every(({ status }) => status !== "unknown");
  return `${concise(told, "--detailed shows all.")}${isWhole ? "" : "\n--detailed shows which checks have no answer, and why.\n"}`;
}

/** Where nothing at all could be read there is no audit to report. */
function refuseNothing({ inventory }: Taken): void {
  const all = Object.values(inventory);
  const [first] = all;
  if (first === undefined || all.some(({ state }) => state !== "failed" && state !== "forbidden")) return;
  const reason = all.some(({ state }) => state === "forbidden") ? "auth" : "unreachable";
  throw new CommandError(reason, `audit: nothing could be read: ${first.why}`);
}

/** Accepts everything that was found, so that from now on only what is new is told. */
async function acceptAll(file: string, found: Audit, before: Baseline | undefined, flags: QuestionRequest["flags"]) {
  const [reason = "", expires = ""] = ["accept", "until"].map((name) => flags.get(name));
  const text = baselineText(found, { reason, expires }, before && { baseline: before, now: Date.now() });
  await writeFile(file, text).catch((error: unknown) => {
    throw notWritten("baseline", file, error);
  });
  process.stderr.write(`cloudflare-access-mcp: ${found.findings.length} findings are accepted in ${file}\n`);
  return readBaseline(text);
}

/** Everything that a report of an audit tells. */
export function reportOf(
  { audit, accepted, remarks }: Applied,
  { inventory, account_id }: Taken,
  newOnly: boolean,
): Report {
  const [organization] = inventory.organization?.items ?? [];
  const { account } = estateOf(inventory, Date.parse(audit.taken_at));
  return {
    title: textOf(organization?.["name"]) || account_id,
    version,
    audit,
    accepted: newOnly ? [] : accepted,
    remarks,
    reach: (inventory.applications?.items ?? []).map((application) => reachOf(application, account)),
  };
}

/** Every form into one folder; whoever runs it by the clock gets the newest under the same names. */
async function writeAll(told: Report, folder: string): Promise<void> {
  for (const [ending, format] of Object.entries(formats)) {
    await writeIn(folder, `audit.${ending === "junit" ? "junit.xml" : ending}`, format(told));
  }
}
