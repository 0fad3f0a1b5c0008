import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { bundled } from "./bundle.ts";
import { alternate, type Figure, median } from "./measure.ts";

interface Start {
  readonly milliseconds: number;
  readonly megabytes: number;
}

const opening = [
  {
    id: 1,
    method: "initialize",
    params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "bench", version: "1" } },
  },
  { method: "notifications/initialized" },
  { id: 2, method: "tools/list", params: {} },
];

/** From spawning a server until its tools/list is answered, and what it holds in memory then. */
function start(args: readonly string[]): Promise<Start> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
    child.on("error", reject);
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (!line.includes('"id":2')) return;
      const milliseconds = performance.now() - began;
      const megabytes = residentMegabytes(child.pid ?? 0);
      child.kill();
      resolve({ milliseconds, megabytes });
    });
    for (const message of opening) child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  });
}

function residentMegabytes(pid: number): number {
  const [, kilobytes = "0"] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) / 1024;
}

/** Spawn to tools/list with all tools, against a bundled SDK server with one. Reads `/proc`: Linux only. */
export async function startFigures(rounds = 21): Promise<Figure[]> {
  return bundled("floor-stdio.ts", async (floor) => {
    const { ours, peer } = await alternate(
      rounds,
      () => start(["dist/main.js", "--sandbox", "--surface", "all"]),
      () => start([floor]),
    );
    const time = (starts: readonly Start[]) => median(starts.map(({ milliseconds }) => milliseconds));
    const memory = (starts: readonly Start[]) => median(starts.map(({ megabytes }) => megabytes));
    return [
      {
        name: "spawn to tools/list, all tools",
        value: time(ours),
        unit: "ms",
        peer: { name: "SDK, one tool", value: time(peer) },
        goal: { most: 1.3 },
      },
      {
        name: "resident memory above the SDK with one tool",
        value: memory(ours) - memory(peer),
        unit: "MB",
        goal: { most: 12 },
      },
    ];
  });
}
