import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { bundled } from "./bundle.ts";
import { alternate, type Figure, median } from "./measure.ts";
import { listening } from "./processes.ts";

interface Reading {
  readonly items: number;
  readonly milliseconds: number;
  readonly megabytes: number;
}

async function reading(script: string, url: URL): Promise<Reading> {
  const { stdout } = await promisify(execFile)(process.execPath, [script, url.href]);
  const result: Reading = JSON.parse(stdout);
  if (result.items !== 5000) throw new Error(`${script} read ${result.items} of 5000`);
  return result;
}

/** 5,000 applications behind 50 ms of latency, against the official SDK's auto-paging; each in a process of its own. */
export async function pagingFigures(rounds = 5): Promise<Figure[]> {
  return bundled("paging-server.ts", (server) =>
    bundled("paging-ours.ts", (ours) =>
      bundled("paging-peer.ts", async (peer) => {
        const { url, child } = await listening([server]);
        try {
          const readings = await alternate(
            rounds,
            () => reading(ours, url),
            () => reading(peer, url),
          );
          const of = (side: readonly Reading[], figure: "milliseconds" | "megabytes") =>
            median(side.map((one) => one[figure]));
          return [
            {
              name: "5,000 applications, 50 ms latency",
              value: of(readings.ours, "milliseconds"),
              unit: "ms",
              peer: { name: "official SDK", value: of(readings.peer, "milliseconds") },
              goal: { most: 1 / 7 },
            },
            {
              name: "memory added by reading them",
              value: of(readings.ours, "megabytes"),
              unit: "MB",
              peer: { name: "official SDK", value: of(readings.peer, "megabytes") },
              goal: { most: 1 },
            },
          ];
        } finally {
          child.kill();
        }
      }),
    ),
  );
}
