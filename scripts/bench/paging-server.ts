import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** 5,000 applications of ordinary size behind 50 ms of latency, in Cloudflare's envelope. */
const total = 5000;
const latency = 50;

const application = (index: number) => ({
  id: `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
  uid: `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
  aud: "ab".repeat(32),
  name: `Application ${index}`,
  type: "self_hosted",
  domain: `app-${index}.example.com`,
  destinations: [{ type: "public", uri: `app-${index}.example.com` }],
  session_duration: "24h",
  allowed_idps: ["00000000-0000-4000-8000-00000000aaaa"],
  tags: ["engineering", "internal"],
  policies: [1, 2].map((precedence) => ({
    id: `10000000-0000-4000-8000-${String(index * 2 + precedence).padStart(12, "0")}`,
    name: `Policy ${precedence}`,
    decision: "allow",
    precedence,
    include: [{ email_domain: { domain: "example.com" } }],
    require: [],
    exclude: [],
    created_at: "2026-01-01T00:00:00Z",
  })),
  created_at: "2026-01-01T00:00:00Z",
  updated_at: "2026-01-01T00:00:00Z",
});

const all = Array.from({ length: total }, (_, index) => application(index));
const pages = new Map<string, string>();

const server = createServer((request, response) => {
  const { searchParams } = new URL(request.url ?? "/", "http://localhost");
  const page = Number(searchParams.get("page") ?? 1);
  const per_page = Number(searchParams.get("per_page") ?? 25);
  const key = `${page}/${per_page}`;
  const result = all.slice((page - 1) * per_page, page * per_page);
  const result_info = {
    page,
    per_page,
    count: result.length,
    total_count: total,
    total_pages: Math.ceil(total / per_page),
  };
  const body = pages.get(key) ?? JSON.stringify({ success: true, errors: [], messages: [], result, result_info });
  pages.set(key, body);
  setTimeout(() => response.setHeader("content-type", "application/json").end(body), latency);
});
server.listen(0, "127.0.0.1", () => {
  process.stderr.write(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}/client/v4\n`);
});
