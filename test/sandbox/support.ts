import type { ApiRequest } from "../../src/core/send.ts";
import { selfSigned } from "../../src/sandbox/certificates.ts";
import { SANDBOX_TOKEN, type Sandbox } from "../../src/sandbox/index.ts";

export type Row = Record<string, unknown>;

/** An answer with its envelope opened. */
export interface Answer {
  status: number;
  headers: Readonly<Record<string, string>>;
  success: boolean;
  errors: { code: number; message: string }[];
  result: Row;
  rows: Row[];
  info: Row | undefined;
  text: string;
}

interface Extras {
  token?: string;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  deadline?: number;
}

/** Asks a sandbox as the client would: `METHOD /path?query` below the account, or an absolute path with two slashes. */
export async function ask(sandbox: Sandbox, line: string, body?: unknown, extras: Extras = {}): Promise<Answer> {
  const [method = "GET", address = ""] = line.split(" ");
  const [path = "", search = ""] = address.split("?");
  const { token = SANDBOX_TOKEN, signal = new AbortController().signal } = extras;
  const response = await sandbox.send({
    method: method as ApiRequest["method"],
    path: path.startsWith("//") ? path.slice(1) : `/accounts/${sandbox.accountId}${path}`,
    query: [...new URLSearchParams(search)],
    body,
    headers: extras.headers ?? { authorization: `Bearer ${token}` },
    signal,
    deadline: extras.deadline ?? performance.now() + 10_000,
  });
  const json = response.headers["content-type"] === "application/json" && response.body !== "";
  const { success = false, errors = [], result = null, result_info } = json ? JSON.parse(response.body) : {};
  return {
    status: response.status,
    headers: response.headers,
    success,
    errors,
    result,
    rows: Array.isArray(result) ? result : [],
    info: result_info,
    text: response.body,
  };
}

/** The first row of a collection of the account that passes a test. */
export function seeded(sandbox: Sandbox, path: string, test: (row: Row) => boolean = () => true): Row {
  const rows = sandbox.snapshot()[`accounts/${sandbox.accountId}/${path}`] ?? {};
  const found = Object.values(rows).find(test);
  if (found === undefined) throw new Error(`nothing seeded in ${path}`);
  return found;
}

/** A certificate authority that Access would take. */
export const certificate = selfSigned({
  commonName: "test",
  secret: Buffer.alloc(32, 1),
  serial: Buffer.alloc(16, 2),
  notBefore: new Date("2026-01-01"),
  notAfter: new Date("2036-01-01"),
});
