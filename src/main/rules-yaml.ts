import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  type Node,
  type Pair,
  Parser,
  parseDocument,
  visit,
} from "yaml";

/** Something wrong at an offset of the text. */
export interface Problem {
  readonly at: number;
  readonly message: string;
}

/** A text as YAML sees it; the value is there when nothing is wrong. */
export interface Reading {
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Where in the text a value stands, or its key; the closest thing around it when it is missing. */
  offsetOf(path: readonly PropertyKey[], of: "key" | "value"): number;
}

/** What to do about errors of the parser that do not say so themselves. */
const hints: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "this key stands here twice: put both into one",
  MULTIPLE_DOCS: "a second document starts here: put all rules into one",
  NON_STRING_KEY: "a key that is not a text: write a plain word before the colon",
  TAB_AS_INDENT: "a tab: indent with spaces",
  TAG_RESOLVE_FAILED: "a tag that rules do not use: write the plain value",
};

/** Levels within levels that a text may have. */
const deepest = 64;

/**
 * Reads YAML 1.2, which JSON is a part of. The depth is limited before anything recursive sees the text, and aliases
 * are followed a hundred times at most: neither can bring the process down.
 */
export function readYaml(text: string): Reading {
  const tooDeep = depthExceeded(text);
  if (tooDeep !== undefined)
    return nothing({ at: tooDeep, message: "nested too deeply: rules are only a few levels deep" });
  const document = parseDocument(text, {
    version: "1.2",
    schema: "core",
    stringKeys: true,
    prettyErrors: false,
  });
  const problems = [...document.errors, ...document.warnings].map(
    ({ pos: [at], code, message }): Problem => ({ at, message: hints[code] ?? message }),
  );
  if (document.directives.yaml.version !== "1.2") {
    problems.push({ at: 0, message: "another YAML than 1.2 reads times and words otherwise: take the %YAML line out" });
  }
  if (problems.length > 0) return nothing(...problems);
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    return { value, problems, offsetOf: (path, of) => offsetOf(document, path, of) };
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    const message = "an alias points nowhere, or there are too many: write out what they stand for";
    return nothing({ at: badAlias(document), message });
  }
}

const nothing = (...problems: readonly Problem[]): Reading => ({ value: undefined, problems, offsetOf: () => 0 });

/** Where a text gets too deep, told by the part of the parser that does not recurse. */
function depthExceeded(text: string): number | undefined {
  const parser = new Parser();
  let at = 0;
  for (const lexeme of new Lexer().lex(text)) {
    for (const _ of parser.next(lexeme)) {
      // Only a whole document is handed out, and none is wanted here.
    }
    at += lexeme.length;
    if (parser.stack.length > deepest) return at;
  }
  return undefined;
}

/** The first alias that points nowhere, else the last of too many. */
function badAlias(document: Document.Parsed): number {
  let at = 0;
  visit(document, {
    Alias(_, alias) {
      at = alias.range?.[0] ?? at;
      return alias.resolve(document) === undefined ? visit.BREAK : undefined;
    },
  });
  return at;
}

function offsetOf(document: Document.Parsed, path: readonly PropertyKey[], of: "key" | "value"): number {
  let node: Node | null | undefined = document.contents;
  let at = node?.range?.[0] ?? 0;
  for (const [depth, part] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    if (isSeq<Node>(node)) node = node.items[Number(part)];
    else if (isMap<Node, Node | null>(node)) {
      const pair: Pair<Node, Node | null> | undefined = node.items.find(
        ({ key }) => isScalar(key) && String(key.value) === part,
      );
      const isKey = of === "key" && depth === path.length - 1;
      node = isKey ? pair?.key : (pair?.value ?? pair?.key);
    } else return at;
    at = node?.range?.[0] ?? at;
  }
  return at;
}
