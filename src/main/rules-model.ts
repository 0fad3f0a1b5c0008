import { z } from "zod";
import { didYouMean } from "../core/nearest.ts";
import type { Entry } from "../core/room.ts";
import { globProblem, isMatch } from "../pipeline/rules/glob.ts";
import { days, localTime } from "../pipeline/rules/hours.ts";
import type { OperatorRules } from "../pipeline/rules/index.ts";
import { shapeProblem, shapes } from "../pipeline/rules/shapes.ts";

/** Texts of which `problem` says what to write instead. */
const text = (problem: (given: string) => string | undefined) =>
  z.string().superRefine((given, context) => {
    const message = problem(given);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });

const oneOf = <const Choice extends string>(what: string, choices: readonly Choice[]) =>
  z.enum(choices, {
    error: ({ input }) => {
      const hint = typeof input === "string" ? didYouMean(input, choices) : "";
      return `not a ${what}${hint || `: one of ${choices.join(", ")}`}`;
    },
  });

const because = z
  .string()
  .trim()
  .min(1, "empty: say why, or leave it out")
  .max(500, "longer than 500 characters: shorten it")
  .optional()
  .describe("Why, in your words; refusals repeat it");

/** A text, or the same as `match` together with a reason. */
const word = (match: z.ZodType<string, string>, what: string) =>
  z.union([match, z.strictObject({ match, because })], { error: `expected ${what}, or {match: ..., because: ...}` });

/** Looked at only where nothing else is wrong, so that one slip is one problem. */
const isFine = ({ issues }: z.core.ParsePayload) => issues.length === 0;

/** A list that says something. */
const some = <Item extends z.ZodType>(item: Item) => z.array(item).min(1, "empty: put something in, or leave it out");

/** Keys of which at least one says something; a reason alone does not. */
const keys = <const Shape extends z.ZodRawShape>(shape: Shape) => {
  const telling = Object.keys(shape).filter((key) => !["because", "noun", "zone", "$schema"].includes(key));
  return z.strictObject(shape).refine((given) => telling.some((key) => Object.hasOwn(given, key)), {
    error: `says nothing: give ${telling.join(" or ")}`,
    when: isFine,
  });
};

const glob = text(globProblem);

const zone = text((given) => {
  try {
    if (/^[+-]/.test(given)) throw new RangeError();
    localTime(new Date(0), given);
    return undefined;
  } catch {
    const hint = didYouMean(given, Intl.supportedValuesOf("timeZone"));
    return `there is no time zone "${given}"${hint || ": write a name like Europe/Berlin or UTC"}`;
  }
})
  .optional()
  .describe("IANA time zone, such as Europe/Berlin");

const date = z.iso.date("not a day of the calendar: write it like 2026-12-20");
const clock = (pattern: RegExp, latest: string) =>
  z.string().regex(pattern, `not a time of day: write it like "09:00", from "00:00" to "${latest}"`);

const window = z
  .strictObject({
    days: some(oneOf("day", days)).optional().describe("Every day when left out"),
    from: clock(/^(?:[01]\d|2[0-3]):[0-5]\d$/, "23:59"),
    to: clock(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/, "24:00").describe(
      "Not included; before `from`: on the next day",
    ),
    zone,
    because,
  })
  .refine(({ from, to }) => from !== to, {
    error: 'same as from: for a whole day write from "00:00" to "24:00"',
    path: ["to"],
    when: isFine,
  });

const freeze = z
  .strictObject({ from: date.describe("First day"), to: date.describe("Last day"), zone, because })
  .refine(({ from, to }) => from <= to, { error: "before from: swap them", path: ["to"], when: isFine });

const count = z
  .int("expected a whole number")
  .min(0, "expected a whole number from 0")
  .max(1_000_000, "expected a whole number up to 1000000")
  .optional();
const limit = keys({
  per_hour: count.describe("In any hour"),
  per_day: count.describe("In any 24 hours"),
  because,
}).optional();

const application = keys({
  name: glob.optional(),
  domain: glob.optional().describe("Of hostnames; with a /, of the path too"),
  tag: glob.optional(),
  because,
});
const applications = z
  .strictObject({
    applications: some(
      z.union([glob, application], { error: "expected a glob of names, or {name: ..., domain: ..., tag: ...}" }),
    ),
  })
  .optional();

const ticket = text((given) => {
  if (!/#/.test(given)) return 'holds no # for the number: write it like "OPS-#"';
  if (/##/.test(given)) return "# already means a number of any length: write one #";
  return /^[\p{L}\p{N}#_./-]{1,64}$/u.test(given)
    ? undefined
    : 'only letters, digits, # and _ . / - : write it like "OPS-#"';
});

/** The model of the rules file for a catalogue of operations; `docs/rules.schema.json` and the reading are made of it. */
export function rulesModel(entries: readonly Entry[]) {
  const writes = entries.filter(({ effect }) => effect !== "read");
  const names = writes.map(({ name }) => name);
  const effects = [...new Set(writes.map(({ effect }) => `effect:${effect}`))].toSorted();
  const nouns = [...new Set(writes.map(({ room }) => room.noun))].toSorted();
  const operation = text((given) => {
    if (effects.includes(given)) return undefined;
    if (given.startsWith("effect:"))
      return `not an effect of a write${didYouMean(given, effects) || `: one of ${effects.join(", ")}`}`;
    const problem = globProblem(given);
    if (problem !== undefined || names.some((name) => isMatch(given, name))) return problem;
    return entries.some(({ name }) => isMatch(given, name))
      ? `"${given}" matches only reads, which rules do not limit: use --exclude-tools`
      : `no operation matches "${given}"${didYouMean(given, names) || ": the README lists them"}`;
  }).meta({ description: "A glob of operation names, or an effect", examples: effects });
  const shape = text(shapeProblem).meta({
    description: "The name of a shape, with a limit where it has one",
    examples: Object.entries(shapes).map(([name, { limit: needed }]) => (needed === undefined ? name : `${name}:24h`)),
  });
  const forbid = keys({
    operations: some(word(operation, "a glob of operation names")).optional(),
    shapes: some(word(shape, "the name of a shape")).optional(),
  });
  const protect = keys({
    noun: oneOf("kind of object that can be written", nouns),
    name: glob.optional(),
    id: z.string().min(1, "empty: write the id").optional(),
    because,
  });
  return keys({
    zone: zone.describe("IANA time zone of hours and freeze that name none"),
    forbid: forbid.optional().describe("What no write may do, and what none may bring in"),
    only: applications.describe("The only applications that may be touched"),
    never: applications.describe("Applications that may not be touched"),
    protect: some(protect).optional().describe("Objects that no write may touch"),
    hours: some(window).optional().describe("When writes are allowed"),
    freeze: some(freeze).optional().describe("Days without writes, both included"),
    maximum: keys({
      writes: limit.describe("Every write"),
      destroys: limit.describe("Deletes and revocations"),
    }).optional(),
    require: keys({
      reason: z.boolean().optional().describe("The agent must say why"),
      tickets: some(ticket).optional().describe("One of them must stand in the reason; # is a number"),
      because,
    }).optional(),
    $schema: z.string().optional(),
  })
    .superRefine(({ zone: usual, ...rules }, context) => {
      if (usual !== undefined) return;
      for (const section of ["hours", "freeze"] as const) {
        for (const [place, { zone: own }] of (rules[section] ?? []).entries()) {
          if (own !== undefined) continue;
          const message = "in which time zone? Write zone: Europe/Berlin here or at the top of the file";
          context.addIssue({ code: "custom", path: [section, place], message });
        }
      }
    })
    .meta({ title: "Rules of the operator of cloudflare-access-mcp" }) satisfies z.ZodType<OperatorRules>;
}
