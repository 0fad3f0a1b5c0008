import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fileApprovals, fileTickets } from "../../src/journal/file-tickets.ts";
import { failureOf } from "../support/calls.ts";
import { bond, flawOf, summary } from "./tickets-conformance.ts";

const folder = () => mkdtempSync(join(tmpdir(), "tickets-"));
const minute = 60_000;

describe("the key of tickets", () => {
  it("is made once, for its owner alone, and leaves nothing else behind", async () => {
    const place = join(folder(), "deep", "state");
    const books = Array.from({ length: 20 }, () => fileTickets(place));
    const issued = await Promise.all(books.map((book) => book.issue(bond, summary)));
    expect(readdirSync(place)).toEqual(["ticket.key"]);
    expect(statSync(place).mode & 0o777).toBe(0o700);
    expect(statSync(join(place, "ticket.key"))).toMatchObject({ size: 32, mode: 0o100600 });
    for (const { ticket } of issued) await fileTickets(place).spend(ticket, bond);
  });

  const spoilt: Readonly<Record<string, (path: string) => unknown>> = {
    "a link to a good key": (path) => {
      writeFileSync(`${path}.elsewhere`, Buffer.alloc(32, 7), { mode: 0o600 });
      symlinkSync(`${path}.elsewhere`, path);
    },
    "a link to nothing": (path) => symlinkSync(`${path}.nowhere`, path),
    "a folder": (path) => mkdirSync(path),
    "a pipe": (path) => spawnSync("sh", ["-c", `mkfifo -m 600 "$0"`, path]),
    "an empty file": (path) => writeFileSync(path, "", { mode: 0o600 }),
    "31 bytes": (path) => writeFileSync(path, Buffer.alloc(31, 7), { mode: 0o600 }),
    "33 bytes": (path) => writeFileSync(path, Buffer.alloc(33, 7), { mode: 0o600 }),
    "a file the group can read": (path) => writeFileSync(path, Buffer.alloc(32, 7), { mode: 0o640 }),
    "a file all can write": (path) => {
      writeFileSync(path, Buffer.alloc(32, 7));
      chmodSync(path, 0o602);
    },
  };
  it.each(Object.entries(spoilt))("is refused when it is %s, whichever key it is", async (_, spoil) => {
    for (const name of ["ticket.key", "ticket.previous.key"]) {
      const place = folder();
      const { ticket } = await fileTickets(place).issue(bond, summary);
      rmSync(join(place, name), { force: true });
      spoil(join(place, name));
      for (const { message, facts } of await Promise.all(
        [fileTickets(place).issue(bond, summary), fileTickets(place).spend(ticket, bond)].map(failureOf),
      )) {
        expect(facts).toMatchObject({ kind: "refused", outcome: "not_sent" });
        expect(message).toContain(name);
        expect(message).not.toContain(place);
      }
    }
  });

  it("can be changed while servers run: the one before still opens, until it is gone", async () => {
    const place = folder();
    const [book, other] = [fileTickets(place), fileTickets(place)];
    const [first, second] = [await book.issue(bond, summary), await book.issue(bond, summary)];
    renameSync(join(place, "ticket.key"), join(place, "ticket.previous.key"));
    const third = await other.issue(bond, summary);
    await book.spend(first.ticket, bond);
    await book.check(third.ticket, bond);
    rmSync(join(place, "ticket.previous.key"));
    expect(await flawOf(book.spend(second.ticket, bond))).toBe("invalid");
    await book.spend(third.ticket, bond);
  });
});

describe("what is remembered of tickets", () => {
  const listed = (place: string, kind: string) => {
    const path = join(place, "tickets", kind);
    return existsSync(path) ? readdirSync(path) : [];
  };

  it("is in files of the owner, and never the ticket", async () => {
    const place = folder();
    const book = fileTickets(place, { approval: "human" });
    const [used, waiting] = [await book.issue(bond, summary), await book.issue(bond, summary)];
    await fileApprovals(place).approve(used.id, "ada");
    await book.spend(used.ticket, bond);
    expect(listed(place, "spent")).toEqual([`${used.id}.json`]);
    expect(listed(place, "approved")).toEqual([`${used.id}.json`]);
    expect(listed(place, "pending")).toEqual([`${waiting.id}.json`]);
    for (const kind of ["spent", "approved", "pending"]) {
      expect(statSync(join(place, "tickets", kind)).mode & 0o777).toBe(0o700);
      for (const name of listed(place, kind)) {
        const path = join(place, "tickets", kind, name);
        expect(statSync(path).mode & 0o777).toBe(0o600);
        for (const { ticket } of [used, waiting]) expect(readFileSync(path, "utf8")).not.toContain(ticket);
      }
    }
  });

  it("is forgotten when no living ticket needs it, and not before", async () => {
    const place = folder();
    const start = Date.now();
    const at = (time: number) => fileTickets(place, { approval: "human", now: () => time });
    const [used, waiting] = [await at(start).issue(bond, summary), await at(start).issue(bond, summary)];
    await fileApprovals(place).approve(used.id, "ada");
    await at(start).spend(used.ticket, bond);

    const { id } = await at(start + 10 * minute).issue(bond, summary);
    expect(listed(place, "pending").toSorted()).toEqual([`${waiting.id}.json`, `${id}.json`].toSorted());
    const later = start + 20 * minute;
    expect(await fileApprovals(place, () => later).pending()).toEqual([]);
    expect(listed(place, "pending")).toEqual([]);
    await at(start + 55 * minute).issue(bond, summary);
    expect([listed(place, "spent"), listed(place, "approved")]).toEqual([[`${used.id}.json`], [`${used.id}.json`]]);
    await at(start + 65 * minute).issue(bond, summary);
    expect([listed(place, "spent"), listed(place, "approved")]).toEqual([[], []]);
  });

  it.each(["a file in place of the folder", "a link to nowhere", "a damaged record", "a record others can write"])(
    "refuses all use when it is %s",
    async (kind) => {
      const place = folder();
      const book = fileTickets(place);
      const { ticket, id } = await book.issue(bond, summary);
      const spent = join(place, "tickets", "spent");
      mkdirSync(join(place, "tickets"));
      if (kind === "a file in place of the folder") writeFileSync(spent, "");
      else mkdirSync(spent);
      const record = join(spent, `${id}.json`);
      if (kind === "a link to nowhere") symlinkSync(join(place, "nowhere"), record);
      if (kind === "a damaged record") writeFileSync(record, '{"how":', { mode: 0o600 });
      if (kind === "a record others can write") {
        writeFileSync(record, "{}");
        chmodSync(record, 0o622);
      }
      for (const { message, facts } of await Promise.all(
        [book.check(ticket, bond), book.spend(ticket, bond)].map(failureOf),
      )) {
        expect(facts).toMatchObject({ kind: "refused", outcome: "not_sent" });
        expect(message).toContain("state folder");
        expect(message).not.toContain(place);
      }
    },
  );

  it("does not take an approval that another made", async () => {
    const place = folder();
    const book = fileTickets(place, { approval: "human" });
    const { ticket, id } = await book.issue(bond, summary);
    const path = join(place, "tickets", "approved", `${id}.json`);
    mkdirSync(join(place, "tickets", "approved"));
    writeFileSync(path, JSON.stringify({ who: "mallory", when: "now", ticket_sha256: "0".repeat(64) }), {
      mode: 0o600,
    });
    expect(await flawOf(book.spend(ticket, bond))).toBe("waiting");
    chmodSync(path, 0o644);
    expect((await failureOf(book.spend(ticket, bond))).message).toContain("open to other users");
  });
});

describe("four processes", () => {
  const script = fileURLToPath(new URL("../support/ticket-process.ts", import.meta.url));
  const rounds = process.env["LONG"] === "1" ? 50 : 5;

  interface Answer {
    readonly tickets: readonly string[];
    readonly spent: number;
    readonly flaws: readonly string[];
  }
  const start = () => {
    const child = spawn(process.execPath, ["--import", "tsx", script, JSON.stringify(bond)], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const lines = createInterface({ input: child.stdout });
    return {
      child,
      ask: async (task: object): Promise<Answer> => {
        child.stdin.write(`${JSON.stringify(task)}\n`);
        const [line] = (await once(lines, "line")) as [string];
        return JSON.parse(line);
      },
    };
  };
  let processes: ReturnType<typeof start>[] = [];
  const ask = (task: object) => Promise.all(processes.map((one) => one.ask(task)));

  beforeAll(async () => {
    processes = Array.from({ length: 4 }, start);
    await ask({ folder: folder() });
  });
  afterAll(() => {
    for (const { child } of processes) child.kill("SIGKILL");
  });

  it("use a ticket once, in a hundred attempts at a time", async () => {
    const place = folder();
    for (let round = 0; round < rounds; round++) {
      const { ticket } = await fileTickets(place).issue(bond, summary);
      const answers = await ask({ folder: place, ticket, spends: 25 });
      expect(answers.reduce((sum, { spent }) => sum + spent, 0)).toBe(1);
      expect(new Set(answers.flatMap(({ flaws }) => flaws))).toEqual(new Set(["used"]));
    }
    expect(readdirSync(join(place, "tickets", "spent"))).toHaveLength(rounds);
  });

  it("that start at once make one key", async () => {
    for (let round = 0; round < rounds; round++) {
      const place = folder();
      const tickets = (await ask({ folder: place, issues: 3 })).flatMap((answer) => answer.tickets);
      expect(tickets).toHaveLength(12);
      for (const ticket of tickets) await fileTickets(place).spend(ticket, bond);
      expect(readdirSync(place).toSorted()).toEqual(["ticket.key", "tickets"]);
    }
  });
});
