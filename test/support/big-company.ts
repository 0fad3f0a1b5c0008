import type { Random } from "../../src/sandbox/random.ts";

/** When the account is looked at: Unix milliseconds. */
export const lookedAt = Date.parse("2026-11-01T00:00:00Z");

/** What the makers share. */
export interface Company {
  /** A stream for one kind of object: what another draws does not shift it. */
  readonly draw: (kind: string) => Random;
  /** So many objects of a kind at this scale, at least one. */
  readonly count: (atScaleOne: number) => number;
  /** The time so many days ago, ISO 8601. */
  readonly ago: (days: number) => string;
}

/** So many things, made one after another. */
export const times = <Item>(count: number, make: (at: number) => Item): readonly Item[] =>
  Array.from({ length: count }, (_, at) => make(at));

/** The domain of the company. */
export const domain = "carrier.example.com";
export const okta = "idp-okta";
export const pin = "idp-pin";
