import Cloudflare from "cloudflare";
import { reportReading } from "./paging-report.ts";

/** Reads every application with the official SDK's auto-paging, in pages of the size that we use. */
const [baseURL = ""] = process.argv.slice(2);
await reportReading(async () => {
  const client = new Cloudflare({ apiToken: "bench-token", baseURL });
  const all: unknown[] = [];
  for await (const application of client.zeroTrust.access.applications.list({ account_id: "bench", per_page: 50 })) {
    all.push(application);
  }
  return all.length;
});
