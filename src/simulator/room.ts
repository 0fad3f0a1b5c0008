import { type Room, room } from "../core/room.ts";
import type { Take } from "../inventory/source.ts";
import { worldFrom } from "./answers.ts";
import { explainAccess } from "./questions/explain.ts";
import { matchUrls } from "./questions/match.ts";
import { previewImpact } from "./questions/preview.ts";
import { findReferences } from "./questions/references.ts";
import { whatCanAccess } from "./questions/what.ts";
import { whoCanAccess } from "./questions/who.ts";

/** Questions about who gets where, answered from what the account says; none of them changes anything. */
export function simulation({ take }: { readonly take: Take }): Room {
  const worldFor = worldFrom(take);
  return room({
    noun: "access question",
    toolset: "simulation",
    key: null,
    permission: null,
    columns: [],
    everyday: ["explain", "who"],
    verbs: {
      explain: explainAccess(worldFor),
      who: whoCanAccess(worldFor),
      what: whatCanAccess(worldFor),
      references: findReferences(worldFor),
      impact: previewImpact(worldFor),
      match: matchUrls(worldFor),
    },
  });
}
