import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { Entry } from "../core/room.ts";
import type { OperatorRules } from "../pipeline/rules/index.ts";
import { CommandError } from "./command-error.ts";
import { complaints } from "./rules-complaints.ts";
import { rulesModel } from "./rules-model.ts";
import { type Problem, readYaml } from "./rules-yaml.ts";

/** Bytes that a rules file may have. */
const largest = 256 * 1024;
/** Problems that one error tells of. */
const mostShown = 20;

/**
 * The operator's rules in a YAML or JSON file, for a catalogue of operations. Whatever is wrong with the file is one
 * error with all problems, each with its place: half a set of rules protects nobody.
 */
export async function readRules(path: string, entries: readonly Entry[]): Promise<OperatorRules> {
  const text = await contentsOf(path);
  const { value, problems, offsetOf } = readYaml(text);
  if (problems.length > 0) throw refusal(path, text, problems);
  const model = rulesModel(entries);
  const parsed = model.safeParse(value);
  if (parsed.success) return parsed.data;
  const found = parsed.error.issues
    .flatMap((issue) => complaints(model, issue))
    .map((one) => ({ at: offsetOf(one.path, one.of), message: one.message }));
  throw refusal(path, text, found);
}

function refusal(path: string, text: string, problems: readonly Problem[]): CommandError {
  const rows = problems
    .toSorted((one, other) => one.at - other.at)
    .slice(0, mostShown)
    .map(({ at, message }) => {
      const lines = text.slice(0, at).split("\n");
      return `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}: ${message}`;
    });
  const more = problems.length - rows.length;
  return refused(path, ["", ...rows, ...(more > 0 ? [`and ${more} more`] : [])].join("\n- "));
}

const refused = (path: string, why: string) => new CommandError("usage", `--rules ${path}: ${why}`);

async function contentsOf(path: string): Promise<string> {
  try {
    // Opening a pipe would wait for a writer for ever; like this it opens and is seen for what it is.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const found = await file.stat();
      if (!found.isFile()) throw refused(path, "not a file");
      if (process.platform !== "win32" && (found.mode & 0o022) !== 0) {
        throw refused(path, "others can write to it, so the rules might not be yours; run chmod go-w on it");
      }
      if (found.size > largest) throw refused(path, `larger than ${largest / 1024} kB, which no set of rules needs`);
      return new TextDecoder("utf-8", { fatal: true }).decode(await file.readFile());
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ERR_ENCODING_INVALID_ENCODED_DATA") throw refused(path, "not text in UTF-8; save it as that");
    throw refused(path, `cannot be read (${code ?? "unknown reason"})`);
  }
}
