import { line, visible } from "./text.ts";

/** Markup that is finished: text of others in it is escaped. Only this file makes it. */
export interface Markup {
  readonly markup: string;
}

type Content = Markup | string;

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** What has no content in HTML; everything else needs its end there even when it is empty. */
const empty: ReadonlySet<string> = new Set(["col", "meta", "rect"]);

const escaped = (text: string): string => visible(text).replace(/[&<>"']/g, (found) => entities[found] ?? found);

/** One element. Texts among its attributes and its content are escaped, attributes without a value are left out. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | undefined>> = {},
  content: readonly Content[] = [],
): Markup {
  const head = Object.entries(attributes)
    .flatMap(([key, value]) => (value === undefined ? [] : [` ${key}="${escaped(line(value))}"`]))
    .join("");
  const inner = content.map((part) => (typeof part === "string" ? escaped(part) : part.markup)).join("");
  return { markup: empty.has(name) ? `<${name}${head}/>` : `<${name}${head}>${inner}</${name}>` };
}
