import type { Members } from "../../core/change.ts";
import { isConcealed, replaced } from "../masks.ts";

export const isMembers = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A value without secrets and masks of them, at any depth. */
export function bare(value: Members, secrets: readonly string[] = []): Members {
  const hidden = replaced(value, new Set(secrets), () => "[secret]");
  return JSON.parse(JSON.stringify(hidden, (_, inner: unknown) => (isConcealed(inner) ? undefined : inner))) as Members;
}

/** Fields by which people tell objects apart, the most telling first. */
const labels = ["name", "hostname", "domain", "email"];

const folded = (value: unknown): unknown => (typeof value === "string" ? value.trim().toLowerCase() : value);

/** Whether an object could be the one that was asked for: the same label in any spelling, else the same in all that is no list or object. */
export function sameLabel(sent: Members, shown: Members): boolean {
  const label = labels.find((name) => typeof sent[name] === "string" && shown[name] !== undefined);
  const compared = label === undefined ? Object.keys(sent).filter((name) => typeof sent[name] !== "object") : [label];
  return compared.every((name) => shown[name] === undefined || folded(sent[name]) === folded(shown[name]));
}

/**
 * Whether an object is as it was asked for. What Cloudflare adds does not count, nor the order of lists, nor what is not
 * shown or shown as something else than it is sent as.
 */
export const agree = (sent: Members, shown: Members): boolean =>
  Object.entries(sent).every(([name, value]) => kindOf(value) !== kindOf(shown[name]) || agrees(value, shown[name]));

const kindOf = (value: unknown): string =>
  Array.isArray(value) ? "list" : value === null ? "undefined" : typeof value;

const isEmpty = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  value === "" ||
  (typeof value === "object" && Object.keys(value).length === 0);

function agrees(sent: unknown, shown: unknown): boolean {
  if (sent === shown || isConcealed(sent) || isConcealed(shown)) return true;
  if (isEmpty(sent)) return isEmpty(shown);
  if (Array.isArray(sent)) return Array.isArray(shown) && pairs(sent, shown);
  // An object that is there already is sent as its id.
  if (typeof sent === "string" && isMembers(shown)) return shown["id"] === sent;
  if (typeof sent === "string" && typeof shown === "string") return isSameTime(sent, shown);
  if (!isMembers(sent) || !isMembers(shown)) return false;
  return Object.entries(sent).every(([name, value]) => agrees(value, shown[name]));
}

/** Whether two lists can be put side by side. */
function pairs(sent: readonly unknown[], shown: readonly unknown[]): boolean {
  const left = [...shown];
  const isPaired = (item: unknown) => {
    const place = left.findIndex((other) => agrees(item, other));
    return place !== -1 && left.splice(place, 1).length === 1;
  };
  return sent.length === shown.length && sent.every(isPaired);
}

const isSameTime = (one: string, other: string): boolean =>
  [one, other].every((text) => /^\d{4}-\d\d-\d\dT/.test(text)) && Date.parse(one) === Date.parse(other);
