import { type Row, textOf } from "../store.ts";
import type { Quirks, World } from "../world.ts";

const pages = "access/custom_pages";
const tags = "access/tags";

const names = (row: Row, field: string) => (row[field] as string[] | undefined) ?? [];

const applications = (world: World, scope: string) => world.store.rows(`${scope}/access/apps`);
const using = (world: World, scope: string, field: string, name: unknown) =>
  applications(world, scope).filter((row) => names(row, field).includes(textOf(name)));

export const pageQuirks: Quirks = {
  resources: {
    [pages]: {
      show: ({ custom_html, ...row }, { world, scope, entry }) => ({
        ...row,
        ...(entry.verb === "get" && { custom_html }),
        app_count: using(world, scope, "custom_pages", row["uid"]).length,
      }),
    },
    [tags]: {
      write: (draft, { world, scope }, before) => {
        if (before !== undefined) {
          for (const row of using(world, scope, "tags", before["name"])) {
            row["tags"] = names(row, "tags")
              .map((name) => (name === before["name"] ? textOf(draft["name"]) : name))
              .sort();
          }
        }
        return draft;
      },
      show: (row, { world, scope }) => ({ ...row, app_count: using(world, scope, "tags", row["name"]).length }),
      remove: (row, { world, scope }) => {
        for (const application of using(world, scope, "tags", row["name"])) {
          application["tags"] = names(application, "tags").filter((name) => name !== row["name"]);
        }
      },
    },
    "access/bookmarks": {
      deleted: 200,
      write: (draft) => ({ name: draft["id"], app_launcher_visible: true, ...draft }),
    },
  },
};
