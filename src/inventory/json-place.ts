/** Where something stands in a text, both counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A step into a JSON value: a member by its name, an item by its place. */
type Step = PropertyKey;

const tokens = {
  space: /[ \t\n\r]*/y,
  string: /"[ !#-[\]-\uffff]*(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})[ !#-[\]-\uffff]*)*"/y,
  scalar: /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y,
};

/** Deeper than anything that is meant seriously. */
const deepest = 500;

class Broken extends Error {
  readonly at: number;
  constructor(expected: string, at: number) {
    super(expected);
    this.at = at;
  }
}

/** Where a text stops being JSON, and what should stand there; nothing when it is JSON. */
export function brokenJson(text: string): (Place & { readonly expected: string }) | undefined {
  try {
    offsetsOf(text, []);
    return undefined;
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return { ...placeAt(text, error.at), expected: error.message };
  }
}

/** Where a value stands in JSON text; where there is no such value, what should hold it. */
export const placeIn = (text: string, path: readonly Step[]): Place => placeAt(text, offsetsOf(text, [path])[0] ?? 0);

/** `placeIn` for several at once, which reads the text only once. */
export const placesIn = (text: string, paths: readonly (readonly Step[])[]): readonly Place[] =>
  offsetsOf(text, paths).map((offset) => placeAt(text, offset));

function placeAt(text: string, offset: number): Place {
  const lines = text.slice(0, offset).split("\n");
  return { line: lines.length, column: (lines.at(-1) ?? "").length + 1 };
}

/** Reads the whole text, and answers where the value begins that each path leads to, as far as it leads. */
function offsetsOf(text: string, paths: readonly (readonly Step[])[]): readonly number[] {
  let at = 0;
  const found = paths.map(() => 0);
  const take = (token: RegExp): string | undefined => {
    token.lastIndex = at;
    const [taken] = token.exec(text) ?? [];
    if (taken !== undefined) at += taken.length;
    return taken;
  };
  const isNext = (mark: string): boolean => {
    take(tokens.space);
    if (text[at] !== mark) return false;
    at += 1;
    return true;
  };
  const expect = (mark: string, or = "") => {
    if (!isNext(mark)) throw new Broken(`"${mark}"${or}`, at);
  };

  /** `leading`: which of the paths lead to this value. */
  const value = (leading: readonly number[], depth: number): void => {
    take(tokens.space);
    for (const path of leading) found[path] = at;
    if (depth > deepest) throw new Broken("less depth", at);
    const inner = (step: Step) => leading.filter((path) => paths[path]?.[depth] === step);
    if (isNext("{")) {
      for (let first = true; !isNext("}"); first = false) {
        if (!first) expect(",", ' or "}"');
        take(tokens.space);
        const name = take(tokens.string);
        if (name === undefined) throw new Broken("a name in quotes", at);
        expect(":");
        value(inner(JSON.parse(name) as string), depth + 1);
      }
    } else if (isNext("[")) {
      for (let place = 0; !isNext("]"); place++) {
        if (place > 0) expect(",", ' or "]"');
        value(inner(place), depth + 1);
      }
    } else if (take(tokens.string) === undefined && take(tokens.scalar) === undefined) {
      throw new Broken("a value", at);
    }
  };
  value([...paths.keys()], 0);
  take(tokens.space);
  if (at < text.length) throw new Broken("the end", at);
  return found;
}
