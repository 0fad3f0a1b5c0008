import { csv } from "./csv.ts";
import { html } from "./html/index.ts";
import { json } from "./json.ts";
import { junit } from "./junit.ts";
import { markdown } from "./markdown.ts";
import type { Report } from "./report.ts";
import { sarif } from "./sarif.ts";

/** What a report can be written as, by the ending of its file. */
export const formats = { md: markdown, json, sarif, junit, csv, html } as const satisfies Readonly<
  Record<string, (report: Report) => string>
>;
export type FormatName = keyof typeof formats;
