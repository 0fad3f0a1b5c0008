import { chmod, readFile, rm, writeFile } from "node:fs/promises";
import { build } from "esbuild";
import { described } from "../src/main/catalogue.ts";
import { describeTool } from "../src/mcp/describe.ts";

/** Bundles the server into `dist/`, the tool table beside it, so that a start reads neither models nor node_modules. */
await rm("dist", { recursive: true, force: true });
await build({
  entryPoints: { main: "src/main/index.ts" },
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  chunkNames: "[name]-[hash]",
  legalComments: "linked",
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
  logLevel: "warning",
});
await writeFile("dist/tools.json", JSON.stringify(described.map(describeTool)));
await writeFile("dist/main.js", `#!/usr/bin/env node\n${await readFile("dist/main.js", "utf8")}`);
await chmod("dist/main.js", 0o755);
