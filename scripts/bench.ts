import { auditFigures } from "./bench/audit.ts";
import { changeFigures } from "./bench/changes.ts";
import { contextFigures } from "./bench/context.ts";
import { httpFigures } from "./bench/http.ts";
import { type Figure, measured, reached } from "./bench/measure.ts";
import { pagingFigures } from "./bench/paging.ts";
import { searchFigures } from "./bench/search.ts";
import { startFigures } from "./bench/start.ts";

/** `npm run bench -- [names] [--json]`: figures with the floor or peer that was measured in the same run. */
const benches: Readonly<Record<string, () => Promise<Figure[]>>> = {
  context: contextFigures,
  search: searchFigures,
  audit: auditFigures,
  changes: () => changeFigures(),
  start: () => startFigures(),
  http: () => httpFigures(),
  paging: () => pagingFigures(),
};

const words = process.argv.slice(2);
const names = words.filter((word) => !word.startsWith("--"));
const unknown = names.find((name) => !Object.hasOwn(benches, name));
if (unknown !== undefined) {
  console.error(`There is no benchmark "${unknown}": ${Object.keys(benches).join(", ")}`);
  process.exit(1);
}

const figures: Figure[] = [];
for (const [name, bench] of Object.entries(benches)) {
  if (names.length > 0 && !names.includes(name)) continue;
  for (const figure of await bench()) {
    figures.push(figure);
    if (!words.includes("--json")) console.log(line(figure));
  }
}
if (words.includes("--json")) {
  console.log(
    JSON.stringify(
      figures.map((figure) => ({ ...figure, measured: measured(figure), reached: reached(figure) })),
      null,
      2,
    ),
  );
}
process.exit(figures.some((figure) => reached(figure) === false) ? 1 : 0);

function line(figure: Figure): string {
  const { name, value, unit, peer, goal } = figure;
  const round = (number: number) => (number >= 100 ? Math.round(number).toLocaleString("en") : number.toFixed(2));
  const against =
    peer === undefined ? "" : ` (${peer.name}: ${round(peer.value)} ${unit}, ratio ${measured(figure).toFixed(2)})`;
  const wanted =
    goal === undefined
      ? ""
      : ` wanted ${goal.most === undefined ? `at least ${round(goal.least ?? 0)}` : `at most ${round(goal.most)}`}`;
  return `${reached(figure) === false ? "✗" : "✓"} ${name}: ${round(value)} ${unit}${against}${wanted}`;
}
