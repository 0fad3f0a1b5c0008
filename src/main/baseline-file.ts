import { readFile } from "node:fs/promises";
import { type Applied, apply, type Baseline, readBaseline } from "../audit/baseline.ts";
import type { Audit } from "../audit/engine.ts";
import { CommandError } from "./command-error.ts";

/** The baseline in a file; nothing where there is none yet and that is fine. */
export async function baselineFile(file: string, mayBeMissing = false): Promise<Baseline | undefined> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" && mayBeMissing) return undefined;
    throw new CommandError("usage", `--baseline: ${file} cannot be read (${code})`);
  }
  return readBaseline(text);
}

/** Sets apart what the operator has accepted, by the file as it is at each audit. */
export const acceptedIn =
  (file: string) =>
  async (audit: Audit): Promise<Applied> =>
    apply(audit, (await baselineFile(file)) ?? { accepted: [] }, Date.now());
