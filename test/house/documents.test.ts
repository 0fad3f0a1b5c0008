import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { generated } from "../../scripts/generated.ts";

const root = new URL("../../", import.meta.url);
const read = (file: string) => readFileSync(new URL(file, root), "utf8");
const packageJson = JSON.parse(read("package.json"));

const written = await generated();

describe("documents and manifests", () => {
  it.each(Object.entries(written))("%s says what the code says (npm run docs)", (file, text) => {
    expect(read(file)).toBe(text);
  });

  it("explain every kind of failure", () => {
    const [, kinds = ""] = /export type FailureKind =([^;]*);/.exec(read("src/core/errors.ts")) ?? [];
    const table = read("README.md");
    for (const [, kind] of kinds.matchAll(/"(\w+)"/g))
      expect(table, `README has no row for ${kind}`).toContain(`\`${kind}\``);
  });

  it("say how many tools there are by default", () => {
    const { tools } = JSON.parse(read("manifest.json"));
    expect(read("README.md")).toContain(`| ${tools.length - 4} for daily work, and the four below |`);
  });

  it("link only to files that exist", () => {
    const pages = [
      "README.md",
      "docs/architecture.md",
      ...readdirSync(new URL("docs/decisions", root)).map((name) => `docs/decisions/${name}`),
    ];
    for (const page of pages) {
      for (const [, link = ""] of read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
        expect(existsSync(new URL(link, new URL(page, root))), `${page} links to ${link}`).toBe(true);
      }
    }
  });

  it("name only scripts that exist", () => {
    for (const [, script = ""] of read("README.md").matchAll(/npm run (\w+)/g))
      expect(packageJson.scripts).toHaveProperty([script]);
  });
});

describe("dependencies", () => {
  const lock = JSON.parse(read("package-lock.json"));
  const production = Object.entries<{ dev?: boolean; devOptional?: boolean; hasInstallScript?: boolean }>(
    lock.packages,
  ).filter(([name, { dev, devOptional }]) => name !== "" && !dev && !devOptional);

  it("are at most eight in production, none with an install script", () => {
    expect(production.length).toBeLessThanOrEqual(8);
    expect(production.filter(([, { hasInstallScript }]) => hasInstallScript)).toEqual([]);
  });

  it("are pinned to one version", () => {
    for (const version of Object.values<string>({ ...packageJson.dependencies, ...packageJson.devDependencies })) {
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    }
  });

  it("are locked without addresses", () => {
    expect(read("package-lock.json")).not.toMatch(/"resolved"/);
  });
});
