import type { Plot } from "./plot.ts";

const tags = ["archive", "engineering", "finance", "knowledge", "monitoring", "operations", "unused"];

const page = (title: string, text: string) =>
  `<!doctype html><html><head><title>${title}</title></head><body><h1>${title}</h1><p>${text}</p></body></html>`;

const pages = [
  { name: "Access refused", type: "identity_denied", text: "You are not on the list. Ask the service desk." },
  { name: "Payroll refused", type: "forbidden", text: "Payroll opens on company laptops only." },
  { name: "Old welcome page", type: "login", text: "Welcome to Quillon Freight." },
];

/** Tags, custom pages and what is left of the bookmarks of old; a tag and a page that nobody uses among them. */
export function plantPages(plot: Plot): void {
  for (const [index, name] of tags.entries()) {
    plot.keep("access/tags", name, {
      name,
      created_at: plot.ago(500 - 20 * index),
      updated_at: plot.ago(500 - 20 * index),
    });
  }
  for (const [index, { name, type, text }] of pages.entries()) {
    const uid = plot.sharedId("custom_page", name);
    const times = { created_at: plot.ago(420 - 50 * index), updated_at: plot.ago(120 - 20 * index) };
    plot.keep("access/custom_pages", uid, { uid, name, type, custom_html: page(name, text), ...times });
  }
  const id = plot.sharedId("bookmark", "Timetable");
  plot.keep("access/bookmarks", id, {
    id,
    name: "Timetable",
    domain: "https://timetable.quillon.example.com",
    logo_url: "",
    app_launcher_visible: true,
    created_at: plot.ago(835),
    updated_at: plot.ago(835),
  });
}
