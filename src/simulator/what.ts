import applications from "../access/applications/index.ts";
import mcpPortals from "../access/mcp-portals.ts";
import mcpServers from "../access/mcp-servers.ts";
import targets from "../access/targets.ts";
import type { Members } from "../core/change.ts";
import type { Room } from "../core/room.ts";
import type { Account } from "./account.ts";
import { hostsOf } from "./addresses.ts";
import { type Decision, type Gate, gateIn, pass } from "./evaluate.ts";
import { type Answer, wordFor } from "./explain.ts";
import { listOf, textOf } from "./fields.ts";
import { throughPortal } from "./mcp.ts";
import type { Named } from "./reach.ts";
import type { Identity } from "./selectors.ts";
import { admits } from "./standing.ts";
import { coversTarget } from "./targets.ts";
import { all, either, type Verdict } from "./verdicts.ts";
import { conditionAt, named } from "./wording.ts";

/** Whether somebody reaches one thing. */
export interface Reached extends Named {
  /** Of an application. */
  readonly type?: string;
  readonly reaches: Answer;
  /** The policy that surely decides, by name. */
  readonly by?: string;
  /** Facts that are not known, the first few. */
  readonly depends_on?: readonly string[];
  /** What leads there, of targets and MCP servers. */
  readonly through?: readonly string[];
}

interface Standing {
  readonly decision: Decision;
  readonly verdict: Verdict;
  readonly reached: Reached;
}

/** What has to be read beside what decides. */
export const reachableRooms: readonly Room[] = [applications, mcpPortals, mcpServers, targets];

const most = 4;

/** Every application, target and MCP server, and whether somebody reaches it. */
export function reachedBy(identity: Identity, account: Account): readonly Reached[] {
  const all = (account.all(applications) ?? []).filter(({ type }) => type !== "bookmark");
  const answers = new Map(all.map((application) => [application, answerAt(identity, gateIn(application, account))]));
  return [
    ...[...answers.values()].map(({ reached }) => reached),
    ...targetsReached(answers, account),
    ...serversReached(identity, answers, account),
  ];
}

function answerAt(identity: Identity, gate: Gate): Standing {
  const { application, account } = gate;
  const decision = pass(identity, gate);
  const verdict = admits(decision);
  const last = decision.trace.at(-1);
  const by = decision.certain && last?.verdict === true ? textOf(last.policy["name"]) : "";
  const open = verdict === undefined ? [...new Set(decision.trace.flatMap(({ missing }) => missing))] : [];
  const facts = open.slice(0, most).map((mark) => conditionAt(mark, account));
  return {
    decision,
    verdict,
    reached: {
      ...named(applications, application),
      type: textOf(application["type"]),
      reaches: wordFor(verdict),
      ...(by !== "" && { by }),
      ...(facts.length > 0 && { depends_on: facts }),
    },
  };
}

const nameOf = (application: Members): string => textOf(application["name"]) || textOf(application["id"]);

/** A target is reached by an application that covers it and lets in. */
function targetsReached(answers: ReadonlyMap<Members, Standing>, account: Account): readonly Reached[] {
  const isOpen = ([{ target_criteria }, { verdict }]: readonly [Members, Standing]) =>
    verdict !== false && listOf(target_criteria).length > 0;
  const leading = [...answers].filter(isOpen);
  return (account.all(targets) ?? []).map((target) =>
    reachedOver(
      targets,
      target,
      leading.map(([application, { verdict }]) => ({
        verdict: all([coversTarget(application, target), verdict]),
        name: nameOf(application),
      })),
    ),
  );
}

/** Something that is reached by the best of several ways. */
function reachedOver(
  room: Room,
  item: Members,
  ways: readonly { readonly verdict: Verdict; readonly name: string }[],
): Reached {
  const verdict = either(ways.map((way) => way.verdict));
  const through = verdict === false ? [] : ways.filter((way) => way.verdict === verdict).map(({ name }) => name);
  return { ...named(room, item), reaches: wordFor(verdict), ...(through.length > 0 && { through }) };
}

/** An MCP server is reached through a portal, by the policies of both. */
function serversReached(
  identity: Identity,
  answers: ReadonlyMap<Members, Standing>,
  account: Account,
): readonly Reached[] {
  const all = [...answers];
  const entrances = all.filter(([{ type }]) => type === "mcp_portal");
  const owns = all.filter(([{ type }]) => type === "mcp");
  const isOf = (server: Members) => (link: Members) =>
    link["server_id"] === server["id"] || link["id"] === server["id"];
  return (account.all(mcpServers) ?? []).map((server): Reached => {
    const [, own] =
      owns.find(([{ destinations }]) =>
        listOf(destinations).some(({ mcp_server_id }) => mcp_server_id === server["id"]),
      ) ?? [];
    const ways = (account.all(mcpPortals) ?? []).flatMap((portal) => {
      const host = textOf(portal["hostname"]).toLowerCase();
      const [, entrance] = entrances.find(([application]) => hostsOf(application).includes(host)) ?? [];
      const name = textOf(portal["name"]) || textOf(portal["id"]);
      return listOf(portal["servers"])
        .filter(isOf(server))
        .map((link) => {
          // Without an application nobody documents who gets in.
          if (entrance === undefined || own === undefined) return { verdict: undefined, name };
          const { outcomes } = throughPortal(identity, entrance.decision, own.decision, link);
          return { verdict: admits({ outcomes }), name };
        });
    });
    return reachedOver(mcpServers, server, ways);
  });
}
