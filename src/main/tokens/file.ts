import { randomBytes } from "node:crypto";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { AccessError } from "../../core/errors.ts";
import { roles } from "../../gate/mode.ts";
import type { NamedToken } from "../../gate/named-tokens.ts";
import { readOwn } from "../../journal/own-files.ts";
import { CommandError } from "../command-error.ts";
import { stateFolder } from "../secrets.ts";
import type { SettingValues } from "../settings.ts";

const Kept = z.strictObject({
  version: z.literal(1),
  tokens: z.array(
    z.strictObject({
      name: z.string(),
      role: z.enum(roles),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
      created: z.iso.datetime(),
      expires: z.iso.datetime().optional(),
    }),
  ),
});

/** The named tokens of this server, in a file that only its user may read. */
export interface TokenFile {
  readonly path: string;
  /** As the file is now; none where there is no file. Throws a `CommandError` that names what is wrong with it. */
  read(): Promise<readonly NamedToken[]>;
  write(tokens: readonly NamedToken[]): Promise<void>;
}

/** The file that `--tokens-file` names, or the one in the state folder. */
export function tokenFile(
  values: Pick<SettingValues, "tokens-file" | "state">,
  environment: NodeJS.ProcessEnv,
): TokenFile {
  const { "tokens-file": given, state } = values;
  const path = resolve(given ?? join(state ?? stateFolder(environment), "tokens.json"));
  let known: { readonly mark: string; readonly tokens: readonly NamedToken[] } | undefined;
  return {
    path,
    async read() {
      const mark = await markOf(path);
      if (known?.mark !== mark) known = { mark, tokens: mark === "" ? [] : await parsed(path) };
      return known.tokens;
    },
    async write(tokens) {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const draft = `${path}.${randomBytes(4).toString("hex")}`;
      try {
        const file = await open(draft, "wx", 0o600);
        await file
          .writeFile(`${JSON.stringify({ version: 1, tokens }, null, 2)}\n`)
          .then(() => file.sync())
          .finally(() => file.close());
        await rename(draft, path);
      } finally {
        await rm(draft, { force: true });
      }
    },
  };
}

/** What changes when the file does; empty when there is none. */
async function markOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs } = await stat(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

async function parsed(path: string): Promise<readonly NamedToken[]> {
  try {
    const { data, error } = Kept.safeParse(JSON.parse(String(await readOwn(path))));
    if (data !== undefined) return data.tokens;
    const [issue] = error.issues;
    throw new Error(`${issue?.path.join(".")}: ${issue?.message}`);
  } catch (error) {
    const { message } = error as Error;
    const next = error instanceof AccessError ? "" : "; mend it, or take it away and make the tokens anew";
    throw new CommandError("usage", `--tokens-file: ${path}: ${message}${next}`);
  }
}
