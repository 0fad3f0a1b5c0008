import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { formats } from "../../src/audit/report/index.ts";
import { visible } from "../../src/audit/report/text.ts";
import { principalKinds } from "../../src/simulator/reach.ts";
import { type Element, everyElement, named, parseMarkup, textIn } from "../support/markup.ts";
import { cleanReport, hostileNames, sampleReport } from "../support/report.ts";

const report = sampleReport();
const page = formats.html(report);
const root = parseMarkup(page);
const style = textIn(named(root, "style")[0] ?? root);

function byId(id: string, within: Element = root): Element {
  const found = everyElement(within).find(({ attributes }) => attributes["id"] === id);
  if (found === undefined) throw new Error(`nothing has the id ${id}`);
  return found;
}

const withClass = (element: Element, name: string) =>
  everyElement(element).filter(({ attributes }) => attributes["class"]?.split(" ").includes(name));

describe("the page is safe", () => {
  it("has only elements and attributes that we wrote", () => {
    const names = new Set(everyElement(root).map(({ name }) => name));
    for (const bad of ["script", "img", "iframe", "object", "embed", "link", "base", "form", "input", "b-x"]) {
      expect(names).not.toContain(bad);
    }
    const attributes = everyElement(root).flatMap((element) => Object.keys(element.attributes));
    expect(attributes.filter((name) => /^(?:on|style$|src|action|formaction)/.test(name))).toEqual([]);
  });

  it("leads nowhere but to itself and to Cloudflare's documentation", () => {
    const links = named(root, "a").map(({ attributes }) => attributes["href"] ?? "");
    const outside = links.filter((href) => !href.startsWith("#"));
    expect(outside.length).toBeGreaterThan(0);
    for (const href of outside) expect(href).toMatch(/^https:\/\/developers\.cloudflare\.com\//);
    for (const href of links.filter((one) => one.startsWith("#"))) expect(byId(href.slice(1))).toBeDefined();
  });

  it("allows its own style by its hash, and nothing else", () => {
    const [policy = ""] = named(root, "meta")
      .filter(({ attributes }) => attributes["http-equiv"] === "Content-Security-Policy")
      .map(({ attributes }) => attributes["content"] ?? "");
    const hash = createHash("sha256").update(style).digest("base64");
    expect(policy.split("; ")).toEqual([
      "default-src 'none'",
      `style-src 'sha256-${hash}'`,
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    expect(style).not.toMatch(/url\(|@import|</);
  });

  it.each(Object.entries(hostileNames))("shows a name as text: %s", (_, name) => {
    expect(textIn(byId("findings"))).toContain(visible(name));
    expect(visible(page)).toBe(page);
  });
});

describe("the page tells all", () => {
  it("shows every finding once, with evidence, and its fix ready to copy", () => {
    const findings = withClass(byId("findings"), "finding");
    expect(findings).toHaveLength(report.audit.findings.length);
    const text = textIn(byId("findings"));
    for (const { id, field, check } of report.audit.findings) {
      for (const part of [id, check.title, check.remedy, ...(field === undefined ? [] : [field])])
        expect(text).toContain(part);
    }
    const steps = report.audit.findings.flatMap(({ fix }) => fix?.steps ?? []);
    const shown = named(byId("findings"), "pre").map((pre) => JSON.parse(textIn(pre)));
    expect(shown).toEqual(steps.map((step) => step.arguments));
  });

  it("sets accepted findings apart, with reason, person and end", () => {
    const text = textIn(byId("accepted"));
    for (const { id, acceptance } of report.accepted) {
      expect(textIn(byId("findings"))).not.toContain(id);
      for (const part of [id, acceptance.reason, acceptance.by ?? "", acceptance.expires]) expect(text).toContain(part);
    }
    expect(text).toContain("it is a finding again");
  });

  it("shows what could not be read as that, and which checks have no answer", () => {
    const text = textIn(byId("unreadable"));
    for (const part of [
      "users: not allowed to read",
      "300 of 2120 looked at",
      "mcp portals: not enabled",
      "3 checks without an answer",
    ]) {
      expect(text).toContain(part);
    }
    expect(
      named(byId("checks"), "tr")
        .map(textIn)
        .filter((row) => row.includes("no answer")),
    ).toHaveLength(3);
  });

  it("sums up each family", () => {
    const cards = named(byId("families"), "li").map(textIn);
    expect(cards).toContain("Policies1 critical and 2 high2 checks");
    expect(cards).toContain("Usersnot known2 checks, 2 not answered");
  });

  it("has a matrix of applications and those who get in, the widest first", () => {
    const [matrix = root] = withClass(byId("reach"), "matrix");
    const [head, ...rows] = named(matrix, "tr").map((row) => row.children.filter((child) => typeof child === "object"));
    const titles = head?.map(textIn) ?? [];
    expect(titles).toEqual([
      "Application",
      "The internet",
      "E-mail domain",
      "Identity group",
      "E-mail address",
      "Service token",
      "Not known",
    ]);
    expect(rows).toHaveLength(report.reach.length);
    for (const row of rows) expect(row).toHaveLength(titles.length);
    expect(rows[0]?.map(textIn).slice(1)).toEqual(["1 bypass", "1 if", "1", "", "", ""]);
    expect(rows.at(-1)?.map(textIn).join("")).toBe("Nobody'ssaas");
    const ways = textIn(byId("reach"));
    expect(ways).toContain("@quillon.example.com after login, if country NL (policy All staff)");
    expect(ways).toContain('Okta group "platform" after login (policy All staff, group Engineering)');
  });

  it("has a word for every kind of principal", () => {
    const way = report.reach[0]?.principals[0];
    const application = report.reach[0]?.application;
    if (way === undefined || application === undefined) throw new Error("the sample has no ways in");
    const reach = [{ application, principals: principalKinds.map((kind) => ({ ...way, kind })), unknown: [] }];
    const all = parseMarkup(formats.html({ ...report, reach }));
    expect(named(byId("reach", all), "th")).toHaveLength(principalKinds.length + 3);
  });

  it("says when nothing is wrong", () => {
    const clean = parseMarkup(formats.html(cleanReport()));
    expect(textIn(withClass(clean, "verdict")[0] ?? root)).toContain("Nothing found");
    expect(withClass(clean, "verdict")[0]?.attributes["class"]).toContain("clean");
  });
});

describe("everybody can read the page", () => {
  it("has a language, a title, a size for telephones, and headings in order", () => {
    expect(root.attributes["lang"]).toBe("en");
    expect(textIn(named(root, "title")[0] ?? root)).toContain(report.title);
    expect(page).toContain("width=device-width");
    const levels = everyElement(root).flatMap(({ name }) => (/^h[1-6]$/.test(name) ? [Number(name[1])] : []));
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    for (const [place, level] of levels.entries()) expect(level - (levels[place - 1] ?? 0)).toBeLessThanOrEqual(1);
  });

  it("names its tables and their heads, and every id once", () => {
    for (const table of named(root, "table")) {
      expect(named(table, "caption")).toHaveLength(1);
      for (const head of named(table, "th")) expect(head.attributes["scope"]).toMatch(/^(?:col|row)$/);
    }
    const ids = everyElement(root).flatMap(({ attributes }) => attributes["id"] ?? []);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each([
    ["light", /:root \{ color-scheme([\s\S]*?)\}/],
    ["dark", /prefers-color-scheme: dark\) \{ :root \{([\s\S]*?)\}/],
  ])("has text that stands out from what is behind it, in %s", (_, theme) => {
    const colours = new Map(
      [...(theme.exec(style)?.[1] ?? "").matchAll(/--([\w-]+): (#[0-9a-f]{6}|\d+%)/g)].map(([, name, value]) => [
        name,
        value ?? "",
      ]),
    );
    const colour = (name: string) => channels(colours.get(name) ?? "");
    const tint = Number.parseInt(colours.get("tint") ?? "", 10) / 100;
    const plain = ["ink", "muted", "link"].flatMap((name) =>
      ["page", "surface", "sunken"].map((on) => [colour(name), colour(on)] as const),
    );
    const tones = ["critical", "high", "medium", "low", "info", "clean", "unknown"].flatMap((name) => {
      const mixed = colour("surface").map((part, at) => part * (1 - tint) + (colour(`${name}-fill`)[at] ?? 0) * tint);
      return [mixed, colour("surface"), colour("page")].map((on) => [colour(name), on] as const);
    });
    for (const [text, on] of [...plain, ...tones])
      expect(contrast(text, on), `${text} on ${on}`).toBeGreaterThanOrEqual(4.5);
  });
});

const channels = (hex: string): number[] => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));

/** Relative luminance (WCAG 2.2). */
function luminance(colour: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: readonly number[], other: readonly number[]): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}
