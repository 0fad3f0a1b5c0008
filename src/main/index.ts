import { CommandError } from "./command-error.ts";
import { type CommandName, helpText, readCommandLine } from "./command-line.ts";
import { readSettings, type SettingValues } from "./settings.ts";
import { version } from "./version.ts";

type Command = (values: SettingValues, environment: NodeJS.ProcessEnv) => Promise<void>;

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
  help: async () => void process.stdout.write(helpText()),
  version: async () => void process.stdout.write(`${version}\n`),
};

try {
  const { command, flags } = readCommandLine(process.argv.slice(2));
  await run[command](readSettings(flags, process.env), process.env);
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`cloudflare-access-mcp: ${message.replaceAll(/\s+/g, " ")}\n`);
  process.exitCode = error instanceof CommandError ? error.exitCode : 1;
}
