import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { serverEnvironment, serverFile, startHttp } from "../support/built-server.ts";
import { everyTool } from "../support/tools.ts";

/** The MCP Inspector's command line; 295 MB that npx fetches once, so only the long run asks for it. */
const inspector = ["-y", "@modelcontextprotocol/inspector@2.12.0", "--cli"];

/** Ends npx before the test that waits for it is given up, in milliseconds. */
const timeout = 280_000;

const run = async (target: readonly string[], words: readonly string[]) => {
  const { stdout } = await promisify(execFile)("npx", [...inspector, ...target, ...words, "--format", "json"], {
    env: serverEnvironment(),
    maxBuffer: 1 << 24,
    timeout,
  });
  const answer = JSON.parse(stdout);
  return answer.result ?? answer;
};

describe.runIf(process.env["LONG"] === "1")("MCP Inspector", () => {
  it.each(["legacy", "auto", "modern"])(
    "lists and calls over stdio, %s",
    async (era) => {
      const server = ["node", serverFile, "--sandbox", "--surface", "all"];
      const { tools } = await run(server, ["--method", "tools/list", "--protocol-era", era]);
      expect(tools).toHaveLength(everyTool.length);
      const call = [
        "--method",
        "tools/call",
        "--tool-name",
        "list_groups",
        "--tool-arg",
        "limit=2",
        "--protocol-era",
        era,
      ];
      expect((await run(server, call)).structuredContent).toMatchObject({ total: 24, items: [{}, {}] });
    },
    300_000,
  );

  it.each(["legacy", "modern"])(
    "lists and calls over HTTP, %s",
    async (era) => {
      const { url } = await startHttp({ args: ["http", "--sandbox", "--surface", "all"] });
      const target = [url.href, "--transport", "http"];
      const { tools } = await run(target, ["--method", "tools/list", "--protocol-era", era]);
      expect(tools).toHaveLength(everyTool.length);
      const call = [
        "--method",
        "tools/call",
        "--tool-name",
        "list_groups",
        "--tool-arg",
        "limit=2",
        "--protocol-era",
        era,
      ];
      expect((await run(target, call)).structuredContent).toMatchObject({ total: 24 });
    },
    300_000,
  );

  it("finds nothing to object to in the schemas", async () => {
    const { stderr } = await promisify(execFile)(
      "npx",
      [...inspector, "node", serverFile, "--sandbox", "--surface", "all", "--method", "tools/list", "--strict", "-q"],
      { env: serverEnvironment(), maxBuffer: 1 << 24, timeout },
    );
    expect(stderr).not.toMatch(/\berror\b/i);
  }, 300_000);
});
