import { access } from "../../src/access/index.ts";
import { createClient } from "../../src/cloudflare/client.ts";
import { sendStack } from "../../src/cloudflare/send/index.ts";
import { type Call, compose, type Next, type Outcome } from "../../src/core/call.ts";
import { AccessError, type WriteOutcome } from "../../src/core/errors.ts";
import { type Send, SendError } from "../../src/core/send.ts";
import { rehearse } from "../../src/pipeline/rehearse/index.ts";
import { settle } from "../../src/pipeline/settle/index.ts";
import { createSandbox, type Fault, type Sandbox } from "../../src/sandbox/index.ts";
import { callOf } from "./calls.ts";

/** Time that passes when somebody sleeps, and with every answer. */
export class PassingClock {
  time = 0;
  readonly #due: { at: number; run: () => unknown }[] = [];

  readonly now = (): number => this.time;
  readonly today = (): number => Date.UTC(2026, 4, 4, 12) + this.time;

  readonly sleep = async (milliseconds: number): Promise<void> => {
    this.time += milliseconds;
    for (const task of this.#due.splice(0)) {
      if (task.at > this.time) this.#due.push(task);
      else task.run();
    }
  };

  /** Runs something later. */
  later(milliseconds: number, run: () => unknown): void {
    this.#due.push({ at: this.time + milliseconds, run });
  }
}

export interface World {
  readonly sandbox: Sandbox;
  readonly clock: PassingClock;
  /** The client with nothing around it. */
  readonly plain: Next;
  /** Rehearses, sends and settles. */
  write(name: string, input: Record<string, unknown>, more?: Partial<Call>): Promise<Outcome>;
  /** A call that is due in a minute of this world's time. */
  call(name: string, input?: Record<string, unknown>, more?: Partial<Call>): Call;
}

export interface WorldOptions {
  readonly faults?: readonly Fault[];
  readonly scale?: number;
  readonly seed?: number;
  /** What stands between the stack and the sandbox. */
  readonly around?: (send: Send, clock: PassingClock) => Send;
}

/** A sandbox, and a client that settles what is left open, in a time of their own. */
export function worldWith({ faults = [], scale = 1, seed = 1, around = (send) => send }: WorldOptions = {}): World {
  const clock = new PassingClock();
  const sandbox = createSandbox({
    faults,
    scale,
    seed,
    now: () => new Date(clock.today()),
    rateLimit: { limit: 1_000_000, window: 300 },
  });
  const impatient: Send = async (request) => {
    await clock.sleep(20);
    try {
      // The sandbox waits in real time: nobody here waits for it.
      return await sandbox.send({ ...request, deadline: performance.now() + 1 });
    } catch (error) {
      const isLate = error instanceof SendError && error.reason === "timeout";
      if (isLate) await clock.sleep(Math.max(0, Math.min(30_000, request.deadline - clock.now())));
      throw error;
    }
  };
  const send = sendStack({
    baseUrl: new URL("https://api.example.com/client/v4"),
    credentials: { kind: "token", token: sandbox.token },
    transport: around(impatient, clock),
    clock,
    random: () => 0,
    budget: [],
  });
  const scope = { account_id: sandbox.accountId };
  const plain = createClient({ send, account_id: sandbox.accountId });
  const entries = new Map(access.map((entry) => [entry.name, entry]));
  const judge = async () => ({
    assessment: { effect: { direction: "neutral" as const, reasons: [] }, references: [], notes: [] },
    objections: [],
  });
  // Nobody else writes here.
  const turns = { now: async () => "", end: async () => undefined };
  const whole = compose(
    [
      rehearse({ read: plain, entries, judge, scopeOf: async () => scope, turns }),
      settle({ read: plain, entries, clock }),
    ],
    plain,
  );
  const call: World["call"] = (name, input = {}, more = {}) =>
    callOf(name, input, { deadline: clock.now() + 60_000, scope, ...more });
  return { sandbox, clock, plain, call, write: (name, input, more) => whole(call(name, input, more)) };
}

/** What a caller is told about a write. */
export const verdictOf = (promise: Promise<unknown>): Promise<"done" | WriteOutcome> =>
  promise.then(
    () => "done" as const,
    (error: unknown) => {
      if (error instanceof AccessError) return error.facts.outcome;
      throw error;
    },
  );
