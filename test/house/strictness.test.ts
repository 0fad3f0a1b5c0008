import { describe, expect, it } from "vitest";
import { access } from "../../src/access/index.ts";
import { type Entry, shownBy } from "../../src/core/room.ts";
import { parseArguments } from "../../src/mcp/arguments.ts";
import { pathFields } from "../support/calls.ts";
import { answersOf, exampleOf, examplesOf } from "../support/examples.ts";
import { refusalOf } from "../support/refusals.ts";
import { withStranger } from "../support/strangers.ts";

const every = access.map((entry) => [entry.name, entry] as const);
const addressed = every.filter(([, entry]) => pathFields(entry).length > 0);

/** What a tool objects to in arguments, one line each. */
const issuesOf = (entry: Entry, given: Record<string, unknown>) => refusalOf(entry, given).facts.issues ?? [];

/** Only the address of an object, where the operation would send fields: a PUT of nothing resets everything. */
const isEmptyUpdate = (entry: Entry, given: Record<string, unknown>) => {
  const path = pathFields(entry);
  const setsFields = Object.keys(exampleOf(entry, "full")).some((name) => !path.includes(name));
  return entry.effect === "update" && setsFields && Object.keys(given).every((name) => path.includes(name));
};

describe.each(every)("the arguments of %s", (_, entry) => {
  it("are taken unchanged", () => {
    for (const size of ["minimal", "full", "empty"] as const) {
      for (const example of examplesOf(entry, size).filter((one) => !isEmptyUpdate(entry, one))) {
        expect(parseArguments(entry, example, true)).toEqual({
          input: example,
          view: {},
          scope: undefined,
          control: {},
        });
      }
    }
  });

  it("are refused when an update would set nothing", () => {
    for (const example of examplesOf(entry, "minimal").filter((one) => isEmptyUpdate(entry, one))) {
      expect(issuesOf(entry, example)).toEqual([expect.stringContaining("at least one field")]);
    }
  });

  it("are all needed where they are the least there can be, and missed by name", () => {
    for (const example of examplesOf(entry, "minimal")) {
      // What an update is merged into has the rest already.
      const needed = shownBy(entry) === undefined ? Object.keys(example) : pathFields(entry);
      for (const field of needed) {
        const { [field]: _, ...rest } = example;
        expect(issuesOf(entry, rest)).toContainEqual(expect.stringMatching(new RegExp(`^${field}: `)));
      }
    }
  });

  it("have no unknown key in any object, and it is refused by name", () => {
    for (const [place, changed] of withStranger(examplesOf(entry, "full"))) {
      const objection = `${place}: not a field`;
      expect(issuesOf(entry, changed).map((issue) => issue.slice(0, objection.length))).toEqual([objection]);
    }
  });
});

describe.each(addressed)("the ids in the path of %s", (_, entry) => {
  it("cannot change the path", () => {
    for (const example of examplesOf(entry, "minimal")) {
      for (const field of pathFields(entry)) {
        for (const id of ["", ".", "..", "\u0000", "x".repeat(256)]) {
          expect(issuesOf(entry, { ...example, [field]: id }), JSON.stringify(id)).toEqual([
            expect.stringMatching(`^${field}: `),
          ]);
        }
      }
    }
  });
});

it("takes no slash in an id but in a tag's name, which is percent-encoded", () => {
  const open = addressed.flatMap(([name, entry]) =>
    pathFields(entry)
      .filter((field) => entry.input.safeParse({ ...exampleOf(entry, "minimal"), [field]: "a/b" }).success)
      .map((field) => [name, field]),
  );
  expect(open).toEqual(["get_tag", "update_tag", "delete_tag"].map((name) => [name, "tag_name"]));
});

/** Rooms show one model in many answers. */
const models = [...new Map(access.map((entry) => [entry.output, entry])).values()];

describe.each(models.map((entry) => [entry.name, entry] as const))("answers like that of %s", (_, entry) => {
  it("keep what nobody knows yet, in every object", () => {
    for (const [place, changed] of withStranger(answersOf(entry, "full"))) {
      expect(entry.output.parse(changed), place).toEqual(changed);
    }
  });
});
