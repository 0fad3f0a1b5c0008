import { type Row, rowOf } from "../store.ts";

/** What Cloudflare shows in the place of a secret it will not show again (terraform-provider-cloudflare, CONCEALED_STRING). */
export const concealed = "*".repeat(34);

/** The row with the named fields made unreadable; a secret never reaches the store. */
export function conceal(row: Row, fields: readonly string[]): Row {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, fields.includes(name) ? concealed : value]),
  );
}

/** Conceals inside one value or each of several. */
export const concealIn = (value: unknown, fields: readonly string[]): unknown =>
  Array.isArray(value) ? value.map((item) => conceal(rowOf(item), fields)) : conceal(rowOf(value), fields);
