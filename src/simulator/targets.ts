import type { Members } from "../core/change.ts";
import { listOf, membersOf } from "./fields.ts";
import { all, either, not, type Verdict } from "./verdicts.ts";

/** One label that a criterion asks for: any of its values will do. */
interface Asked {
  readonly on: "hostname" | "tag" | "other";
  readonly label: string;
  readonly values: readonly unknown[];
}

function askedIn(part: unknown): readonly Asked[] {
  const { tags, target_attributes, ...rest } = membersOf(part);
  const each = (labels: unknown, on: (label: string) => Asked["on"]) =>
    Object.entries(membersOf(labels)).map(
      ([label, values]): Asked => ({ on: on(label), label, values: [values].flat() }),
    );
  return [
    ...each(tags, () => "tag"),
    ...each(target_attributes, (label) => (label === "hostname" ? "hostname" : "other")),
    ...each(rest, () => "other"),
  ];
}

/** Tags of targets are younger than targets: where none are shown they are not known. */
const meets =
  ({ hostname, tags }: Members) =>
  ({ on, label, values }: Asked): Verdict => {
    if (on === "hostname") return values.includes(hostname);
    return on === "other" || tags === undefined ? undefined : values.includes(membersOf(tags)[label]);
  };

interface Criterion {
  readonly some: readonly Asked[];
  readonly every: readonly Asked[];
  readonly none: readonly Asked[];
}

const known = new WeakMap<Members, Criterion>();

/** A criterion taken apart, once for all targets. */
function criterionOf(given: Members): Criterion {
  const { include, require, exclude, target_attributes } = given;
  const found = known.get(given) ?? {
    some: [...askedIn(include), ...askedIn({ target_attributes })],
    every: askedIn(require),
    none: askedIn(exclude),
  };
  known.set(given, found);
  return found;
}

/** Whether an application covers a target: any of include, all of require, none of exclude (Cloudflare's page on infrastructure applications). */
export function coversTarget(application: Members, target: Members): Verdict {
  const holds = meets(target);
  const verdicts = listOf(application["target_criteria"]).map((given) => {
    const { some, every, none } = criterionOf(given);
    return all([either(some.map(holds)), ...every.map(holds), ...none.map(holds).map(not)]);
  });
  return either(verdicts);
}
