import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { inflateSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formats } from "../../src/audit/report/index.ts";
import { sampleReport } from "../support/report.ts";

const names = ["chromium", "chromium-browser", "google-chrome"];
const run = promisify(execFile);

/** No name is ever looked up: a request shows in the log and goes nowhere. */
const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--enable-logging=stderr",
  "--host-resolver-rules=MAP * ~NOTFOUND",
];

const page = formats.html(sampleReport());
/** The same page as a mistake would make it: its style is not the one that it allows, and it asks for a picture. */
const broken = page.replace("<style>", "<style>/**/").replace("<main>", '<main><img src="http://evil.example/x.png">');
const lawless = broken.replace(/<meta http-equiv[^>]*>/, "");

/** The long run wants a browser, and fails where there is none; what needs none is in report-html.test.ts. */
describe.runIf(process.env["LONG"] === "1")(
  "the page in Chromium",
  () => {
    let folder = "";
    let browser = "";

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "report-"));
      for (const name of names) {
        const found = await run(name, ["--version"]).catch(() => undefined);
        if (found !== undefined) browser ||= name;
      }
      if (browser === "") throw new Error(`none of ${names.join(", ")} is installed: apt-get install chromium`);
    });

    afterAll(() => rm(folder, { recursive: true, force: true }));

    const at = (name: string) => join(folder, name);

    async function open(html: string, ...more: readonly string[]) {
      await writeFile(at("page.html"), html);
      const profile = `--user-data-dir=${at("profile")}`;
      const { stdout, stderr } = await run(browser, [...flags, profile, ...more, `file://${at("page.html")}`], {
        maxBuffer: 1 << 26,
      });
      return { stdout, complaints: stderr.split("\n").filter((row) => /CONSOLE/.test(row)) };
    }

    async function background(...more: readonly string[]): Promise<string> {
      await open(page, `--screenshot=${at("page.png")}`, "--window-size=1280,900", ...more);
      return firstPixel(await readFile(at("page.png")));
    }

    it("shows the names of others as text, and complains of nothing", async () => {
      const { stdout, complaints } = await open(page, "--dump-dom");
      expect(complaints).toEqual([]);
      expect(stdout).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
      expect(stdout).not.toMatch(/<(?:script|img|b [^c]|iframe)/);
      expect((await open(broken, "--dump-dom")).complaints).not.toEqual([]);
    });

    it("asks for nothing over the network", async () => {
      const requests = async (html: string) => {
        await open(html, "--dump-dom", `--log-net-log=${at("net.json")}`);
        return (await readFile(at("net.json"), "utf8")).includes("evil.example");
      };
      expect(await requests(page)).toBe(false);
      expect(await requests(broken)).toBe(false);
      expect(await requests(lawless)).toBe(true);
    });

    it("is light or dark as its reader wants", async () => {
      expect(await background()).toBe("f4f6f8");
      expect(await background("--blink-settings=preferredColorScheme=0")).toBe("0d1218");
    });

    it("prints", async () => {
      await open(page, `--print-to-pdf=${at("page.pdf")}`);
      const pdf = await readFile(at("page.pdf"), "latin1");
      expect(pdf.startsWith("%PDF-")).toBe(true);
      expect(pdf.match(/\/Type \/Page\b/g)?.length).toBeGreaterThan(3);
    });
  },
  120_000,
);

/** The colour of the upper left corner of a PNG; no filter changes the first pixel. */
function firstPixel(png: Buffer): string {
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString("latin1", at + 4, at + 8) === "IDAT")
      parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  return inflateSync(Buffer.concat(parts)).toString("hex", 1, 4);
}
