import { z } from "zod";
import { operation } from "../core/operation.ts";
import { room } from "../core/room.ts";
import gatewayLists, { GatewayListItem, list_id } from "./gateway-lists.ts";

const list = operation({
  name: "list_gateway_list_items",
  title: "List Gateway list items",
  summary: "List what a Zero Trust list holds, such as the addresses behind an email_list rule.",
  effect: "read",
  route: "GET /accounts/{account_id}/gateway/lists/{list_id}/items",
  input: z.strictObject({ list_id }),
  output: GatewayListItem,
  answers: "pages",
});

export default room({
  noun: "Gateway list item",
  toolset: "posture",
  key: "value",
  permission: "Zero Trust",
  within: gatewayLists,
  columns: ["value", "description", "created_at"],
  verbs: { list },
});
