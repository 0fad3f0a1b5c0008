import type { Change, Members } from "../../core/change.ts";
import { listOf, textOf } from "../fields.ts";
import { changed, compared, flag, neutral, type Settings, unclear } from "./compare.ts";
import { type Finding, finding, of, type Pair, quoted } from "./reasons.ts";

const tools: Pair = ["tools_enabled", "tools_disabled"];
const gateway = flag(["gateway_off", "tightened"], false, false);

/** How surely a tool is offered: 2 yes, 0 no; 1 where a list of exceptions names it without saying. */
function ranksOf(list: unknown, isClosed: boolean): (name: string) => number {
  const known = new Map(listOf(list).map(({ name, enabled }) => [textOf(name), enabled]));
  return (name) => {
    const enabled = known.get(name);
    if (typeof enabled === "boolean") return enabled ? 2 : 0;
    return isClosed ? Number(known.has(name)) : 2;
  };
}

/** Which of the named tools or prompts are offered now and were not, and the other way round. */
function comparedTools(field: string, before: unknown, after: unknown, isClosed: readonly [boolean, boolean]) {
  const names = new Set([...listOf(before), ...listOf(after)].map(({ name }) => textOf(name)));
  const [old, now] = [ranksOf(before, isClosed[0]), ranksOf(after, isClosed[1])];
  return [...names].flatMap((name): readonly Finding[] => {
    const change = now(name) - old(name);
    return change === 0 ? [] : [finding(change > 0 ? tools[0] : tools[1], `${field} ${quoted(name)}`)];
  });
}

const offered: Settings[string] = (field, before, after) => comparedTools(field, before, after, [false, false]);

/** A server in a portal is shown with much that belongs to the server itself. */
const linkSettings: Settings = {
  on_behalf: flag(["shared_login", "tightened"], false),
  default_disabled: flag(tools, false, false),
};

function comparedLinks(before: Members, after: Members): readonly Finding[] {
  const picked = (link: Members) => ({ on_behalf: link["on_behalf"], default_disabled: link["default_disabled"] });
  const closed = [before["default_disabled"] === true, after["default_disabled"] === true] as const;
  return [
    ...compared(linkSettings, picked(before), picked(after)),
    ...["updated_tools", "updated_prompts"].flatMap((field) =>
      comparedTools(field, before[field], after[field], closed),
    ),
  ];
}

const servers: Settings[string] = (field, before, after) => {
  const [old, now] = [before, after].map(
    (list) => new Map(listOf(list).map((link) => [textOf(link["server_id"] ?? link["id"]), link])),
  );
  return [...new Map([...(old ?? []), ...(now ?? [])]).keys()].flatMap((id) => {
    const [was, is] = [old?.get(id), now?.get(id)];
    if (was === undefined) return [finding("server_added", `${field} gains ${quoted(id)}`)];
    if (is === undefined) return [finding("tools_disabled", `${field} loses ${quoted(id)}`)];
    return of(`server ${quoted(id)}`, comparedLinks(was, is));
  });
};

/** The settings of a portal. */
export const portalSettings: Settings = {
  id: neutral,
  name: neutral,
  description: neutral,
  // The application in front of the portal stays at the old hostname.
  hostname: changed("unprotected"),
  servers,
  code_mode: neutral,
  allow_code_mode: neutral,
  secure_web_gateway: gateway,
  created_at: neutral,
  created_by: neutral,
  modified_at: neutral,
  modified_by: neutral,
};

export const portalCreated = ({ input, after = input }: Change): readonly Finding[] =>
  servers("servers", [], after["servers"]);

/** The settings of an MCP server; other credentials may be those of somebody who may do more. */
export const serverSettings: Settings = {
  id: neutral,
  name: neutral,
  description: neutral,
  hostname: unclear,
  auth_type: unclear,
  auth_credentials: unclear,
  client_secret: unclear,
  is_shared_oauth_callback_enabled: neutral,
  secure_web_gateway: gateway,
  updated_tools: offered,
  updated_prompts: offered,
  ...Object.fromEntries(
    [
      "authentication_status",
      "auth_config_summary",
      "status",
      "error",
      "error_details",
      "last_synced",
      "last_successful_sync",
      "tools",
      "prompts",
      "created_at",
      "created_by",
      "modified_at",
      "modified_by",
    ].map((field) => [field, neutral]),
  ),
};
