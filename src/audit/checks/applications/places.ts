import type { Place } from "../../../simulator/places.ts";
import type { Found, Subject } from "../../check.ts";

/** Where a destination stands in its application, and as what. */
export function evidenceOf({ application, field }: Place): Pick<Found, "field" | "value"> {
  const [, name = "", at] = /^(\w+)(?:\[(\d+)\])?$/.exec(field) ?? [];
  const held = application[name];
  return { field, value: at !== undefined && Array.isArray(held) ? held[Number(at)] : held };
}

/** An address as findings name it, beside applications. */
export const addressed = (address: string): Subject => ({ noun: "address", id: address });
