import { readFileSync } from "node:fs";
import type { FieldFact } from "./paths.ts";

/** One operation as Cloudflare's official SDK declares it; made once from npm cloudflare 7.3.0. */
export interface OperationFact {
  id: string;
  /** Where the official SDK has it: `zeroTrust.access.groups.create`. */
  sdk: string;
  tool: string;
  toolset: string;
  effect: string;
  method: string;
  path: string;
  paging: boolean;
  envelope: "unwrap_result" | "result_array" | "empty" | "raw_binary";
  deprecated: boolean;
  query: Record<string, FieldFact>;
  body: Record<string, FieldFact>;
  response: Record<string, FieldFact>;
}

const file = JSON.parse(readFileSync(new URL("../contract/facts.json", import.meta.url), "utf8"));

/** The contract: every operation of the API with the paths of all its fields. */
export const contract: OperationFact[] = file.operations.map(
  (fact: { body: string | null; response: string | null }) => ({
    ...fact,
    body: fact.body === null ? {} : file.shapes[fact.body],
    response: fact.response === null ? {} : file.shapes[fact.response],
  }),
);
