import { isUtf8 } from "node:buffer";
import {
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResponse,
  type JSONRPCMessage,
  type RequestId,
} from "@modelcontextprotocol/server";
import { Gathered } from "./bytes.ts";

const MAX_LINE_BYTES = 10 * 1024 * 1024;
const MAX_DEPTH = 100;

const PARSE_ERROR = -32_700;
const INVALID_REQUEST = -32_600;

/** The answer to a line that is not served. `id` is `null` when the line does not tell whose answer it is. */
export class Refusal {
  readonly jsonrpc = "2.0";
  readonly id: RequestId | null;
  readonly error: { readonly code: number; readonly message: string };

  constructor(id: RequestId | null, code: number, message: string) {
    this.id = id;
    this.error = { code, message };
  }
}

/** The lines of a stream without their ends; `undefined` stands for one that was too long (10 MB) and thrown away. */
export async function* lines(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer | undefined> {
  const line = new Gathered();
  let skipping = false;
  for await (const chunk of source) {
    for (let start = 0; start < chunk.length; ) {
      const end = chunk.indexOf("\n", start);
      const piece = chunk.subarray(start, end === -1 ? chunk.length : end);
      start += piece.length + 1;
      if (!skipping && line.length + piece.length > MAX_LINE_BYTES) {
        skipping = true;
        line.take();
        yield undefined;
      }
      if (!skipping) line.append(piece);
      if (end === -1) break;
      if (!skipping) yield line.take();
      skipping = false;
    }
  }
  if (line.length > 0) yield line.take();
}

/** The message on a line, why there is none, or `undefined` for an empty line. */
export function messageOf(line: Buffer | undefined): JSONRPCMessage | Refusal | undefined {
  if (line === undefined) {
    return new Refusal(null, INVALID_REQUEST, `A line was longer than ${MAX_LINE_BYTES} bytes and was thrown away`);
  }
  // Besides spaces, trim takes off a byte order mark and the carriage return of CRLF.
  const text = line.toString("utf8").trim();
  if (text === "") return undefined;
  const { depth, id } = survey(text);
  if (!isUtf8(line)) return new Refusal(id, PARSE_ERROR, "The line is not valid UTF-8");
  if (depth > MAX_DEPTH) return new Refusal(id, INVALID_REQUEST, `The line nests deeper than ${MAX_DEPTH} levels`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return new Refusal(id, PARSE_ERROR, "The line is not valid JSON");
  }
  if (isJSONRPCRequest(value) || isJSONRPCNotification(value) || isJSONRPCResponse(value)) return value;
  const what = Array.isArray(value) ? "a batch, which is not supported" : "not a JSON-RPC 2.0 message";
  return new Refusal(id, INVALID_REQUEST, `The line is ${what}`);
}

/** Whether JSON text nests deeper than 100 levels, which parsers bear and what works on the value may not. */
export function nestsTooDeep(text: string): boolean {
  return text.length > MAX_DEPTH && survey(text).depth > MAX_DEPTH;
}

/**
 * What can be told of text that may not even be JSON: how deep it nests, and the `id` of its outermost object. With a
 * `result` or `error` beside it the id counts the server's own requests, and no answer may carry it.
 */
function survey(text: string): { depth: number; id: RequestId | null } {
  let level = 0;
  let depth = 0;
  let id: RequestId | null = null;
  let isResponse = !text.startsWith("{");
  for (let index = 0; index < text.length; index++) {
    const character = text.charCodeAt(index);
    if (character === OPEN_BRACE || character === OPEN_BRACKET) depth = Math.max(depth, ++level);
    else if (character === CLOSE_BRACE || character === CLOSE_BRACKET) level--;
    else if (character === QUOTE) {
      const start = index;
      index = endOfString(text, start);
      if (level !== 1 || index - start > LONGEST_NAME) continue;
      const name = text.slice(start + 1, index);
      if (name === "id") id = idAt(text, index + 1) ?? id;
      else if (name === "result" || name === "error") isResponse ||= followedByColon(text, index + 1);
    }
  }
  return { depth, id: isResponse ? null : id };
}

const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET, QUOTE, BACKSLASH] = [123, 125, 91, 93, 34, 92];
const LONGEST_NAME = "result".length + 1;

/** Where the string that starts at `start` has its closing quote, or the end of the text. */
function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index++) {
    const character = text.charCodeAt(index);
    if (character === QUOTE) return index;
    if (character === BACKSLASH) index++;
  }
  return text.length;
}

const COLON = /\s*:/y;
const ID_VALUE = /\s*:\s*(-?\d{1,16}|"(?:[^"\\]|\\.){0,256}")\s*[,}]/y;

function followedByColon(text: string, index: number): boolean {
  COLON.lastIndex = index;
  return COLON.test(text);
}

function idAt(text: string, index: number): RequestId | undefined {
  ID_VALUE.lastIndex = index;
  const written = ID_VALUE.exec(text)?.[1];
  if (written === undefined) return undefined;
  if (!written.startsWith('"')) return Number.isSafeInteger(Number(written)) ? Number(written) : undefined;
  try {
    return String(JSON.parse(written));
  } catch {
    return undefined;
  }
}
