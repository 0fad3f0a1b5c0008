import { describe, expect, it } from "vitest";
import { discoveryTools } from "../../src/mcp/discovery.ts";
import { completion, type Prompt, promptText } from "../../src/mcp/prompts.ts";
import type { SelectionSettings } from "../../src/mcp/selection.ts";
import { Toolbox } from "../../src/mcp/toolbox.ts";
import { prompts } from "../../src/prompts/index.ts";
import { safeServer } from "../support/safe.ts";
import { operations, selected } from "../support/tools.ts";

function toolboxWith(selection: Partial<SelectionSettings>): Toolbox {
  const { entries, call } = safeServer();
  return new Toolbox({
    selection: selected(selection),
    discovery: discoveryTools,
    readOnly: selection.readOnly ?? false,
    pinned: true,
    timeout: 60_000,
    load: async () => ({ entries, run: ({ entry, input, view }) => call(entry.name, { ...input }, {}, { view }) }),
  });
}

const valuesFor = ({ arguments: all }: Prompt) => Object.fromEntries(all.map(({ name }) => [name, `a ${name}`]));
const textFor = (prompt: Prompt, toolbox: Toolbox): string => {
  const [message] = promptText(prompts, toolbox, prompt.name, valuesFor(prompt)).messages;
  return message?.content.type === "text" ? message.content.text : "";
};

const signal = new AbortController().signal;
const complete = (toolbox: Toolbox, prompt: string, argument: string, value: string) =>
  completion(prompts, toolbox, { prompt, argument, value }, signal).then(({ completion }) => completion.values);

describe.each(prompts.map((prompt) => [prompt.name, prompt] as const))("%s", (_, prompt) => {
  it("reaches every operation that it names, on every surface", () => {
    for (const surface of ["default", "all", "search"] as const) {
      const text = textFor(prompt, toolboxWith({ surface }));
      expect(text).not.toContain("not offered");
      expect(text.includes("(by run_")).toBe(surface !== "all");
    }
  });

  it("says which operations the operator does not offer", () => {
    const text = textFor(prompt, toolboxWith({ surface: "all", tools: ["list_applications"] }));
    expect(text).toMatch(/\w+ \(not offered by this server/);
  });

  it("uses every argument that it takes, and completes from operations that there are", () => {
    const text = textFor(prompt, toolboxWith({}));
    const names = operations.map(({ name }) => name);
    for (const { name, completes } of prompt.arguments) {
      expect(text).toContain(`"a ${name}"`);
      if (completes !== undefined && "operation" in completes) expect(names).toContain(completes.operation);
    }
  });
});

describe("completion", () => {
  it("finds names by a part, words without reading anything, and nothing for what has no names", async () => {
    const toolbox = toolboxWith({});
    expect(await complete(toolbox, "new_application_done_right", "who", "sal")).toContain("Sales");
    expect(await complete(toolbox, "before_you_delete", "kind", "gr")).toEqual(["group"]);
    expect(await complete(toolbox, "before_you_delete", "name", "x")).toEqual([]);
    expect(await complete(toolbox, "offboard_person", "email", "no such person")).toEqual([]);
  });

  it("offers nothing that the operator does not offer", async () => {
    const toolbox = toolboxWith({ excludeTools: ["list_groups"] });
    expect(await complete(toolbox, "new_application_done_right", "who", "sal")).toEqual([]);
  });
});
