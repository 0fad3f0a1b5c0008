import { readFileSync, writeFileSync } from "node:fs";
import { generated } from "./generated.ts";

/** Writes what documents and manifests take from the code; with `--check` only says which file is behind. */
const check = process.argv.includes("--check");
let behind = 0;
for (const [file, text] of Object.entries(await generated())) {
  const path = new URL(`../${file}`, import.meta.url);
  if (readFileSync(path, "utf8") === text) continue;
  behind += 1;
  if (!check) writeFileSync(path, text);
  console.log(check ? `${file} is behind the code: run npm run docs` : `${file} written`);
}
if (check && behind > 0) process.exitCode = 1;
