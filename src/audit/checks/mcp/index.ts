import { admission } from "./admission.ts";
import { portals } from "./portals.ts";
import { servers } from "./servers.ts";

const byId = ({ id }: { readonly id: string }, other: { readonly id: string }) => (id < other.id ? -1 : 1);

/** What may be wrong with MCP portals and servers: `MCP-01` to `MCP-08`. */
export default [...portals, ...admission, ...servers].toSorted(byId);
