import mcpPortals from "../../../access/mcp-portals.ts";
import type { Members } from "../../../core/change.ts";
import { remarksOn } from "../../../core/model.ts";
import { hostsOf } from "../../../simulator/addresses.ts";
import { listOf, textOf } from "../../../simulator/fields.ts";
import type { Fix, Subject } from "../../check.ts";
import { type Estate, subject } from "../../estate.ts";

/** An MCP server as one portal offers it. */
export interface Offer {
  readonly portal: Members;
  /** The portal's own choices and, under them, what is known of the server. */
  readonly link: Members;
  readonly server: Subject;
  readonly at: number;
}

function offered(estate: Estate): readonly Offer[] {
  return estate.items("mcp_portals").flatMap((portal) =>
    listOf(portal["servers"]).map((given, at): Offer => {
      const server = estate.find("mcp_servers", given["server_id"]);
      const link = { ...server, ...given };
      return { portal, link, server: subject("mcp_servers", { ...link, id: given["server_id"] }), at };
    }),
  );
}

/** Every MCP server of every portal. */
export const everyOffer = (estate: Estate): readonly Offer[] => estate.once(offered);

/** Names of the tools or prompts in a list. */
export const namesIn = (list: unknown): readonly string[] => listOf(list).map(({ name }) => textOf(name));

/** The update of a portal that changes its choices for one server, as they are written, and sends the others as they are. */
export function offerFix({ portal, at }: Offer, changes: Members | ((link: Members) => Members)): Fix {
  const { echo } = remarksOn(mcpPortals.verbs.update.input.shape.servers);
  const sent = listOf(typeof echo === "function" ? echo(portal["servers"]) : portal["servers"]);
  const changed = (link: Members) => ({ ...link, ...(typeof changes === "function" ? changes(link) : changes) });
  const servers = sent.map((link, place) => (place === at ? changed(link) : link));
  return { steps: [{ operation: "update_mcp_portal", arguments: { id: portal["id"], servers } }] };
}

interface Fronts {
  readonly byHost: ReadonlyMap<string, Members>;
  readonly byServer: ReadonlyMap<string, Members>;
}

function fronts(estate: Estate): Fronts {
  const ofType = (type: string) => estate.items("applications").filter((application) => application["type"] === type);
  const hosts = ofType("mcp_portal").flatMap((application) =>
    hostsOf(application).map((host) => [host, application] as const),
  );
  const servers = ofType("mcp").flatMap((application) =>
    listOf(application["destinations"]).map(({ mcp_server_id }) => [textOf(mcp_server_id), application] as const),
  );
  return { byHost: new Map(hosts), byServer: new Map(servers) };
}

/** The application that decides who may come to a portal. */
export const portalApplication = (estate: Estate, { hostname }: Members): Members | undefined =>
  estate.once(fronts).byHost.get(textOf(hostname).toLowerCase());

/** The application that decides who may use an MCP server through portals. */
export const serverApplication = (estate: Estate, id: unknown): Members | undefined =>
  estate.once(fronts).byServer.get(textOf(id));
