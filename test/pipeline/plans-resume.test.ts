import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it, onTestFinished, vi } from "vitest";
import type { Members } from "../../src/core/change.ts";
import { createSandbox, type Sandbox } from "../../src/sandbox/index.ts";
import { listen } from "../../src/sandbox/listen.ts";
import { engineAt, type PlanPlace } from "../support/plan-process.ts";
import { type PlanServer, planServer, rowsOf, type Said, writesOf } from "../support/plans.ts";
import { stateFolder } from "../support/safe.ts";

const isLong = process.env["LONG"] === "1";
const rule = { email: { email: "ada@example.com" } };
const group = (name: string) => ({ operation: "create_group", arguments: { name, include: [rule] } });
const rename = (id: unknown, name: string) => ({ operation: "update_group", arguments: { group_id: id, name } });
const stepsOf = (content: Members) => content["steps"] as readonly Members[];
const names = (sandbox: Sandbox, collection: string) => rowsOf(sandbox, collection).map(({ name }) => name);

const planOf = (sales: unknown) => [
  group("Crew"),
  rename(sales, "Vendors"),
  {
    operation: "create_policy",
    arguments: { name: "Crew only", decision: "allow", include: [{ group: { id: "$1.id" } }] },
  },
  rename("$1.id", "Whole crew"),
  group("Guests"),
];

/** A pretend Cloudflare that kills whoever makes the nth write, before it is carried out or before it is answered. */
async function deadly(nth: number, at: "before" | "unanswered") {
  const sandbox = createSandbox({ rateLimit: { limit: 1e9, window: 1 } });
  let victim: (() => void) | undefined;
  let seen = 0;
  const react: Sandbox["react"] = async (incoming) => {
    if (incoming.method === "GET" || victim === undefined || ++seen !== nth) return sandbox.react(incoming);
    if (at === "unanswered") await sandbox.react(incoming);
    victim();
    victim = undefined;
    return { kind: "reset" };
  };
  const { url, close } = await listen({ ...sandbox, react }, { port: 0 });
  afterAll(close);
  const place: PlanPlace = { url, accountId: sandbox.accountId, token: sandbox.token, folder: stateFolder() };
  return {
    sandbox,
    place,
    async dieOver(changes: readonly unknown[]) {
      const script = fileURLToPath(new URL("../support/plan-process.ts", import.meta.url));
      const task = JSON.stringify({ place, changes });
      const child = spawn(process.execPath, ["--import", "tsx", script, task], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      victim = () => child.kill("SIGKILL");
      const [, signal] = await once(child, "close");
      expect(signal).toBe("SIGKILL");
    },
  };
}

/** What is said once nobody is at work any more on what it is about. */
async function settled(say: () => Promise<Said>): Promise<Said> {
  for (let tries = 0; ; tries++) {
    const said = await say();
    if (said.content["kind"] !== "unavailable" || tries === 300) return said;
    expect(said.content["retry_after_seconds"]).toBeGreaterThan(0);
    await pause(100);
  }
}

/** The only plan that the journal knows. */
async function planIn(engine: Awaited<ReturnType<typeof engineAt>>): Promise<Members> {
  const { content } = await engine.tool("list_changes", { operation: "plan_changes" });
  const [plan = {}] = content["items"] as readonly Members[];
  return plan;
}

describe("a plan whose process was killed", () => {
  const points: readonly (readonly [number, "before" | "unanswered"])[] = isLong
    ? [1, 2, 3, 4, 5].flatMap((nth) => [[nth, "before"] as const, [nth, "unanswered"] as const])
    : [
        [1, "unanswered"],
        [3, "unanswered"],
      ];

  it.each(points)("over write %i, %s, is gone on with, nothing done twice", { timeout: 60_000 }, async (nth, at) => {
    const { sandbox, place, dieOver } = await deadly(nth, at);
    const sales = rowsOf(sandbox, "groups").find(({ name }) => name === "Sales")?.["id"];
    await dieOver(planOf(sales));
    const engine = await engineAt(place);
    const plan = await planIn(engine);
    expect(plan).toMatchObject({ status: "open" });
    const { id } = plan["plan"] as Members;

    const said = await settled(() => engine.tool("plan_changes", { resume: id }));
    expect(said.content).toMatchObject({ status: "done", plan: id, _change_id: plan["id"] });
    expect(stepsOf(said.content).map(({ step }) => step)).toEqual([1, 2, 3, 4, 5]);
    expect(
      names(sandbox, "groups").filter((name) => ["Crew", "Whole crew", "Guests", "Sales"].includes(String(name))),
    ).toEqual(["Whole crew", "Guests"]);
    const crew = rowsOf(sandbox, "groups").find(({ name }) => name === "Whole crew")?.["id"];
    expect(rowsOf(sandbox, "policies").filter(({ name }) => name === "Crew only")).toMatchObject([
      { include: [{ group: { id: crew } }] },
    ]);
    expect(writesOf({ sandbox }).length).toBe(5);

    const again = await engine.tool("plan_changes", { resume: id });
    expect(again.content["message"]).toMatch(/cannot be gone on with: it is done/);
    const undone = await engine.tool("undo_change", { change_id: plan["id"] });
    expect(undone.content["status"]).toBe("done");
    expect(names(sandbox, "groups")).toContain("Sales");
    expect(names(sandbox, "groups")).not.toContain("Whole crew");
    await engine.close();
  });

  it("can be taken back instead", { timeout: 60_000 }, async () => {
    const { sandbox, place, dieOver } = await deadly(3, "unanswered");
    const sales = rowsOf(sandbox, "groups").find(({ name }) => name === "Sales")?.["id"];
    const before = names(sandbox, "groups");
    await dieOver(planOf(sales));
    const engine = await engineAt(place);
    const plan = await planIn(engine);
    const open = async () => {
      const { content } = await engine.tool("get_change", { change_id: plan["id"] });
      return {
        isError: false,
        pending: false,
        content: {
          ...(stepsOf(content).some(({ status }) => status === "open") && {
            kind: "unavailable",
            retry_after_seconds: 1,
          }),
        },
      };
    };
    await settled(open);
    const undone = await engine.tool("undo_change", { change_id: plan["id"] });
    expect(stepsOf(undone.content).map(({ step, status }) => [step, status])).toEqual(
      [3, 2, 1].map((step) => [step, "done"]),
    );
    expect(names(sandbox, "groups")).toEqual(before);
    const { id } = plan["plan"] as Members;
    expect((await engine.tool("plan_changes", { resume: id })).content["message"]).toMatch(/taken back by chg_/);
    await engine.close();
  });
});

describe("a plan of which something stayed that could not be taken back", () => {
  const refusing = (path: RegExp) =>
    ({ match: { method: "POST", path }, nth: 1, kind: "status", status: 400 }) as const;
  const rotate = async (server: PlanServer) => ({
    operation: "rotate_service_token",
    arguments: { service_token_id: await server.idOf("service_tokens", "ci-deploy") },
  });

  it("is rehearsed and confirmed anew before the rest of it is done", async () => {
    const server = planServer({}, { faults: [refusing(/groups$/)] });
    const kestrel = await server.idOf("groups", "Project Kestrel");
    const stopped = await server.planAndAgree([
      await rotate(server),
      group("A"),
      { operation: "delete_group", arguments: { group_id: kestrel } },
    ]);
    const { plan: resume } = stopped.content;
    expect(stepsOf(stopped.content).map(({ status }) => status)).toEqual(["not_undone", "failed", "not_tried"]);
    const before = writesOf(server).length;

    const asked = await server.tool("plan_changes", { resume });
    expect(asked.content).toMatchObject({ status: "needs_confirmation", _notes: ["Done before: step 1."] });
    expect(stepsOf(asked.content).map(({ step }) => step)).toEqual([2, 3]);
    expect(writesOf(server)).toHaveLength(before);
    const done = await server.tool("plan_changes", { resume, ticket: asked.content["ticket"] });
    expect(stepsOf(done.content).map(({ step, status }) => [step, status])).toEqual(
      [1, 2, 3].map((step) => [step, "done"]),
    );
    expect(writesOf(server)).toHaveLength(before + 2);
    expect(await server.tool("plan_changes", { resume, ticket: asked.content["ticket"] })).toMatchObject({
      isError: true,
    });
    const { items } = (await server.tool("list_changes", {})).content as { items: readonly Members[] };
    expect(items.filter(({ plan }) => (plan as Members)?.["step"] === 0)).toMatchObject([{ status: "done" }]);
  });

  it("is gone on with by one of two who try at once", async () => {
    const server = planServer({ confirm: "never" }, { faults: [refusing(/groups$/)] });
    const stopped = await server.plan([await rotate(server), group("A"), group("B")]);
    const { plan: resume } = stopped.content;
    const said = await Promise.all([1, 2].map(() => server.tool("plan_changes", { resume })));
    expect(said.map(({ isError }) => isError).sort()).toEqual([false, true]);
    expect(names(server.sandbox, "groups").filter((name) => name === "A" || name === "B")).toEqual(["A", "B"]);
  });

  it("does not go on when its secrets were not kept, and lists what was done", async () => {
    const server = planServer({}, { faults: [refusing(/identity_providers$/)] });
    const secret = "hunter2-hunter2";
    const stopped = await server.planAndAgree([
      await rotate(server),
      {
        operation: "create_identity_provider",
        arguments: { type: "github", name: "GitHub", config: { client_id: "abc", client_secret: secret } },
      },
    ]);
    expect(stopped.content["outcome"]).toBe("unknown");
    const said = await server.tool("plan_changes", { resume: stopped.content["plan"] });
    expect(said.content["message"]).toMatch(/secrets in it are not kept/);
    expect(stepsOf(said.content)).toMatchObject([
      { step: 1, operation: "rotate_service_token", status: "done" },
      { step: 2, operation: "create_identity_provider", status: "failed" },
    ]);
    expect(JSON.stringify([stopped, said, await server.journal.entries()])).not.toContain(secret);
  });
});

it("a plan that takes longer than any call may is cut off between two steps, and gone on with", async () => {
  const server = planServer({ confirm: "never" });
  vi.useFakeTimers({ toFake: ["performance"] });
  onTestFinished(() => void vi.useRealTimers());
  const progress = (at: number) => at === 2 && void vi.advanceTimersByTime(300_000);
  const stopped = await server.plan([group("A"), group("B"), group("C"), group("D")], {}, { progress });
  expect(stopped.content).toMatchObject({ kind: "timeout", outcome: "unknown" });
  expect(stepsOf(stopped.content).map(({ status }) => status)).toEqual(["done", "done", "not_tried", "not_tried"]);
  const done = await server.tool("plan_changes", { resume: stopped.content["plan"] });
  expect(stepsOf(done.content).map(({ status }) => status)).toEqual(["done", "done", "done", "done"]);
  expect(writesOf(server)).toHaveLength(4);
});
