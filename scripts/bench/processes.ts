import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

export interface Listening {
  readonly url: URL;
  readonly child: ChildProcess;
}

/** Starts a server that says on stderr where it listens. */
export function listening(args: readonly string[]): Promise<Listening> {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  return new Promise((resolve, reject) => {
    child.on("exit", (code) => reject(new Error(`${args[0]} ended with ${code}`)));
    createInterface({ input: child.stderr }).on("line", (line) => {
      const [, url] = /listening on (\S+)/.exec(line) ?? [];
      if (url !== undefined) resolve({ url: new URL(url), child });
    });
  });
}
