/** An element of XML, or of HTML that is written as XML. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (Element | string)[];
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
const token = /<(\/?)([A-Za-z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/y;
/** What XML 1.0 does not allow in a document (section 2.2). */
const forbidden = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

const decoded = (text: string): string =>
  text.replace(/&([^;]*;)?/g, (whole, name: string | undefined) => {
    const found = entities[name?.slice(0, -1) ?? ""];
    if (found === undefined) throw new Error(`not an entity: ${whole}`);
    return found;
  });

/** Reads a document strictly: whatever is not well formed is an error. */
export function parseMarkup(text: string): Element {
  const bad = forbidden.exec(text);
  if (bad !== null) throw new Error(`a character that no document may have at ${bad.index}`);
  const body = text.replace(/^<(?:!DOCTYPE html|\?xml [^>]*\?)>\n/, "");
  const root: (Element | string)[] = [];
  const open: { name: string; children: (Element | string)[] }[] = [{ name: "", children: root }];
  for (token.lastIndex = 0; token.lastIndex < body.length; ) {
    const at = token.lastIndex;
    const found = token.exec(body);
    if (found === null) throw new Error(`not well formed at ${at}: ${body.slice(at, at + 40)}`);
    const [, end, name = "", attributes = "", selfClosed, content] = found;
    const top = open.at(-1);
    if (content !== undefined) top?.children.push(decoded(content));
    else if (end === "/") {
      if (open.pop()?.name !== name || open.length === 0) throw new Error(`</${name}> ends nothing at ${at}`);
    } else {
      const children: (Element | string)[] = [];
      top?.children.push({ name, attributes: attributesOf(attributes), children });
      if (selfClosed !== "/") open.push({ name, children });
    }
  }
  const [element] = root;
  if (open.length !== 1 || typeof element !== "object") throw new Error(`${open.at(-1)?.name} is not closed`);
  return element;
}

function attributesOf(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/([\w:-]+)="([^"]*)"/g)].map(
    ([, key = "", value = ""]) => [key, decoded(value)] as const,
  );
  if (new Set(pairs.map(([key]) => key)).size < pairs.length) throw new Error(`an attribute stands twice: ${text}`);
  return Object.fromEntries(pairs);
}

/** An element and everything in it, in the order of the document. */
export function everyElement(element: Element): readonly Element[] {
  return [element, ...element.children.flatMap((child) => (typeof child === "string" ? [] : everyElement(child)))];
}

/** All elements of a name. */
export const named = (element: Element, name: string): readonly Element[] =>
  everyElement(element).filter((one) => one.name === name);

/** What people read in an element. */
export const textIn = (element: Element): string =>
  element.children.map((child) => (typeof child === "string" ? child : textIn(child))).join("");
