import type { Members } from "../../../core/change.ts";
import { textOf } from "../../../simulator/fields.ts";
import type { Fix } from "../../check.ts";
import type { Estate } from "../../estate.ts";

/** Kinds that a browser opens at an address of the account. */
export const browsed: ReadonlySet<string> = new Set(["self_hosted", "ssh", "vnc", "rdp", "mcp_portal"]);

/** Kinds whose sessions last as long as they say. */
export const timed: ReadonlySet<string> = new Set([
  ...browsed,
  "saas",
  "mcp",
  "app_launcher",
  "warp",
  "dash_sso",
  "proxy_endpoint",
]);

/** The applications of some kinds. */
export const ofKinds = (estate: Estate, kinds: ReadonlySet<string>): readonly Members[] =>
  estate.items("applications").filter(({ type }) => kinds.has(textOf(type)));

/** The applications that decide who gets in: all but bookmarks. */
export const enforcing = (estate: Estate): readonly Members[] =>
  estate.items("applications").filter(({ type }) => type !== "bookmark");

/** The call that changes some settings of an application; none for the dashboard's own, which can only be read. */
export function applicationFix(
  { id, type }: Members,
  changes: Members,
  choose?: Fix["choose"],
): { readonly fix?: Fix } {
  if (type === "dash_sso") return {};
  const steps = [{ operation: "update_application", arguments: { app_id: id, ...changes } }];
  return { fix: choose === undefined ? { steps } : { steps, choose } };
}

/** The texts of a list; none when it is no list. */
export const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
