import { loadEngine } from "../../src/main/engine.ts";
import { readSettings } from "../../src/main/settings.ts";
import { toolsOver } from "./plans.ts";

/** Where a process works: a pretend Cloudflare on the wire, and a folder for its state. */
export interface PlanPlace {
  readonly url: string;
  readonly accountId: string;
  readonly token: string;
  readonly folder: string;
}

/** A whole engine with tools in front of it, nobody being asked for anything. */
export async function engineAt({ url, accountId, token, folder }: PlanPlace) {
  const engine = await loadEngine({
    values: readSettings(
      new Map([
        ["state", folder],
        ["confirm", "never"],
      ]),
      {},
    ),
    environment: {},
    cloudflare: { credentials: { kind: "token", token }, baseUrl: new URL(url), accountId, warnings: [] },
    pinned: true,
    rules: undefined,
    transport: "test",
  });
  return { ...toolsOver(engine), close: () => engine.close() };
}

// Run as a process of its own it makes one plan, and is killed over it.
const [, script = "", task] = process.argv;
if (script.endsWith("plan-process.ts") && task !== undefined) {
  const { place, changes } = JSON.parse(task) as { place: PlanPlace; changes: readonly unknown[] };
  const engine = await engineAt(place);
  process.stdout.write(JSON.stringify(await engine.plan(changes)));
  await engine.close();
}
