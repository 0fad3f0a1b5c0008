import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";

export interface Answer {
  readonly jsonrpc?: unknown;
  readonly id?: string | number | null;
  readonly method?: string;
  readonly result?: { readonly content?: readonly { readonly text: string }[] };
  readonly error?: { readonly code: number; readonly message: string };
}

/** The client's end of a stdio connection, below any client library: raw lines out, parsed lines in. */
export class LineSession {
  /** Everything that came, in order. A line that is not JSON fails the reading test. */
  readonly answers: Answer[] = [];
  readonly ended: Promise<unknown>;
  readonly #input: Writable;
  readonly #lines: Interface;

  constructor(input: Writable, output: Readable) {
    this.#input = input;
    this.#lines = createInterface({ input: output });
    this.#lines.on("line", (line) => this.answers.push(JSON.parse(line)));
    this.ended = once(this.#lines, "close");
  }

  say(...lines: (string | Buffer | object)[]): void {
    for (const line of lines) {
      this.#input.write(typeof line === "string" || Buffer.isBuffer(line) ? line : JSON.stringify(line));
      this.#input.write("\n");
    }
  }

  end(): void {
    this.#input.end();
  }

  /** Waits for the answer with this id. */
  async answerTo(id: string | number): Promise<Answer> {
    for (;;) {
      const found = this.answers.find((answer) => answer.id === id);
      if (found !== undefined) return found;
      await once(this.#lines, "line");
    }
  }

  /** A call of `echo` that has to be answered. */
  async echo(id: string | number): Promise<string | undefined> {
    this.say(toolCall(id, "echo", { text: `echo of ${id}` }));
    return (await this.answerTo(id)).result?.content?.[0]?.text;
  }
}

/** A tool call as clients of 2025 send it, or with the `_meta` that those of 2026 add. */
export function toolCall(id: string | number, name: string, args: object, _meta?: object): object {
  return { jsonrpc: "2.0", id, method: "tools/call", params: { name, arguments: args, ...(_meta && { _meta }) } };
}

/** What an answer comes to: whose it is, and whether it is a result or which error. */
export const inBrief = ({ id, error, result }: Answer) => ({ id, code: error?.code, result: result !== undefined });
