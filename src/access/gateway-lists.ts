import { z } from "zod";
import { answer } from "../core/model.ts";
import { operation } from "../core/operation.ts";
import { room } from "../core/room.ts";
import { Id } from "./shared.ts";

const ListType = z.enum(["SERIAL", "URL", "DOMAIN", "EMAIL", "IP", "CATEGORY", "LOCATION", "DEVICE", "AAGUID"]);

const item = {
  value: z.string().optional(),
  description: z.string().optional(),
  created_at: z.string().optional(),
};

/** One value of a list: an address, a network, a serial number… */
export const GatewayListItem = answer(item);

/** Values that policies and posture rules refer to by the list's id. */
export const GatewayList = answer({
  id: Id.optional(),
  name: z.string().optional(),
  description: z.string().optional(),
  type: ListType.optional(),
  count: z.number().optional(),
  items: z.array(z.object(item)).optional(),
  created_at: z.string().optional(),
  updated_at: z.string().optional(),
});

/** How the operations on a list name it. */
export const list_id = Id.describe("List id, from list_gateway_lists");

const list = operation({
  name: "list_gateway_lists",
  title: "List Gateway lists",
  summary: "List the Zero Trust lists whose ids email_list, ip_list and other rules refer to.",
  effect: "read",
  route: "GET /accounts/{account_id}/gateway/lists",
  input: z.strictObject({
    type: ListType.optional().describe("EMAIL for email_list, IP for ip_list"),
    search: z.string().optional().describe("Part of a name or description"),
    filter: z.array(z.string()).optional().describe("All must hold: name:part, id:part, type:IP, item_count:0"),
    order_by: z.enum(["name", "created_at", "updated_at", "item_count"]).optional(),
    direction: z.enum(["asc", "desc"]).optional(),
  }),
  output: GatewayList,
  answers: "list",
});

const get = operation({
  name: "get_gateway_list",
  title: "Get Gateway list",
  summary: "Show one Zero Trust list: name, type and number of items.",
  advice: "For the items use list_gateway_list_items.",
  effect: "read",
  route: "GET /accounts/{account_id}/gateway/lists/{list_id}",
  input: z.strictObject({ list_id }),
  output: GatewayList,
});

export default room({
  noun: "Gateway list",
  toolset: "posture",
  key: "id",
  permission: "Zero Trust",
  columns: ["id", "name", "type", "count", "description", "updated_at"],
  verbs: { list, get },
});
