import type { DatasetName } from "../../../inventory/datasets.ts";
import type { Estate } from "../../estate.ts";

/** Whether all of some datasets were read whole, so that what is not there does not exist. */
export const isWhole = (estate: Estate, ...names: readonly DatasetName[]): boolean =>
  names.every((name) => estate.known(name) !== undefined);

/** What `lacks` says of datasets without which a check looks at less than it could. */
export function lackOf(...names: readonly DatasetName[]): (estate: Estate) => string | undefined {
  return (estate) => {
    const missing = names.filter((name) => !isWhole(estate, name));
    return missing.length === 0
      ? undefined
      : `not read whole: ${missing.map((name) => name.replaceAll("_", " ")).join(", ")}`;
  };
}
