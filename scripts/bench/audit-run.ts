import { checks } from "../../src/audit/checks/index.ts";
import { audit } from "../../src/audit/engine.ts";
import { estateOf } from "../../src/audit/estate.ts";
import { inventoryOf } from "../../src/inventory/holdings.ts";
import { gateIn } from "../../src/simulator/evaluate.ts";
import { explanationOf } from "../../src/simulator/explain.ts";
import { standingsOf } from "../../src/simulator/people.ts";
import { reachOf } from "../../src/simulator/who.ts";
import { bigAccount } from "../../test/support/big-account.ts";
import { lookedAt } from "../../test/support/big-company.ts";
import { median } from "./measure.ts";

/** What one process measures at one scale; times in milliseconds. */
export interface AuditRun {
  readonly applications: number;
  readonly checks: number;
  readonly findings: number;
  readonly explain: number;
  readonly who: number;
  /** Peak of the whole process, account included. */
  readonly megabytes: number;
}

const timed = <T>(work: () => T): readonly [T, number] => {
  const start = performance.now();
  const made = work();
  return [made, performance.now() - start];
};

const inventory = inventoryOf(JSON.parse(JSON.stringify(bigAccount(Number(process.argv[2])))));
// The first run, as a command makes it: nothing is warm.
const [{ findings }, all] = timed(() => audit(checks, inventory, { account_id: "bench", now: lookedAt }));
const megabytes = process.resourceUsage().maxRSS / 1024;

const { account, items } = estateOf(inventory, lookedAt);
const [applications, users] = [items("applications"), items("users")];
const some = Array.from({ length: 200 }, (_, at) => applications[(at * 37) % applications.length] ?? {});
const explained = some.map((application, at) => {
  const email = String(users[(at * 101) % users.length]?.["email"]);
  return timed(() => explanationOf({ email }, gateIn(application, account)))[1];
});
const asked = some.slice(0, 40).map(
  (application) =>
    timed(() => {
      const gate = gateIn(application, account);
      return [reachOf(application, account), standingsOf(users, gate)];
    })[1],
);
const run: AuditRun = {
  applications: applications.length,
  checks: all,
  findings: findings.length,
  explain: median(explained),
  who: median(asked),
  megabytes,
};
process.stdout.write(JSON.stringify(run));
