import { Refusal, type Reply } from "./envelope.ts";
import type { Bearer } from "./tokens.ts";
import { timestamp, type World } from "./world.ts";

/** What is asked of the parts of Cloudflare around Access: which accounts there are, and whether a token is alive. */
export interface OwnArrival {
  readonly method: string;
  readonly segments: readonly string[];
  readonly search: ReadonlyMap<string, readonly string[]>;
}

/** The name of the pretend company. */
const companyName = "Quillon Freight";

/** Answers for `/accounts`, `/accounts/ID` and the two token checks; `undefined` for everything else. */
export function ownRoutes(world: World): (arrival: OwnArrival, bearer: Bearer) => Reply | undefined {
  const account = {
    id: world.accountId,
    name: companyName,
    type: "standard",
    settings: { enforce_twofactor: false },
    created_on: new Date(Date.parse(timestamp(world)) - 900 * 86_400_000).toISOString(),
  };
  const info = { page: 1, per_page: 20, count: 1, total_count: 1, total_pages: 1 };
  const verify = ({ tokenId }: Bearer): Reply => {
    if (tokenId === undefined) throw new Refusal(401, 1000, "Invalid API Token");
    return { result: { id: tokenId, status: "active" } };
  };

  return ({ method, segments, search }, bearer) => {
    if (method !== "GET") return undefined;
    const path = segments.join("/");
    const mine = segments[0] === "accounts" && segments[1] === world.accountId;
    if (path === "user/tokens/verify" || (mine && path.endsWith(`${world.accountId}/tokens/verify`))) {
      return verify(bearer);
    }
    if (mine && segments.length === 2) return { result: account };
    if (path !== "accounts") return undefined;
    const first = (search.get("page")?.[0] ?? "1") === "1";
    return first ? { result: [account], info } : { result: [], info: { ...info, page: 2, count: 0 } };
  };
}
