import type { Stage } from "../core/call.ts";
import { badInput } from "../core/errors.ts";
import { unseenMark } from "./invisible.ts";
import { isConcealed, secretsIn } from "./masks.ts";
import { cutMark } from "./select.ts";

/** How answers show a value that is not the value: sent back, it would take the place of the whole, the real, the secret. */
const looks: readonly {
  readonly fits: (text: string, isSecret: boolean) => boolean;
  readonly what: string;
  readonly next: string;
}[] = [
  {
    fits: (text, isSecret) => isSecret && isConcealed(text),
    what: "this is the mask that answers show, not the secret",
    next: "Send the secret itself, or leave the field out",
  },
  {
    fits: (text) => cutMark.test(text),
    what: "this text ends as a shortened answer shows it, not whole",
    next: "Send the whole text, or have the operator raise --max-result and read it again",
  },
  {
    fits: (text) => unseenMark.test(text),
    what: "⟦U+…⟧ is how answers show an unseen character, not the character",
    next: "Send the text without it, or the character itself where it is really meant",
  },
];

/** Refuses to write what an answer showed in place of a value. */
export const genuine: Stage = async (call, next) => {
  const { entry, input } = call;
  if (entry.effect === "read") return next(call);
  const secrets = secretsIn(input, new Set(entry.secrets));
  for (const { fits, what, next: way } of looks) {
    const paths = [...textsIn(input)].filter(([path, text]) => fits(text, secrets.has(path))).map(([path]) => path);
    if (paths.length === 0) continue;
    const fields = [...new Set(paths)].slice(0, 10);
    throw badInput(
      `${entry.name}: ${fields.join(", ")}: ${what}`,
      `${way}; nothing was sent.`,
      fields.map((field) => `${field}: ${what}`),
    );
  }
  return next(call);
};

/** Every text in a value with its dotted path, names of members included; arrays on the way are entered and not counted. */
function* textsIn(value: unknown, path = ""): Generator<readonly [path: string, text: string]> {
  if (typeof value === "string") yield [path, value];
  else if (Array.isArray(value)) for (const item of value) yield* textsIn(item, path);
  else if (typeof value === "object" && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      const inner = path === "" ? key : `${path}.${key}`;
      yield [inner, key];
      yield* textsIn(member, inner);
    }
  }
}
