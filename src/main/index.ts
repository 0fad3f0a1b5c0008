import { CommandError } from "./command-error.ts";
import { type CommandLine, type CommandName, helpText, readCommandLine } from "./command-line.ts";
import { readSettings, type SettingValues } from "./settings.ts";
import { version } from "./version.ts";

type Command = (values: SettingValues, environment: NodeJS.ProcessEnv, line: CommandLine) => Promise<void>;

const question: Command = async (values, environment, { question }) => {
  if (question !== undefined) await (await import("./questions/index.ts")).run(question, values, environment);
};

const run: Record<CommandName, Command> = {
  stdio: async (values, environment) => {
    if (process.stdin.isTTY) {
      process.stderr.write(
        `${helpText()}\nAn MCP client starts this command and talks to it; there is nothing to type here.\n`,
      );
      return;
    }
    await (await import("./stdio.ts")).serve(values, environment);
  },
  http: async (values, environment) => (await import("./http.ts")).serve(values, environment),
  sandbox: async (values) => (await import("./sandbox.ts")).serve(values),
  audit: question,
  who: question,
  explain: question,
  changes: async (values, environment, { changes }) => {
    if (changes !== undefined) await (await import("./changes/index.ts")).run(changes, values, environment);
  },
  tokens: async (values, environment, { tokens }) => {
    if (tokens !== undefined) await (await import("./tokens/index.ts")).run(tokens, values, environment);
  },
  help: async () => void process.stdout.write(helpText()),
  version: async () => void process.stdout.write(`${version}\n`),
};

try {
  const line = readCommandLine(process.argv.slice(2));
  await run[line.command](readSettings(line.flags, process.env), process.env, line);
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  // Our own words may be several lines; anybody else's are one.
  const shown = error instanceof CommandError ? message : message.replaceAll(/\s+/g, " ");
  process.stderr.write(`cloudflare-access-mcp: ${shown}\n`);
  process.exitCode = error instanceof CommandError ? error.exitCode : 1;
}
