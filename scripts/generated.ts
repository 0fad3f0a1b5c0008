import { readFileSync } from "node:fs";
import { z } from "zod";
import { checks } from "../src/audit/checks/index.ts";
import type { Entry } from "../src/core/room.ts";
import { described } from "../src/main/catalogue.ts";
import { changesRows } from "../src/main/changes/request.ts";
import { questionRows } from "../src/main/questions/request.ts";
import { rulesModel } from "../src/main/rules-model.ts";
import { settingRows } from "../src/main/settings.ts";
import { describeTool } from "../src/mcp/describe.ts";
import { discoveryTools } from "../src/mcp/discovery.ts";
import { selectTools } from "../src/mcp/selection.ts";
import { shapes } from "../src/pipeline/rules/shapes.ts";
import { examples } from "./examples.ts";

/** Everything in documents and manifests that the code already knows, by file, as text to compare or write. */
export async function generated(): Promise<Record<string, string>> {
  return {
    "README.md": readme(read("README.md"), await examples()),
    "manifest.json": manifest(read("manifest.json")),
    "docs/rules.md": fill(read("docs/rules.md"), "shapes", shapeTable()),
    "docs/audit.md": fill(read("docs/audit.md"), "checks", checkTable()),
    "docs/rules.schema.json": `${JSON.stringify(z.toJSONSchema(rulesModel(described), { io: "input" }), null, 2)}\n`,
  };
}

const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), "utf8");

function readme(text: string, { audit, explanation }: Awaited<ReturnType<typeof examples>>): string {
  const parts = {
    audit: quoted(audit),
    explanation: quoted(explanation),
    questions: rowsTable(questionRows),
    settings: settingsTable(),
    commands: rowsTable(changesRows),
    tools: toolTables(),
  };
  return Object.entries(parts).reduce((filled, [name, table]) => fill(filled, name, table), text);
}

/** Replaces what stands between `<!-- name:start -->` and `<!-- name:end -->`. */
function fill(text: string, name: string, content: string): string {
  const pattern = new RegExp(`(<!-- ${name}:start -->\n)[\\s\\S]*?(<!-- ${name}:end -->)`);
  if (!pattern.test(text)) throw new Error(`no place for ${name}`);
  return text.replace(pattern, (_, start: string, end: string) => `${start}${content}\n${end}`);
}

function settingsTable(): string {
  const cell = (text: string) => text.replaceAll("|", "\\|");
  return [
    "| Flag | Environment | Default | Meaning |",
    "|---|---|---|---|",
    ...settingRows.map(
      ({ flag, environment, fallback, meaning }) =>
        `| \`${cell(flag)}\` | \`${environment}\` | ${cell(fallback)} | ${cell(meaning)} |`,
    ),
  ].join("\n");
}

function rowsTable(rows: readonly (readonly [string, string])[]): string {
  const lines = rows.map(([words, meaning]) => `| \`${words.replaceAll("|", "\\|")}\` | ${meaning} |`);
  return ["| Command | Does |", "|---|---|", ...lines].join("\n");
}

/** What a command printed, as markdown shows it: quoted. */
const quoted = (text: string): string =>
  text
    .split("\n")
    .map((line) => `> ${line}`.trimEnd())
    .join("\n");

function checkTable(): string {
  const rows = checks.map(
    ({ id, severity, title, falsePositive }) => `| ${id} | ${severity} | ${title} | ${falsePositive} |`,
  );
  return ["| Check | Severity | Finds | No mistake when |", "|---|---|---|---|", ...rows].join("\n");
}

function shapeTable(): string {
  const rows = Object.entries(shapes).map(
    ([name, { meaning, limit }]) => `| \`${limit === undefined ? name : `${name}:24h`}\` | ${meaning} |`,
  );
  return ["| Shape | Refuses to bring in |", "|---|---|", ...rows].join("\n");
}

function toolTables(): string {
  const toolsets = grouped();
  return [...toolsets]
    .map(([toolset, entries]) =>
      [
        `<details><summary><b>${toolset}</b> (${entries.length})</summary>`,
        "",
        "| Tool | Does | Effect | Permission |",
        "|---|---|---|---|",
        ...entries.map(row),
        "",
        "</details>",
        "",
      ].join("\n"),
    )
    .join("\n")
    .trimEnd();
}

function grouped(): Map<string, Entry[]> {
  const toolsets = new Map<string, Entry[]>();
  for (const entry of described) toolsets.set(entry.room.toolset, [...(toolsets.get(entry.room.toolset) ?? []), entry]);
  return toolsets;
}

function row({ name, summary, effect, route, needs, everyday, deprecated }: Entry): string {
  const marks = [everyday ? " ●" : "", deprecated === undefined ? "" : " (deprecated)"].join("");
  return `| \`${name}\`${marks} | ${summary.replaceAll("|", "\\|")} | ${effect} | ${needs ?? (route === "" ? "none" : "not documented")} |`;
}

/** The bundle's manifest: version and tools from the code, everything else as it is written. */
function manifest(text: string): string {
  const { version, description } = JSON.parse(read("package.json"));
  const { listed } = selectTools(
    described.map(describeTool),
    discoveryTools.map(({ record }) => record),
    { readOnly: false },
  );
  const tools = listed.map(({ name, description }) => ({ name, description: firstSentence(description) }));
  return `${JSON.stringify({ ...JSON.parse(text), version, description, tools }, null, 2)}\n`;
}

const firstSentence = (text: string): string => /^.*?[.](?=\s|$)/.exec(text)?.[0] ?? text;
