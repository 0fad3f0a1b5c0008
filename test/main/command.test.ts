import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { changesRows } from "../../src/main/changes/request.ts";
import { CommandError } from "../../src/main/command-error.ts";
import { helpText, readCommandLine } from "../../src/main/command-line.ts";
import { readCloudflare } from "../../src/main/credentials.ts";
import { environmentName, readSettings, settingRows, settings } from "../../src/main/settings.ts";

const ending = (action: () => unknown): { code: number; message: string } => {
  try {
    action();
  } catch (error) {
    if (error instanceof CommandError) return { code: error.exitCode, message: error.message };
    throw error;
  }
  throw new Error("expected the command to end");
};

const token = "canary0123456789canary0123456789canary01";

describe("flags and commands", () => {
  it("are read, with values after a space or an equals sign", () => {
    const { command, flags } = readCommandLine(["http", "--port", "9000", "--surface=all", "--read-only"]);
    expect(command).toBe("http");
    expect(readSettings(flags, {})).toMatchObject({
      port: 9000,
      surface: "all",
      "read-only": true,
      sandbox: false,
      timeout: 60,
    });
    expect(readCommandLine([]).command).toBe("stdio");
  });

  it.each([
    [["--surfce", "all"], /"--surfce" is not a flag.*surface/],
    [["htp"], /"htp" is not a command.*http/],
    [["--port"], /--port needs a value/],
    [["stdio", "extra"], /"extra" is one command too many after "stdio"/],
    [["changes"], /say what to do: list, show, undo/],
    [["changes", "lst"], /none of .*did you mean "list"/],
    [["changes", "undo"], /"undo" takes one id/],
    [["changes", "undo", "../x"], /"undo" takes one id/],
    [["changes", "list", "chg_1"], /"list" takes nothing more/],
    [["changes", "verify", "one", "two"], /"verify" takes one file/],
    [["changes", "approve", "abcdefgh", "--yes"], /"approve" takes no --yes/],
    [["changes", "undo", "chg_1", "--yes=true"], /"--yes" is not a flag/],
    [["--json"], /--json is for "changes"/],
  ])("%j ends with a hint", (given, message) => {
    expect(ending(() => readCommandLine(given))).toMatchObject({ code: 1, message: expect.stringMatching(message) });
  });

  it.each([
    [["--surface", "al"]],
    [["--port", "70000"]],
    [["--timeout", "soon"]],
    [["--secrets", "nowhere"]],
    [["--read-only=maybe"]],
  ])("%j names the flag and what it takes", (given) => {
    const { code, message } = ending(() => readSettings(readCommandLine(given).flags, {}));
    expect(code).toBe(1);
    expect(message).toMatch(/^--[\w-]+: expected /);
  });

  it.each([
    ["--token", token],
    ["--api-token", token],
    [token],
    [`--api_key=${token}`],
    ["--tools", token],
    [`--surface=${token}`],
  ])("a credential among the arguments is refused and not repeated: %s", (...given) => {
    const { code, message } = ending(() => readCommandLine(given));
    expect(code).toBe(1);
    expect(message).toContain("CLOUDFLARE_API_TOKEN");
    expect(message).not.toContain(token);
  });

  it.each([[`CLOUDFLARE_API_TOKEN=${token}`], [`Bearer ${token}`], [`eyJ.${token}.x`]])(
    "an argument that may hold a credential is not repeated: %s",
    (word) => {
      expect(ending(() => readCommandLine([word])).message).not.toContain(token);
    },
  );

  it("help names every command and flag", () => {
    for (const { flag } of settingRows) expect(helpText()).toContain(flag);
    for (const command of ["stdio", "http", "sandbox"]) expect(helpText()).toContain(command);
    for (const [words] of changesRows) expect(helpText()).toContain(words);
  });
});

describe("changes", () => {
  it("takes its words and flags in any order", () => {
    const expected = { word: "undo", argument: "chg_1", given: new Set(["json", "yes"]) };
    for (const line of ["changes undo chg_1 --json --yes --state x", "--yes changes --state=x undo --json chg_1"]) {
      const { command, flags, changes } = readCommandLine(line.split(" "));
      expect([command, changes, flags.get("state")]).toEqual(["changes", expected, "x"]);
    }
  });

  it("asks for agreement every time: no variable stands for --yes", () => {
    expect(ending(() => readSettings(new Map(), { CF_ACCESS_MCP_YES: "true" }))).toMatchObject({ code: 1 });
  });
});

describe("environment twins", () => {
  it("work for every flag; a flag wins", () => {
    expect(readSettings(new Map(), { CF_ACCESS_MCP_READ_ONLY: "true", CF_ACCESS_MCP_SURFACE: "search" })).toMatchObject(
      {
        "read-only": true,
        surface: "search",
      },
    );
    expect(readSettings(new Map([["surface", "all"]]), { CF_ACCESS_MCP_SURFACE: "search" }).surface).toBe("all");
    for (const name of Object.keys(settings) as (keyof typeof settings)[]) {
      expect(environmentName(name)).toMatch(/^CF_ACCESS_MCP_[A-Z_]+$/);
    }
  });

  it("count as unset when empty or an unfilled placeholder", () => {
    const environment = {
      CF_ACCESS_MCP_SURFACE: "",
      CF_ACCESS_MCP_TOOLSETS: "${user_config.toolsets}",
      CF_ACCESS_MCP_READ_ONLY: " ",
    };
    expect(readSettings(new Map(), environment)).toMatchObject({
      surface: undefined,
      toolsets: undefined,
      "read-only": false,
    });
  });

  it("that do not exist are an error with a hint", () => {
    expect(ending(() => readSettings(new Map(), { CF_ACCESS_MCP_READONLY: "true" }))).toMatchObject({
      code: 1,
      message: expect.stringContaining("CF_ACCESS_MCP_READ_ONLY"),
    });
  });
});

describe("credentials", () => {
  const folder = mkdtempSync(join(tmpdir(), "credentials-"));
  const file = (name: string, content: string, mode: number) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    chmodSync(path, mode);
    return path;
  };

  it("come from the environment or from a file that only the owner can read", () => {
    expect(readCloudflare({ CLOUDFLARE_API_TOKEN: token }).credentials).toEqual({ kind: "token", token });
    const path = file("good", `${token}\n`, 0o600);
    expect(readCloudflare({ CLOUDFLARE_API_TOKEN_FILE: path }).credentials).toEqual({ kind: "token", token });
  });

  it.each([
    ["none at all", {}],
    [
      "an empty token and an unfilled placeholder",
      { CLOUDFLARE_API_TOKEN: "", CLOUDFLARE_API_KEY: "${user_config.key}" },
    ],
    ["a key without e-mail", { CLOUDFLARE_API_KEY: token }],
    ["a file that others can read", { CLOUDFLARE_API_TOKEN_FILE: file("open", token, 0o644) }],
    ["a file that is not there", { CLOUDFLARE_API_TOKEN_FILE: join(folder, "missing") }],
    ["a file with nothing in it", { CLOUDFLARE_API_TOKEN_FILE: file("empty", "\n", 0o600) }],
    ["a token with a line break", { CLOUDFLARE_API_TOKEN: "abc\r\nX-Evil: 1" }],
  ])("end the process with code 3: %s", (_, environment) => {
    const { code, message } = ending(() => readCloudflare(environment));
    expect(code).toBe(3);
    expect(message).not.toContain(token);
  });

  it("of the old kind work with a warning", () => {
    const { credentials, warnings } = readCloudflare({
      CLOUDFLARE_API_KEY: "k".repeat(37),
      CLOUDFLARE_EMAIL: "ada@example.com",
    });
    expect(credentials).toMatchObject({ kind: "key", email: "ada@example.com" });
    expect(warnings.join()).toMatch(/API token/);
  });
});

describe("base URL and account", () => {
  const read = (environment: Record<string, string>) => readCloudflare({ CLOUDFLARE_API_TOKEN: token, ...environment });

  it.each([
    ["CLOUDFLARE_BASE_URL", "https://api.example.com/client/v4"],
    ["CLOUDFLARE_API_BASE_URL", "http://127.0.0.1:8787/client/v4"],
    ["CLOUDFLARE_API_BASE_URL", "http://[::1]:8787/client/v4"],
    ["CLOUDFLARE_BASE_URL", "http://localhost:8787/client/v4"],
  ])("%s=%s is taken", (name, url) => {
    expect(read({ [name]: url }).baseUrl.href).toBe(url);
  });

  it("is Cloudflare's without one, and an unfilled placeholder is none", () => {
    expect(read({}).baseUrl.href).toBe("https://api.cloudflare.com/client/v4");
    expect(read({ CLOUDFLARE_BASE_URL: "${user_config.url}" }).baseUrl.hostname).toBe("api.cloudflare.com");
  });

  it.each([
    "http://api.cloudflare.com/client/v4",
    "https://api.cloudflare.com@evil.example/client/v4",
    "https://user:pass@api.cloudflare.com/client/v4",
    "http://169.254.169.254/latest",
    "http://127.0.0.1.evil.example/",
    "http://[::ffff:7f00:1]/",
    "ftp://127.0.0.1/",
    "file:///etc/passwd",
    "https://api.cloudflare.com/client/v4?x=1",
    "not a url",
  ])("%s is refused with code 1", (url) => {
    expect(ending(() => read({ CLOUDFLARE_BASE_URL: url }))).toMatchObject({ code: 1 });
  });

  it("account ids are checked", () => {
    expect(read({ CLOUDFLARE_ACCOUNT_ID: "023e105f4ecef8ad9ca31a8372d0c353" }).accountId).toBe(
      "023e105f4ecef8ad9ca31a8372d0c353",
    );
    expect(ending(() => read({ CLOUDFLARE_ACCOUNT_ID: "../x" }))).toMatchObject({ code: 1 });
  });
});
