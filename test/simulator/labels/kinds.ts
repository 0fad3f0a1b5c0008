import type { Direction, Members, Reference } from "../../../src/core/change.ts";
import type { ReasonCode } from "../../../src/simulator/effect/index.ts";

/** An edit with what it does to who gets in, as a person who knows Access would say; never what the classifier says. */
export interface Kind {
  readonly name: string;
  readonly label: Direction;
  /** The reason that has to be among those told, where one is promised. */
  readonly code?: ReasonCode;
  /** Objects that it makes sense for; all when absent. */
  readonly where?: (base: Members) => boolean;
  /** The object as it is before, when it has to be made so. */
  readonly from?: (base: Members) => Members;
  /** The object as it will be. */
  readonly edit: (before: Members) => Members;
  readonly references?: readonly Reference[];
}

export const list = (value: unknown): readonly Members[] => (Array.isArray(value) ? value : []);

/** Adds to a list of an object. */
export const plus =
  (field: string, ...items: readonly unknown[]) =>
  (base: Members): Members => ({ ...base, [field]: [...list(base[field]), ...items] });

/** Sets fields; `undefined` takes one away. */
export const set =
  (fields: Members) =>
  (base: Members): Members =>
    Object.fromEntries(Object.entries({ ...base, ...fields }).filter(([, value]) => value !== undefined));

/** A kind and its opposite from the same two states. */
export const bothWays = (
  name: string,
  narrow: Members,
  wide: Members,
  code?: ReasonCode,
  where?: (base: Members) => boolean,
): readonly Kind[] => [
  {
    name: `${name}, opened`,
    label: "widen",
    from: set(narrow),
    edit: set(wide),
    ...(code && { code }),
    ...(where && { where }),
  },
  { name: `${name}, closed`, label: "narrow", from: set(wide), edit: set(narrow), ...(where && { where }) },
];

const reference = (side: Reference["side"], field: string): Reference => ({
  noun: "reusable policy",
  id: "5a0c",
  name: "Somebody's policy",
  field,
  side,
});

/** The thing is named where it lets in. */
export const letsIn = [reference("lets_in", "include[0].group.id")];
/** The thing is named where it keeps out. */
export const keepsOut = [reference("keeps_out", "exclude[0].group.id")];

/** Applications of these types. */
export const isOf =
  (...types: readonly string[]) =>
  (base: Members): boolean =>
    types.includes(String(base["type"]));

/** Applications in a browser. */
export const browser = isOf("self_hosted", "ssh", "vnc", "rdp");
/** Applications whose login can be said more about. */
export const gated = (base: Members): boolean => !isOf("bookmark", "infrastructure")(base);

/** Staff may enter. */
export const staff = {
  id: "p1",
  name: "Staff",
  decision: "allow",
  include: [{ email_domain: { domain: "example.org" } }],
  precedence: 1,
};
/** Everything passes. */
export const open = { id: "p4", name: "Open", decision: "bypass", include: [{ everyone: {} }], precedence: 4 };
