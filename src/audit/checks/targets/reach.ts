import type { Members } from "../../../core/change.ts";
import { listOf, membersOf, textOf } from "../../../simulator/fields.ts";
import { coversTarget } from "../../../simulator/targets.ts";
import type { Estate } from "../../estate.ts";

const keep = <Key, Item>(index: Map<Key, Item[]>, key: Key, item: Item): void => {
  const others = index.get(key);
  if (others === undefined) index.set(key, [item]);
  else others.push(item);
};

/** Targets by each of their labels, and those of which the tags are not known. */
function labelled(estate: Estate): ReadonlyMap<string, readonly Members[]> {
  const found = new Map<string, Members[]>();
  for (const target of estate.items("targets")) {
    const { hostname, tags } = target;
    keep(found, `hostname=${hostname}`, target);
    for (const [key, value] of Object.entries(membersOf(tags))) keep(found, `tag ${key}=${value}`, target);
    if (tags === undefined) keep(found, "no tags", target);
  }
  return found;
}

/** The targets that a criterion may cover; all of them where it asks for what nobody knows yet. */
function candidates(estate: Estate, { include, target_attributes }: Members): Iterable<Members> {
  const { tags, target_attributes: attributes, ...rest } = membersOf(include);
  const older = membersOf(target_attributes);
  const { hostname: _, ...others } = { ...rest, ...membersOf(attributes), ...older };
  if (Object.keys(others).length > 0) return estate.items("targets");
  const byTag = Object.entries(membersOf(tags)).flatMap(([key, values]) =>
    [values].flat().map((value) => `tag ${key}=${value}`),
  );
  const names = [membersOf(attributes)["hostname"], older["hostname"]].flat();
  const marks = [...names.map((name) => `hostname=${name}`), ...byTag, ...(byTag.length > 0 ? ["no tags"] : [])];
  const index = estate.once(labelled);
  return new Set(marks.flatMap((mark) => index.get(mark) ?? []));
}

/** An application that reaches a target, or may, at one port. */
export interface Access {
  readonly application: Members;
  readonly target: Members;
  /** `SSH 22`. */
  readonly port: string;
  readonly certain: boolean;
}

const accesses = (estate: Estate): readonly Access[] =>
  estate.items("applications").flatMap((application) =>
    listOf(application["target_criteria"]).flatMap((criterion) =>
      [...candidates(estate, criterion)].flatMap((target): readonly Access[] => {
        const covers = coversTarget({ target_criteria: [criterion] }, target);
        const port = `${textOf(criterion["protocol"])} ${criterion["port"]}`;
        return covers === false ? [] : [{ application, target, port, certain: covers === true }];
      }),
    ),
  );

const by = (side: "application" | "target") => (estate: Estate) => {
  const found = new Map<Members, Access[]>();
  for (const access of estate.once(accesses)) keep(found, access[side], access);
  return found;
};

/** What each application reaches. */
export const reachedBy = by("application");
/** What reaches each target. */
export const reaching = by("target");
