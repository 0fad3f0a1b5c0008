import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";

const root = new URL("../../", import.meta.url).pathname;
const source = join(root, "src");

const files = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name));

/** Which rooms each room may import; `main` is where the parts meet. */
const borders: Readonly<Record<string, readonly string[]>> = {
  core: [],
  access: ["core"],
  cloudflare: ["core"],
  pipeline: ["core"],
  mcp: ["core"],
  journal: ["core"],
  inventory: ["core", "access"],
  simulator: ["core", "access", "inventory"],
  audit: ["core", "access", "inventory", "simulator"],
  prompts: ["mcp"],
  gate: ["core"],
  sandbox: ["core", "access"],
};

/** Which packages each room may use. */
const packages: Readonly<Record<string, readonly string[]>> = {
  core: ["zod"],
  access: ["zod"],
  cloudflare: ["undici"],
  pipeline: ["zod"],
  journal: ["zod"],
  inventory: ["zod"],
  simulator: ["zod"],
  audit: ["zod"],
  mcp: ["zod", "@modelcontextprotocol/server", "minisearch"],
  sandbox: ["zod"],
  gate: ["jose", "undici"],
  main: ["@modelcontextprotocol/server", "yaml", "zod"],
};

const importsOf = (file: string): string[] =>
  [...readFileSync(file, "utf8").matchAll(/(?:^(?:import|export) [^"]*?from |^import |import\()"([^"]+)"/gm)].map(
    ([, name]) => name ?? "",
  );

describe("the borders of the house", () => {
  it.each(files(source).map((file) => [relative(source, file), file] as const))("%s", (path, file) => {
    const room = path.split("/")[0] ?? "";
    for (const name of importsOf(file)) {
      if (name.startsWith(".")) {
        const target = relative(source, join(dirname(file), name)).split("/")[0] ?? "";
        const allowed = target === room || room === "main" || (borders[room] ?? []).includes(target);
        expect(allowed, `${room} may not import from ${target} (${name}): see docs/architecture.md`).toBe(true);
      } else if (!name.startsWith("node:")) {
        const allowed = (packages[room] ?? []).some((known) => name === known || name.startsWith(`${known}/`));
        expect(allowed, `${room} may not use the package ${name}: a new one needs a decision record`).toBe(true);
      }
    }
  });

  it("never lets a stage name an operation", () => {
    const names = readFileSync(join(root, "test/contract/facts.json"), "utf8").matchAll(/"tool":"(\w+)"/g);
    const operations = [...names].map(([, name]) => name ?? "");
    for (const folder of ["core", "cloudflare", "pipeline"]) {
      for (const file of files(join(source, folder))) {
        const text = readFileSync(file, "utf8");
        const named = operations.filter((name) => text.includes(`"${name}"`));
        expect(named, `${relative(source, file)} should read a declared property instead`).toEqual([]);
      }
    }
  });

  it("keeps files short enough to read", () => {
    const long = [...files(source), ...files(join(root, "scripts")), ...files(join(root, "test"))]
      .map((file) => [relative(root, file), readFileSync(file, "utf8").split("\n").length] as const)
      .filter(([, lines]) => lines > 400);
    expect(long).toEqual([]);
  });

  it("keeps the words of the house few", () => {
    const lines = files(join(source, "core")).reduce(
      (sum, file) => sum + readFileSync(file, "utf8").split("\n").length,
      0,
    );
    expect(lines, "docs/decisions/0010 says why 800").toBeLessThanOrEqual(800);
  });
});
