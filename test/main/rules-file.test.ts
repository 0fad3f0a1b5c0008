import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { access } from "../../src/access/index.ts";
import { CommandError } from "../../src/main/command-error.ts";
import { readRules } from "../../src/main/rules-file.ts";
import { brokenRule } from "../../src/pipeline/rules/index.ts";
import { creates } from "../support/changes.ts";

const document = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");
const [, example = ""] = /```yaml\n(.*?)```/s.exec(document("rules.md")) ?? [];

const folder = mkdtempSync(join(tmpdir(), "rules-"));
let made = 0;

function fileWith(contents: string | Uint8Array): string {
  const path = join(folder, `rules-${made++}.yaml`);
  writeFileSync(path, contents, { mode: 0o600 });
  return path;
}

const read = (contents: string | Uint8Array) => readRules(fileWith(contents), access);

async function refusalOf(path: string): Promise<string> {
  const end = await readRules(path, access).catch((error: unknown) => error);
  if (!(end instanceof CommandError)) throw new Error(`expected the command to end, not ${JSON.stringify(end)}`);
  expect(end.exitCode).toBe(1);
  expect(end.message).toContain(`--rules ${path}: `);
  return end.message;
}

const problemsOf = async (contents: string) => (await refusalOf(fileWith(contents))).split("\n- ").slice(1);

const a = (count: number, text: string) => text.repeat(count);

/** What is wrong with a file: where, and what its one problem says. */
const malformed: readonly [string, string, string, RegExp][] = [
  ["nothing", "", "1:1", /expected keys with values/],
  ["only a comment", "# rules\n", "1:1", /expected keys with values/],
  ["null", "null", "1:1", /expected keys with values/],
  ["a text", "forbid", "1:1", /expected keys with values/],
  ["a list", "- forbid", "1:1", /expected keys with values/],
  ["no keys", "{}", "1:1", /says nothing: give zone or forbid|says nothing: give forbid/],
  ["no rule but a zone", "zone: UTC", "1:1", /says nothing: give forbid/],
  ["an empty section", "forbid:\n", "1:8", /forbid: expected keys with values/],
  ["a section without keys", "forbid: {}", "1:9", /give operations or shapes/],
  ["a list without items", "forbid:\n  shapes: []", "2:11", /forbid\.shapes: empty/],
  ["a misspelt section", "\nforbidd: {shapes: [bypass]}", "2:1", /not a key of the file — did you mean "forbid"/],
  ["an unknown section", "qqqqqqqq: 1", "1:1", /it has zone, forbid, only, never/],
  ["a misspelt key", "forbid:\n  shape: [bypass]", "2:3", /not a key of forbid — did you mean "shapes"/],
  ["a misspelt key of an item", "forbid: {shapes: [{mach: bypass}]}", "1:19", /match: missing, expected a text/],
  [
    "a key too many",
    "forbid: {shapes: [{match: bypass, why: x}]}",
    "1:35",
    /not a key of forbid\.shapes\[0\]: it has match, because/,
  ],
  ["a key of the prototype", "constructor: {}", "1:1", /not a key of the file/],
  ["__proto__", "__proto__: {forbid: {shapes: [bypass]}}", "1:1", /not a key of the file/],
  ["__proto__ deeper", "forbid: {shapes: [bypass], __proto__: {}}", "1:28", /not a key of forbid/],
  ["a merge key", "<<: {forbid: {shapes: [bypass]}}", "1:1", /not a key of the file/],
  ["a text for a list", "forbid: {shapes: bypass}", "1:18", /expected a list/],
  ["keys for a list", "forbid: {shapes: {bypass: true}}", "1:18", /expected a list/],
  ["a list for keys", "forbid: [bypass]", "1:9", /expected keys with values/],
  ["a number for a word", "forbid: {shapes: [3]}", "1:19", /expected the name of a shape, or \{match/],
  ["null for a word", "forbid:\n  shapes:\n    -\n", "3:6", /expected the name of a shape/],
  ["a number for a reason", "forbid: {shapes: [{match: bypass, because: 5}]}", "1:44", /because: expected a text/],
  ["an empty reason", 'forbid: {shapes: [{match: bypass, because: " "}]}', "1:44", /empty: say why/],
  ["a reason without end", `forbid: {shapes: [{match: bypass, because: ${a(501, "x")}}]}`, "1:44", /longer than 500/],
  [
    "an unknown operation",
    "forbid: {operations: [delete_grup]}",
    "1:23",
    /no operation matches "delete_grup" — did you mean "delete_group"/,
  ],
  ["a glob of no operation", 'forbid: {operations: ["x*"]}', "1:23", /no operation matches "x\*"/],
  ["a glob of reads", 'forbid: {operations: ["list_*"]}', "1:23", /matches only reads.*--exclude-tools/],
  ["an unknown effect", "forbid: {operations: [effect:destroy]}", "1:23", /not an effect of a write/],
  ["the effect read", "forbid: {operations: [effect:read]}", "1:23", /not an effect of a write/],
  ["an effect of stars", 'forbid: {operations: ["effect:*"]}', "1:23", /not an effect of a write/],
  ["two stars", 'forbid: {operations: ["delete_**"]}', "1:23", /write \*/],
  ["braces in a glob", 'forbid: {operations: ["delete_{group,tag}"]}', "1:23", /only \* is a wildcard.*\\\{/],
  ["brackets in a glob", 'never: {applications: ["prod[12]"]}', "1:24", /only \* is a wildcard.*\\\[/],
  ["a question mark in a glob", "never:\n  applications:\n  - prod?\n", "3:5", /only \* is a wildcard.*\\\?/],
  ["a lone backslash", "never: {applications: ['prod\\']}", "1:24", /lone/],
  ["an empty glob", 'only: {applications: [""]}', "1:23", /would match nothing/],
  ["an endless glob", `only: {applications: [${a(257, "x")}]}`, "1:23", /longer than 256/],
  [
    "an unknown shape",
    "forbid:\n  shapes:\n    - everybody\n",
    "3:7",
    /there is no shape "everybody" — did you mean "everyone"/,
  ],
  ["a shape like a prototype", "forbid: {shapes: [toString]}", "1:19", /there is no shape "toString"/],
  ["a shape without its limit", "forbid: {shapes: [session_over]}", "1:19", /write session_over:24h/],
  ["a limit that is none", "forbid: {shapes: ['session_over:1d']}", "1:19", /write session_over:24h/],
  ["a limit without end", "forbid: {shapes: ['token_over:forever']}", "1:19", /write token_over:24h/],
  ["a limit too many", "forbid: {shapes: ['bypass:24h']}", "1:19", /takes no limit: write bypass/],
  ["applications as a list", "only: [staging-*]", "1:7", /expected keys with values/],
  ["an application by nothing", "never: {applications: [{because: x}]}", "1:24", /give name or domain or tag/],
  [
    "an application by another key",
    "never: {applications: [{host: x}]}",
    "1:25",
    /not a key of never\.applications\[0\]: it has name, domain, tag/,
  ],
  [
    "an unknown kind of object",
    "protect:\n  - {noun: grup, name: x}",
    "2:12",
    /not a kind of object that can be written — did you mean "group"/,
  ],
  [
    "a kind of object in the plural",
    "protect: [{noun: service tokens, name: x}]",
    "1:18",
    /did you mean "service token"/,
  ],
  ["no kind of object", "protect: [{name: x}]", "1:11", /noun: not a kind of object/],
  ["no name to protect", "protect: [{noun: group}]", "1:11", /give name or id/],
  ["hours without a zone", "hours:\n- {from: '09:00', to: '17:00'}", "2:3", /in which time zone\? Write zone/],
  ["a freeze without a zone", "freeze: [{from: 2026-01-01, to: 2026-01-02}]", "1:10", /in which time zone\?/],
  [
    "an unknown zone",
    "hours: [{from: '09:00', to: '17:00', zone: Europe/Berln}]",
    "1:44",
    /no time zone "Europe\/Berln" — did you mean "Europe\/Berlin"/,
  ],
  ["an offset as zone", "zone: '+02:00'\nhours: [{from: '09:00', to: '17:00'}]", "1:7", /Europe\/Berlin or UTC/],
  [
    "a long day",
    "zone: UTC\nhours: [{days: [monday], from: '09:00', to: '17:00'}]",
    "2:17",
    /not a day: one of mon, tue/,
  ],
  ["no days", "zone: UTC\nhours: [{days: [], from: '09:00', to: '17:00'}]", "2:16", /empty/],
  ["no end", "zone: UTC\nhours: [{from: '09:00'}]", "2:9", /to: missing, expected a text/],
  ["a short time", "zone: UTC\nhours: [{from: 9:00, to: '17:00'}]", "2:16", /write it like "09:00"/],
  ["a time that does not exist", "zone: UTC\nhours: [{from: '09:60', to: '17:00'}]", "2:16", /not a time of day/],
  ["24:00 as start", "zone: UTC\nhours: [{from: '24:00', to: '17:00'}]", "2:16", /not a time of day/],
  [
    "a window of no length",
    "zone: UTC\nhours: [{from: '09:00', to: '09:00'}]",
    "2:29",
    /same as from: for a whole day/,
  ],
  [
    "a day that does not exist",
    "zone: UTC\nfreeze: [{from: 2026-02-30, to: 2026-03-01}]",
    "2:17",
    /not a day of the calendar/,
  ],
  [
    "a date of another form",
    "zone: UTC\nfreeze: [{from: 1.2.2026, to: 2026-03-01}]",
    "2:17",
    /write it like 2026-12-20/,
  ],
  ["a freeze that ends first", "zone: UTC\nfreeze: [{from: 2026-03-02, to: 2026-03-01}]", "2:33", /before from: swap/],
  ["a bare number as maximum", "maximum: {writes: 10}", "1:19", /expected keys with values/],
  ["a maximum of nothing", "maximum: {writes: {because: x}}", "1:19", /give per_hour or per_day/],
  ["half a write", "maximum: {writes: {per_hour: 1.5}}", "1:30", /whole number/],
  ["a negative maximum", "maximum: {writes: {per_hour: -1}}", "1:30", /whole number from 0/],
  ["a number in quotes", "maximum: {writes: {per_hour: '5'}}", "1:30", /whole number/],
  ["an infinite maximum", "maximum: {writes: {per_hour: .inf}}", "1:30", /whole number/],
  ["yes for true", "require: {reason: yes}", "1:19", /true or false/],
  ["a ticket without a number", "require: {tickets: [OPS]}", "1:21", /write it like "OPS-#"/],
  ["a ticket of two signs", "require: {tickets: ['OPS-##']}", "1:21", /write one #/],
  ["a pattern as ticket", "require: {tickets: ['(a+)+#']}", "1:21", /only letters, digits/],
  ["a ticket that became a comment", "require:\n  tickets: #OPS\n", "2:12", /expected a list/],
  ["a key twice", "forbid: {shapes: [bypass]}\nforbid: {shapes: [everyone]}", "2:1", /stands here twice/],
  ["a key twice in JSON", '{"zone": "UTC",\n "zone": "UTC"}', "2:2", /stands here twice/],
  ["a tab as indent", "forbid:\n\tshapes: [bypass]", "2:1", /indent with spaces/],
  ["a quote without end", 'forbid: {shapes: ["bypass]}', "1:28", /closing "quote/],
  ["a bracket without end", "forbid: {shapes: [bypass", "1:25", /\]/],
  ["two documents", "forbid: {shapes: [bypass]}\n---\nforbid: {shapes: [everyone]}", "2:1", /second document/],
  ["YAML 1.1", "%YAML 1.1\n---\nforbid: {shapes: [bypass]}", "1:1", /%YAML line/],
  ["a tag", "forbid: !!js/function 'x'", "1:9", /a tag that rules do not use/],
  ["a tag of its own", "forbid: {shapes: [!shape bypass]}", "1:19", /a tag that rules do not use/],
  ["a list as key", "? [forbid]\n: {}", "1:3", /a key that is not a text/],
  ["an alias of nothing", "forbid: {shapes: *nothing}", "1:18", /an alias points nowhere/],
  ["an alias of itself", "forbid: &x {shapes: [*x]}", "1:22", /match: missing/],
  ["brackets without end", a(100_000, "["), "1:66", /nested too deeply/],
  ["dashes without end", a(100_000, "- "), "1:129", /nested too deeply/],
  ["braces without end", a(60_000, "{a: "), "1:318", /nested too deeply/],
];

describe("a file that is wrong", () => {
  it.each(malformed)("%s", async (_, contents, place, message) => {
    const problems = await problemsOf(contents);
    const [line, column] = place.split(":");
    const found = problems.filter((problem) => message.test(problem));
    expect(found, problems.join("\n")).toHaveLength(1);
    expect(found[0]).toMatch(new RegExp(`^line ${line}, column ${column}: `));
  });

  it("has one problem for one slip, where YAML can go on after it", async () => {
    const several = [];
    for (const [what, contents] of malformed) if ((await problemsOf(contents)).length > 1) several.push(what);
    expect(several).toEqual([
      "a misspelt key of an item",
      "a quote without end",
      "a bracket without end",
      "an alias of itself",
    ]);
  });

  it("cannot explode through aliases", async () => {
    const lines = ["x0: &x0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"];
    for (let depth = 1; depth < 30; depth++) lines.push(`x${depth}: &x${depth} [${a(10, `*x${depth - 1}, `)}]`);
    expect(await problemsOf(lines.join("\n"))).toEqual([expect.stringMatching(/alias.*write out/)]);
  });

  it("tells every problem at once, in the order of the file", async () => {
    const problems = await problemsOf(
      "qqqqqqqq: 1\nforbid:\n  shapes: [bypas, session_over]\n  operations: [effect:read]\nrequire: 5\n",
    );
    expect(problems.map((problem) => /^line (\d+), column (\d+)/.exec(problem)?.slice(1).map(Number))).toEqual([
      [1, 1],
      [3, 12],
      [3, 19],
      [4, 16],
      [5, 10],
    ]);
  });

  it("with hundreds of problems tells the first ones", async () => {
    const problems = await problemsOf(`forbid:\n  shapes:\n${a(300, "  - nonsense\n")}`);
    expect(problems).toHaveLength(21);
    expect(problems.at(-1)).toBe("and 280 more");
  });

  it("of any bytes ends in an error with a place, and in no crash", async () => {
    let seed = 7;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    };
    const noise = "[]{}:-*&!|>'\"%@`,#?\t\n \\\u0000ä";
    for (let round = 0; round < 300; round++) {
      const at = random(example.length);
      const text = `${example.slice(0, at)}${noise[random(noise.length)]}${example.slice(at + random(3))}`;
      const end = await read(text).catch((error: unknown) => error);
      if (end instanceof CommandError) expect(end.message).toMatch(/\n- line \d+, column \d+: ./);
      else expect(end, `round ${round}: ${text}`).not.toBeInstanceOf(Error);
    }
  });
});

describe("a file that cannot be trusted or read", () => {
  it.each([0o620, 0o602, 0o666, 0o777])("writable by others: %o", async (mode) => {
    const path = fileWith("forbid: {shapes: [bypass]}");
    chmodSync(path, mode);
    expect(await refusalOf(path)).toMatch(/others can write.*chmod go-w/);
  });

  it("larger than 256 kB", async () => {
    expect(await refusalOf(fileWith(`forbid: {shapes: [bypass]}\n#${a(256 * 1024, "x")}`))).toMatch(/256 kB/);
  });

  it("not text", async () => {
    expect(await refusalOf(fileWith(Uint8Array.of(0x7a, 0xff, 0xfe)))).toMatch(/UTF-8/);
  });

  it("missing, a folder or a pipe", async () => {
    expect(await refusalOf(join(folder, "missing.yaml"))).toMatch(/cannot be read \(ENOENT\)/);
    mkdirSync(join(folder, "folder.yaml"));
    expect(await refusalOf(join(folder, "folder.yaml"))).toMatch(/not a file/);
    execFileSync("sh", ["-c", `mkfifo "$1"`, "sh", join(folder, "pipe.yaml")]);
    expect(await refusalOf(join(folder, "pipe.yaml"))).toMatch(/not a file/);
  });
});

describe("a good file", () => {
  it("is the example of docs/rules.md, which shows every section", async () => {
    const rules = await read(example);
    const schema = JSON.parse(document("rules.schema.json"));
    const sections = Object.keys(schema.properties).filter((key) => key !== "$schema");
    expect(Object.keys(rules).toSorted()).toEqual(sections.toSorted());
  });

  it("says the same in JSON, also with tabs", async () => {
    const rules = await read(example);
    expect(await read(JSON.stringify(rules))).toEqual(rules);
    expect(await read(JSON.stringify({ $schema: "./rules.schema.json", ...rules }, null, "\t"))).toMatchObject(rules);
  });

  it("may have comments, aliases, a byte order mark, and other ends of lines", async () => {
    const text = [
      "# ours",
      "zone: UTC",
      "hours:",
      "  - {days: &work [mon, tue], from: 09:00, to: 12:00}",
      "  - {days: *work, from: 13:00, to: 17:00}",
    ];
    const expected = {
      zone: "UTC",
      hours: [
        { days: ["mon", "tue"], from: "09:00", to: "12:00" },
        { days: ["mon", "tue"], from: "13:00", to: "17:00" },
      ],
    };
    expect(await read(text.join("\n"))).toEqual(expected);
    expect(await read(`\ufeff${text.join("\r\n")}\r\n`)).toEqual(expected);
  });

  it("may be a link and readable by all", async () => {
    const path = fileWith("forbid: {shapes: [bypass]}");
    chmodSync(path, 0o644);
    symlinkSync(path, join(folder, "link.yaml"));
    expect(await readRules(join(folder, "link.yaml"), access)).toEqual({ forbid: { shapes: ["bypass"] } });
  });

  it("holds as it was read, whatever becomes of the file", async () => {
    const path = fileWith("forbid:\n  operations:\n    - {match: create_*, because: ask us}");
    const rules = await readRules(path, access);
    writeFileSync(path, "forbid: {shapes: [bypass]}");
    expect(await brokenRule(rules, creates("create_group", { name: "G" }), new Date())).toMatchObject({
      rule: "forbid.operations[0]",
      why: expect.stringContaining("The operator says: ask us"),
    });
  });
});
