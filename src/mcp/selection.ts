import { didYouMean } from "../core/nearest.ts";
import type { ToolRecord } from "./describe.ts";

export type Surface = "all" | "default" | "search";

/** What the operator offers to agents. */
export interface SelectionSettings {
  readonly surface?: Surface | undefined;
  readonly toolsets?: readonly string[] | undefined;
  /** Globs of tool names. */
  readonly tools?: readonly string[] | undefined;
  readonly excludeTools?: readonly string[] | undefined;
  readonly readOnly: boolean;
}

export interface Selection {
  /** Tools that tools/list shows, in reading order, the discovery tools last. */
  readonly listed: readonly ToolRecord[];
  /** Operations that can be called at all, as a tool or through the discovery tools. */
  readonly reachable: ReadonlyMap<string, ToolRecord>;
}

/** A setting that names something that does not exist. */
export class SelectionError extends Error {}

/**
 * Applies the filters in the documented order. `toolsets`, `tools`, `excludeTools` and `readOnly` narrow what is
 * reachable; the surface decides how much of it is listed. Without a surface, naming toolsets or tools lists all
 * they name, naming neither lists the everyday ones.
 */
export function selectTools(
  operations: readonly ToolRecord[],
  discovery: readonly ToolRecord[],
  settings: SelectionSettings,
): Selection {
  const { surface, toolsets, tools, excludeTools, readOnly } = settings;
  const everything = [...operations, ...discovery];
  checkToolsets(operations, toolsets ?? []);
  const wanted = matcher(everything, "--tools", tools);
  const unwanted = matcher(everything, "--exclude-tools", excludeTools);

  const allowed = (tool: ToolRecord) =>
    !(unwanted?.(tool.name) ?? false) && (!readOnly || tool.annotations.readOnlyHint);
  const reachable = operations.filter(
    (tool) => allowed(tool) && (toolsets?.includes(tool.toolset) ?? true) && (wanted?.(tool.name) ?? true),
  );
  if (reachable.length === 0) throw new SelectionError("the filters together leave no operation");
  const narrowed = toolsets !== undefined || tools !== undefined;
  const shown = surface ?? (narrowed ? "all" : "default");
  const isListed = (tool: ToolRecord) =>
    shown === "all" || (shown === "default" && (tool.everyday || (wanted?.(tool.name) ?? false)));
  return {
    listed: [...reachable.filter(isListed), ...discovery.filter(allowed)],
    reachable: new Map(reachable.map((tool) => [tool.name, tool])),
  };
}

function checkToolsets(operations: readonly ToolRecord[], named: readonly string[]): void {
  const known = new Set(operations.map((tool) => tool.toolset));
  for (const toolset of named) {
    if (known.has(toolset)) continue;
    throw new SelectionError(
      `--toolsets: there is no toolset "${toolset}"${didYouMean(toolset, known)} Toolsets: ${[...known].join(", ")}`,
    );
  }
}

function matcher(
  tools: readonly ToolRecord[],
  flag: string,
  globs: readonly string[] | undefined,
): ((name: string) => boolean) | undefined {
  if (globs === undefined) return undefined;
  const patterns = globs.map((glob) => {
    const pattern = new RegExp(
      `^${glob
        .replace(/[^\w*?]/g, "\\$&")
        .replaceAll("*", ".*")
        .replaceAll("?", ".")}$`,
    );
    if (!tools.some(({ name }) => pattern.test(name))) {
      const names = tools.map(({ name }) => name);
      throw new SelectionError(`${flag}: no tool matches "${glob}"${didYouMean(glob, names)}`);
    }
    return pattern;
  });
  return (name) => patterns.some((pattern) => pattern.test(name));
}
