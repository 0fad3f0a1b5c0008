import { createInterface } from "node:readline";
import { fileTickets } from "../../src/journal/file-tickets.ts";
import { TicketError } from "../../src/journal/tickets.ts";

interface Task {
  readonly folder: string;
  readonly issues?: number;
  readonly ticket?: string;
  readonly spends?: number;
}

// A server's part in a race: a task a line, an answer a line.
const bond = JSON.parse(process.argv[2] ?? "null");
for await (const line of createInterface({ input: process.stdin })) {
  const { folder, issues = 0, ticket = "", spends = 0 } = JSON.parse(line) as Task;
  const book = fileTickets(folder);
  const tickets = await Promise.all(
    Array.from({ length: issues }, async () => (await book.issue(bond, { headline: "race", lines: [] })).ticket),
  );
  const ends = await Promise.all(
    Array.from({ length: spends }, () =>
      book.spend(ticket, bond).then(
        () => "spent",
        (error: unknown) => (error instanceof TicketError ? error.flaw : String(error)),
      ),
    ),
  );
  const flaws = ends.filter((end) => end !== "spent");
  process.stdout.write(`${JSON.stringify({ tickets, spent: ends.length - flaws.length, flaws })}\n`);
}
