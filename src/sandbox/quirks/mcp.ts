import { invalid } from "../envelope.ts";
import { random } from "../random.ts";
import { type Row, rowOf, rowsOf, textOf } from "../store.ts";
import { inAccount, type Question, type Quirks, timestamp, type World } from "../world.ts";

const servers = "access/ai-controls/mcp/servers";
const portals = "access/ai-controls/mcp/portals";
const author = "admin@quillon.example.com";

/** Rows of this family say `modified_at` where others say `updated_at`, and who it was. */
function signed({ updated_at, ...draft }: Row, before: Row | undefined): Row {
  return {
    created_by: before?.["created_by"] ?? author,
    ...draft,
    modified_at: updated_at,
    modified_by: author,
  };
}

/** What a portal's override is called in answers, where server and portal stand side by side. */
const override = (prefix: string, { name, alias, description, enabled }: Row): Row => ({
  name,
  ...(enabled !== undefined && { enabled }),
  ...(alias !== undefined && { [`${prefix}_alias`]: alias }),
  ...(description !== undefined && { [`${prefix}_description`]: description }),
});

function overrides(ofServer: unknown, ofPortal: unknown): Row[] {
  const merged = new Map<unknown, Row>();
  for (const [prefix, list] of [["server", ofServer] as const, ["portal", ofPortal] as const]) {
    for (const item of rowsOf(list))
      merged.set(item["name"], { ...merged.get(item["name"]), ...override(prefix, item) });
  }
  return [...merged.values()];
}

/** A portal with its servers in full; those that were deleted since are left out. */
function showPortal(portal: Row, world: World): Row {
  const shown = rowsOf(portal["servers"]).flatMap((link) => {
    const server = world.store.find(inAccount(world, servers), textOf(link["server_id"]));
    if (server === undefined) return [];
    return {
      ...server,
      on_behalf: true,
      default_disabled: false,
      ...link,
      updated_tools: overrides(server["updated_tools"], link["updated_tools"]),
      updated_prompts: overrides(server["updated_prompts"], link["updated_prompts"]),
    };
  });
  return { ...portal, servers: shown };
}

/** `code_mode` and its older twin must agree; a portal without either is `opt_in`. */
function codeMode({ code_mode, allow_code_mode }: Row): Row {
  if (code_mode !== undefined && allow_code_mode !== undefined && (code_mode !== "off") !== allow_code_mode) {
    throw invalid("code_mode and allow_code_mode contradict each other");
  }
  const mode = code_mode ?? (allow_code_mode === false ? "off" : "opt_in");
  return { code_mode: mode, allow_code_mode: mode !== "off" };
}

/** How a server logs in upstream, without anything secret. */
function authentication(draft: Row, body: Row, before: Row | undefined): Row {
  const { auth_credentials: credentials, client_secret: secret } = body;
  if (draft["auth_type"] === "unauthenticated") return { authentication_status: "not_required" };
  if (draft["auth_type"] === "bearer") {
    const connected = credentials !== undefined || before?.["authentication_status"] === "connected";
    return { authentication_status: connected ? "connected" : "required" };
  }
  const old = rowOf(before?.["auth_config_summary"]);
  const version = Number(old["client_secret_version"] ?? 0) + (secret === undefined ? 0 : 1);
  const manual = version > 0;
  return {
    authentication_status: manual ? "manual" : (before?.["authentication_status"] ?? "required"),
    auth_config_summary: {
      ...old,
      auth_mode: manual ? "manual" : "dcr",
      has_client_secret: manual,
      ...(manual && { client_secret_version: version }),
    },
  };
}

const abilities = ["search", "list", "get", "create", "update", "comment_on", "export"];
const subjects = ["issues", "pages", "orders", "shipments", "tickets", "reports", "customers"];

/** The tools an invented server offers; the same for the same id. */
export function toolsOf(id: string): Row[] {
  const source = random(`mcp/${id}`);
  return source.sample(abilities, 4).map((ability) => {
    const subject = source.pick(subjects);
    return { name: `${ability}_${subject}`, description: `${ability.replace("_", " ")} ${subject} of ${id}` };
  });
}

/** Reads a server again: one that nobody has logged in to cannot be read. */
function sync({ world, ids }: Question): Row {
  const server = world.store.find(inAccount(world, servers), ids["id"] ?? "") ?? {};
  const time = timestamp(world);
  const ready = server["authentication_status"] !== "required";
  const { error: _, error_details: __, ...rest } = server;
  const outcome = ready
    ? { status: "ready", last_successful_sync: time, tools: toolsOf(textOf(server["id"])) }
    : {
        status: "error",
        error: "Authentication with the MCP server is required",
        error_details: { cause: "Unauthorized", is_upstream: true, status_code: 401, retryable: false },
      };
  return world.store.keep(inAccount(world, servers), textOf(server["id"]), { ...rest, ...outcome, last_synced: time });
}

export const mcpQuirks: Quirks = {
  resources: {
    [servers]: {
      deleted: 200,
      write: (sent, { body }, before) => {
        const { auth_credentials: _, client_secret: __, ...draft } = signed(sent, before);
        const fresh = { tools: [], prompts: [], status: "waiting", is_shared_oauth_callback_enabled: false };
        return { ...fresh, secure_web_gateway: false, ...draft, ...authentication(draft, body, before) };
      },
    },
    [portals]: {
      deleted: 200,
      write: (sent, { world }, before) => {
        const draft = signed(sent, before);
        for (const { server_id } of rowsOf(draft["servers"])) {
          if (world.store.find(inAccount(world, servers), textOf(server_id)) === undefined) {
            throw invalid(`servers: MCP server ${textOf(server_id)} does not exist`);
          }
        }
        return { servers: [], secure_web_gateway: false, ...draft, ...codeMode(draft) };
      },
      show: (portal, { world }) => showPortal(portal, world),
    },
  },
  operations: {
    sync_mcp_server: (question) => {
      const { status, error, error_details } = sync(question);
      return { result: { status, ...(error !== undefined && { error, error_details }) } };
    },
  },
};
