import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { AuditRun } from "./audit-run.ts";
import { bundled } from "./bundle.ts";
import type { Figure } from "./measure.ts";

/** Multiples of 500 applications, 2,000 policies, 200 groups and 2,000 users. */
const scales = [1, 2, 5, 10] as const;

/** Checks and questions on accounts of 500 to 5,000 applications, each in a process of its own. */
export async function auditFigures(): Promise<Figure[]> {
  return bundled("audit-run.ts", async (script) => {
    const runs: AuditRun[] = [];
    for (const scale of scales) {
      const { stdout } = await promisify(execFile)(process.execPath, [script, String(scale)]);
      runs.push(JSON.parse(stdout));
    }
    const [least, most] = [runs.at(0), runs.at(-1)];
    if (least === undefined || most === undefined) throw new Error("nothing was run");
    const steady = ({ applications }: AuditRun) => applications * Math.log(applications);
    return [
      ...runs.map(({ applications, checks }) => figure(`all checks, ${applications} applications`, checks, "ms")),
      { ...figure(`all checks, ${most.applications} applications, at most`, most.checks, "ms"), goal: { most: 1500 } },
      { ...figure("the process that runs them, account included", most.megabytes, "MB"), goal: { most: 400 } },
      { ...figure("explain_access, median", most.explain, "ms"), goal: { most: 5 } },
      { ...figure("who_can_access for one application, 20,000 users", most.who, "ms"), goal: { most: 50 } },
      {
        ...figure("growth of all checks", most.checks / least.checks, "times"),
        peer: { name: "n log n", value: steady(most) / steady(least) },
        goal: { most: 1 },
      },
    ];
  });
}

const figure = (name: string, value: number, unit: string): Figure => ({ name, value, unit });
