import { z } from "zod";
import type { Call } from "../../src/core/call.ts";
import { ownOperation } from "../../src/core/operation.ts";
import { catalogue, room } from "../../src/core/room.ts";
import { type CollectOptions, collect } from "../../src/inventory/collect.ts";
import type { Inventory } from "../../src/inventory/datasets.ts";
import type { SafeServer } from "../support/safe.ts";

/** Collects through the pipeline of a server, as an operation of this server does. */
export async function collectFrom(
  server: SafeServer,
  options: CollectOptions = {},
  more: Partial<Call> = {},
): Promise<Inventory> {
  let inventory: Inventory | undefined;
  const list = ownOperation({
    name: "collect_for_test",
    title: "Collect",
    summary: "Collects.",
    effect: "read",
    input: z.strictObject({}),
    output: z.unknown(),
    async run(call, workshop) {
      inventory = await collect(call, workshop, options);
      return { result: null, notes: [] };
    },
  });
  const facts = { noun: "test", toolset: "changes", key: null, permission: null, columns: [] };
  const [entry] = catalogue([room({ ...facts, verbs: { list } })]);
  await server.call("list_groups", {}, {}, { ...(entry && { entry }), ...more });
  if (inventory === undefined) throw new Error("nothing was collected");
  return inventory;
}
