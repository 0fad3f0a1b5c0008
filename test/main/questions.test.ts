import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { formats } from "../../src/audit/report/index.ts";
import { formatNames, questionRows } from "../../src/main/questions/request.ts";
import { createSandbox } from "../../src/sandbox/index.ts";
import { listen } from "../../src/sandbox/listen.ts";
import { serverEnvironment, serverFile } from "../support/built-server.ts";
import { safeServer } from "../support/safe.ts";

interface Ending {
  readonly code: number | null;
  readonly out: string;
  readonly errors: string;
}

async function ask(words: readonly string[], env = serverEnvironment()): Promise<Ending> {
  const child = spawn(process.execPath, [serverFile, ...words], { env });
  const code = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, out, errors };
}

const folder = () => mkdtempSync(join(tmpdir(), "access-audit-"));

/** A snapshot of the sandbox in a file. */
let kept: string;
beforeAll(async () => {
  const server = safeServer();
  const { result } = await server.call("export_snapshot", { name: "kept" });
  kept = String((result as { path: string }).path);
});

describe("audit", () => {
  it("prints a short report and ends with 2 where something high is wrong", async () => {
    const { code, out } = await ask(["audit", "--sandbox"]);
    expect(code).toBe(2);
    expect(out).toMatch(/^\*\*Act now\.\*\* \d+ findings: \d+ critical/);
    expect(out).toMatch(/^\d+ more\. --detailed shows all\.$/m);
    expect(out.length).toBeLessThanOrEqual(2_600);
  });

  it("ends with 0 where nothing is as bad as --fail-on", async () => {
    const empty = createSandbox({ scale: 0, rateLimit: { limit: 1e9, window: 1 } });
    const { url, close } = await listen(empty, { port: 0 });
    onTestFinished(close);
    const env = serverEnvironment({
      CLOUDFLARE_API_TOKEN: empty.token,
      CLOUDFLARE_ACCOUNT_ID: empty.accountId,
      CLOUDFLARE_BASE_URL: url,
    });
    expect((await ask(["audit", "--fail-on", "critical"], env)).code).toBe(0);
  });

  it("ends with 7 where something may not be read, and says what", async () => {
    const sandbox = createSandbox({ scale: 0, tokens: { blind: ["Access: Apps and Policies Read"] } });
    const { url, close } = await listen(sandbox, { port: 0 });
    onTestFinished(close);
    const env = serverEnvironment({
      CLOUDFLARE_API_TOKEN: "blind",
      CLOUDFLARE_ACCOUNT_ID: sandbox.accountId,
      CLOUDFLARE_BASE_URL: url,
    });
    const { code, out } = await ask(["audit"], env);
    expect(code).toBe(7);
    expect(out).toMatch(/organization: not allowed to read: the API token lacks the permission/);
    expect(out).toMatch(/^--detailed shows which checks have no answer, and why\.$/m);
  });

  it("ends with 3 without credentials, and with 4 where Cloudflare is not reached", async () => {
    expect(await ask(["audit"])).toMatchObject({ code: 3, errors: expect.stringMatching(/no credentials/) });
    const env = serverEnvironment({
      CLOUDFLARE_API_TOKEN: "token",
      CLOUDFLARE_ACCOUNT_ID: "0123456789abcdef0123456789abcdef",
      CLOUDFLARE_BASE_URL: "http://127.0.0.1:9/client/v4",
    });
    expect(await ask(["audit"], env)).toMatchObject({ code: 4 });
  });

  it("works on a snapshot without credentials, in every form", async () => {
    expect(formatNames).toEqual(Object.keys(formats));
    const { code, out } = await ask(["audit", "--snapshot", kept, "--format", "json", "--fail-on", "info"]);
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ checks: expect.any(Array), findings: expect.any(Array) });
    const into = join(folder(), "report");
    await ask(["audit", "--snapshot", kept, "--output-dir", into]);
    expect(readdirSync(into).toSorted()).toEqual(
      ["audit.csv", "audit.html", "audit.json", "audit.junit.xml", "audit.md", "audit.sarif"].toSorted(),
    );
    for (const file of readdirSync(into)) expect(statSync(join(into, file)).mode & 0o077).toBe(0);
  });

  it("sets apart what is accepted, and tells only what is new", async () => {
    const baseline = join(folder(), "baseline.json");
    const accept = ["--accept", "taken over", "--until", "2999-12-31"];
    const first = await ask(["audit", "--snapshot", kept, "--baseline", baseline, ...accept]);
    expect(first).toMatchObject({ code: 0, errors: expect.stringMatching(/\d+ findings are accepted/) });
    const next = ["audit", "--snapshot", kept, "--baseline", baseline, "--new-only", "--fail-on", "info"];
    expect(await ask(next)).toMatchObject({ code: 0, out: expect.stringMatching(/No findings/) });
    const [dropped, ...accepted] = JSON.parse(readFileSync(baseline, "utf8")).accepted;
    writeFileSync(baseline, JSON.stringify({ accepted }));
    const again = await ask(next);
    expect(again.code).toBe(2);
    expect(again.out).toContain(dropped.id);
  });

  it.each([
    [["audit", "--format", "pdf"], /--format: one of md, json/],
    [["audit", "--fail-on", "hihg"], /did you mean "high"/],
    [["audit", "--new-only", "--sandbox"], /--new-only needs --baseline FILE/],
    [["audit", "--accept", "x", "--sandbox"], /--accept needs --until/],
    [
      ["audit", "--sandbox", "--baseline", "b.json", "--accept", "x", "--until", "2020-01-01"],
      /2020-01-01 is in the past/,
    ],
    [
      ["audit", "--sandbox", "--baseline", "b.json", "--accept", "x", "--until", "2027-02-31"],
      /--until: a day such as/,
    ],
    [["audit", "--sandbox", "--baseline", "b.json", "--accept", "x", "--until", "soon"], /--until: a day such as/],
    [["audit", "--sandbox", "--output-dir", ""], /--output-dir: .*cannot be written \(ENOENT\)/],
    [["audit", "--sandbox", "--output-dir", "package.json"], /package\.json cannot be written \(ENOTDIR\)/],
    [["audit", "--sandbox", "--output-dir", "package.json/a/b"], /package\.json\/a\/b cannot be written \(ENOTDIR\)/],
    [["audit", "--baseline", "missing.json", "--sandbox"], /missing\.json cannot be read \(ENOENT\)/],
    [["audit", "--snapshot", "missing.json"], /missing\.json cannot be read \(ENOENT\)/],
    [["audit", "Wiki"], /audit takes nothing more/],
    [["who"], /who takes APPLICATION/],
    [["explain", "ada@example.com"], /explain takes WHO APPLICATION/],
    [["who", "Wiki", "--fail-on", "high"], /who takes no --fail-on/],
    [["changes", "list", "--format", "md"], /--format is for audit/],
  ] as const)("refuses %s", async (words, message) => {
    const { code, errors, out } = await ask(words);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(errors).toMatch(message);
  });

  // Where a folder takes no new ones, Node's own recursive mkdir tries for ever.
  it.runIf(existsSync("/proc/self"))("refuses a folder that cannot be made", async () => {
    const { code, errors } = await ask(["audit", "--snapshot", kept, "--output-dir", "/proc/nope/deeper"]);
    expect({ code, errors }).toEqual({
      code: 1,
      errors: expect.stringMatching(/\/proc\/nope\/deeper cannot be written/),
    });
  });

  it("says which file it could not write", async () => {
    const into = folder();
    mkdirSync(join(into, "audit.csv"));
    const report = await ask(["audit", "--snapshot", kept, "--output-dir", into]);
    expect(report).toMatchObject({ code: 1, errors: expect.stringMatching(/audit\.csv cannot be written \(EISDIR\)/) });
    const baseline = join(folder(), "none", "baseline.json");
    const accept = ["--accept", "x", "--until", "2999-12-31"];
    const accepted = await ask(["audit", "--snapshot", kept, "--baseline", baseline, ...accept]);
    expect(accepted).toMatchObject({
      code: 1,
      errors: expect.stringMatching(/baseline\.json cannot be written \(ENOENT\)/),
    });
  });

  it("makes the folders above the one of the report too", async () => {
    const into = join(folder(), "of", "a", "week");
    await ask(["audit", "--snapshot", kept, "--output-dir", into]);
    expect(readdirSync(into)).toHaveLength(6);
    expect(statSync(join(into, "..")).mode & 0o077).toBe(0);
  });

  it("names line and field of a broken snapshot and a broken baseline", async () => {
    const file = join(folder(), "broken.json");
    writeFileSync(file, readFileSync(kept, "utf8").replace('"state": "ok"', '"state": "fine"'));
    expect(await ask(["audit", "--snapshot", file])).toMatchObject({
      code: 1,
      errors: expect.stringMatching(/line \d+.*state/s),
    });
    writeFileSync(file, '{"accepted": [{"id": "POL-01:3f2a9c1e77b0", "reason": "x"}]}');
    const { code, errors } = await ask(["audit", "--snapshot", kept, "--baseline", file]);
    expect(code).toBe(1);
    expect(errors).toMatch(/line 1.*expires/s);
  });

  it("is in --help with all its flags", async () => {
    const { out } = await ask(["--help"]);
    for (const [words] of questionRows) expect(out).toContain(words);
  });
});

describe("who", () => {
  it("says who can reach an application, for people and for programs", async () => {
    const { code, out } = await ask(["who", "Wiki", "--snapshot", kept]);
    expect(code).toBe(0);
    expect(out).toMatch(/^\*\*Wiki\*\*: /);
    expect(out).toMatch(/^- @quillon\.example\.com \(allowed by policy "Employees" through group "Employees"\)$/m);
    const json = await ask(["who", "Wiki", "--snapshot", kept, "--format", "json"]);
    expect(JSON.parse(json.out)).toMatchObject({ application: { name: "Wiki" }, items: expect.any(Array) });
  });

  it("offers the nearest name", async () => {
    expect(await ask(["who", "Wikki", "--snapshot", kept])).toMatchObject({
      code: 1,
      errors: expect.stringMatching(/there is no application "Wikki".*"Wiki"/s),
    });
  });
});

describe("explain", () => {
  it("says whether somebody gets in, and what would settle it", async () => {
    const open = await ask(["explain", "kai.santos@harbor.example.net", "Data console", "--snapshot", kept]);
    expect(open.out).toMatch(/It depends/);
    expect(open.out).toMatch(/What would settle it:\n- /);
    const facts = ["country=NL", "ip=192.0.2.1"];
    const sure = await ask(["explain", "kai.santos@harbor.example.net", "Wiki", ...facts, "--snapshot", kept]);
    expect(sure.out).toMatch(/gets in after login/);
  });

  it("refuses facts that there are not", async () => {
    const { code, errors } = await ask(["explain", "a@example.com", "Wiki", "land=NL", "--snapshot", kept]);
    expect(code).toBe(1);
    expect(errors).toMatch(/facts\.land: not a field/);
  });
});

it("the examples are about flags that there are", () => {
  const help = new Set(questionRows.flatMap(([words]) => words.match(/--[\w-]+/g) ?? []));
  for (const file of ["audit-weekly.yml", "audit-daily.cron"]) {
    const path = new URL(`../../examples/${file}`, import.meta.url);
    expect(existsSync(path)).toBe(true);
    const [, line = ""] = /main\.js audit (.*)/.exec(readFileSync(path, "utf8")) ?? [];
    for (const flag of line.match(/--[\w-]+/g) ?? []) {
      if (flag !== "--baseline") expect(help, `${file}: ${flag}`).toContain(flag);
    }
  }
});
