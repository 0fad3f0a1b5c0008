/** How the page looks: in light, in dark, on paper and on a telephone. Colours of text reach 4.5:1 on what they stand on. */
export const style = `
:root { color-scheme: light dark;
  --page: #f4f6f8; --surface: #ffffff; --sunken: #f0f3f6; --ink: #14202c; --muted: #52606d; --line: #dce2e8; --link: #0b5cad;
  --critical: #a40e2b; --high: #ad3a06; --medium: #7d5200; --low: #0f5f9e; --info: #4b5966; --clean: #11693a; --unknown: #5b4a9c;
  --critical-fill: #d01c3c; --high-fill: #ec6a1c; --medium-fill: #e3a90f; --low-fill: #3b8fdb; --info-fill: #93a0ad; --clean-fill: #27a862;
  --unknown-fill: #8b78d6; --tint: 12%; --shadow: 0 1px 2px rgb(20 32 44 / 6%), 0 6px 20px rgb(20 32 44 / 5%); }
@media screen and (prefers-color-scheme: dark) { :root {
  --page: #0d1218; --surface: #161d26; --sunken: #10161d; --ink: #e8edf2; --muted: #a0adba; --line: #2a3541; --link: #7fbcff;
  --critical: #ff8793; --high: #ffa36b; --medium: #f0c355; --low: #82c0f7; --info: #aab6c2; --clean: #6fd79b; --unknown: #bcaefc;
  --critical-fill: #f2566a; --high-fill: #f5863f; --medium-fill: #e6b32e; --low-fill: #4f9fe8; --info-fill: #7d8a97; --clean-fill: #3fbf7a;
  --unknown-fill: #8f7ee0; --tint: 16%; --shadow: none; } }
.critical { --tone: var(--critical); --fill: var(--critical-fill) }
.high { --tone: var(--high); --fill: var(--high-fill) }
.medium { --tone: var(--medium); --fill: var(--medium-fill) }
.low { --tone: var(--low); --fill: var(--low-fill) }
.info { --tone: var(--info); --fill: var(--info-fill) }
.clean { --tone: var(--clean); --fill: var(--clean-fill) }
.unknown { --tone: var(--unknown); --fill: var(--unknown-fill) }
* { box-sizing: border-box }
html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth }
body { margin: 0; background: var(--page); color: var(--ink); overflow-wrap: anywhere;
  font: 15px/1.55 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif }
code, pre { font: 0.86em/1.5 ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, "DejaVu Sans Mono", monospace }
main, header, footer { max-width: 72rem; margin: 0 auto; padding: 0 1.5rem }
header { padding-top: 2.5rem }
h1, h2, h3, h4, p, ul, dl, dd, figure { margin: 0 }
h1 { font-size: 1.9rem; line-height: 1.2; letter-spacing: -0.02em; text-wrap: balance }
h2 { font-size: 1.3rem; letter-spacing: -0.01em; margin: 3rem 0 0.9rem }
h3 { font-size: 1rem; margin: 1.6rem 0 0.7rem; color: var(--tone) }
h4 { font-size: 1rem; line-height: 1.35 }
a { color: var(--link); text-underline-offset: 0.15em }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 3px }
.eyebrow { color: var(--muted); font-size: 0.8rem; font-weight: 600; letter-spacing: 0.06em; text-transform: uppercase }
.muted { color: var(--muted) } .small { font-size: 0.86rem }
.meta { display: flex; flex-wrap: wrap; gap: 0.15rem 1.2rem; margin-top: 0.5rem; color: var(--muted); font-size: 0.86rem }
.card { background: var(--surface); border: 1px solid var(--line); border-radius: 12px; box-shadow: var(--shadow) }
.verdict { margin-top: 1.5rem; padding: 1.6rem 1.9rem }
.verdict, .notice { background: linear-gradient(to right, var(--fill) 6px, var(--surface) 6px) }
.verdict strong { display: block; font-size: 2.3rem; line-height: 1.15; letter-spacing: -0.025em; color: var(--tone) }
.verdict strong + span { display: block; margin-top: 0.5rem }
.bar { display: block; width: 100%; height: 10px; margin: 1.3rem 0 1.1rem; border-radius: 5px; background: var(--sunken) }
.bar rect { fill: var(--fill) }
.tiles { display: grid; grid-template-columns: repeat(5, 1fr); gap: 0.75rem; padding: 0; list-style: none }
.tiles li { padding: 0.7rem 0.9rem; border-radius: 9px; background: color-mix(in srgb, var(--fill) var(--tint), var(--surface)); color: var(--tone) }
.tiles li.none { background: var(--sunken); color: var(--muted) }
.tiles b { display: block; font-size: 1.75rem; line-height: 1.15; font-variant-numeric: tabular-nums; letter-spacing: -0.02em }
.tiles span { font-size: 0.83rem; text-transform: capitalize }
nav { display: flex; flex-wrap: wrap; gap: 0.5rem; margin-top: 1.1rem; font-size: 0.88rem }
nav a { padding: 0.25rem 0.8rem; border: 1px solid var(--line); border-radius: 99px; background: var(--surface); text-decoration: none }
nav a:hover { border-color: var(--link) }
.families { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 0.75rem; padding: 0; list-style: none }
.families li { padding: 0.85rem 1rem 0.9rem }
.families b { display: flex; justify-content: space-between; gap: 0.5rem }
.families .bar { height: 5px; margin: 0.55rem 0 0.5rem }
.families .is { color: var(--tone); font-size: 0.86rem; font-weight: 600 }
.badge { display: inline-block; padding: 0.08rem 0.55rem; border-radius: 99px; font-size: 0.76rem; font-weight: 650; line-height: 1.6; white-space: nowrap;
  color: var(--tone); background: color-mix(in srgb, var(--fill) var(--tint), var(--surface)) }
.badge.word { text-transform: capitalize }
.notice { padding: 1rem 1.3rem 1rem 1.5rem }
.notice ul { margin: 0.4rem 0 0; padding-left: 1.1rem }
.check { margin-bottom: 0.9rem; padding: 1.15rem 1.35rem 1.2rem }
.check > .top { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 0.7rem }
.check > .top h4 { flex: 1 1 20rem }
.check > .todo { margin-top: 0.4rem; max-width: 52rem }
.check > .why { margin-top: 0.5rem; max-width: 52rem; color: var(--muted) }
.finding { margin-top: 0.9rem; padding: 0.85rem 1rem 0.9rem; border-radius: 9px; background: var(--sunken) }
.finding > .top { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.1rem 0.7rem }
.finding > .top code:last-child { margin-left: auto }
.finding > p { margin-top: 0.15rem }
.finding dl, .about { display: grid; grid-template-columns: max-content 1fr; gap: 0.22rem 1rem; margin-top: 0.55rem; font-size: 0.88rem }
.about { margin-top: 1rem; padding-top: 0.85rem; border-top: 1px solid var(--line) }
dt { color: var(--muted) }
details { margin-top: 0.6rem }
summary { cursor: pointer; color: var(--link); font-size: 0.9rem; font-weight: 600 }
summary code { font-weight: 600 }
pre code { font-size: inherit }
pre { margin: 0.45rem 0 0; padding: 0.75rem 0.9rem; overflow-x: auto; white-space: pre-wrap; border: 1px solid var(--line); border-radius: 8px;
  background: var(--surface); user-select: all }
.scroll { overflow-x: auto }
table { width: 100%; border-collapse: collapse; font-size: 0.88rem; overflow-wrap: break-word }
td code, th code, .date { white-space: nowrap } th .muted { font-weight: 400 }
th, td { padding: 0.5rem 0.75rem; text-align: left; vertical-align: top; border-top: 1px solid var(--line) }
thead th { border-top: 0; color: var(--muted); font-size: 0.78rem; font-weight: 600; line-height: 1.3; vertical-align: bottom }
tbody th { font-weight: 600 }
caption { padding: 0.9rem 1.1rem; text-align: left; color: var(--muted); font-size: 0.88rem; border-bottom: 1px solid var(--line) }
.matrix th:first-child { position: sticky; left: 0; min-width: 13rem; max-width: 20rem; background: var(--surface); overflow-wrap: anywhere }
.matrix td, .matrix thead th:not(:first-child) { text-align: center; vertical-align: middle }
.matrix thead th { min-width: 3.6rem }
.matrix.wide thead th:not(:first-child) { height: 8.5rem; padding: 0.6rem 0; writing-mode: vertical-rl; text-align: left; rotate: 180deg }
.matrix.wide th, .matrix.wide td { padding-left: 0.3rem; padding-right: 0.3rem }
.matrix.wide th:first-child { padding-left: 0.9rem; min-width: 15rem }
.ways { margin: 0.3rem 0 1.1rem; padding-left: 1.1rem }
.list > summary { padding: 0.2rem 0 }
footer { padding-top: 2.5rem; padding-bottom: 3rem; color: var(--muted); font-size: 0.86rem }
@media (max-width: 40rem) {
  main, header, footer { padding-left: 1rem; padding-right: 1rem }
  header { padding-top: 1.5rem } h1 { font-size: 1.5rem } .verdict { padding: 1.2rem 1.1rem } .verdict strong { font-size: 1.8rem }
  .tiles { gap: 0.3rem } .tiles li { padding: 0.5rem 0.1rem; text-align: center; overflow-wrap: normal } .tiles b { font-size: 1.2rem } .tiles span { font-size: 0.68rem }
  .families { grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: 0.5rem } .finding > .top code:last-child { margin-left: 0 }
  .check { padding: 1rem } .finding { padding: 0.75rem } .finding dl, .about { grid-template-columns: 1fr; gap: 0 } dd { margin-bottom: 0.35rem }
  .matrix th:first-child, .matrix.wide th:first-child { min-width: 9rem; max-width: 10rem }
}
@media print {
  :root { color-scheme: light; --page: #fff; --sunken: #f5f7f9; --shadow: none }
  @page { margin: 14mm }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact }
  body { font-size: 9.5pt; line-height: 1.4 } p, li, pre, dd { orphans: 3; widows: 3 } main, header, footer { max-width: none; padding: 0 1px } nav { display: none }
  .families { grid-template-columns: repeat(3, 1fr); gap: 0.5rem } .families li { padding: 0.6rem 0.8rem }
  h2, h3, h4, .top, .top + p, .why, .todo, caption, summary { break-after: avoid } .families li, tr, p, pre, .tiles, .about { break-inside: avoid }
  h2 { margin-top: 1.8rem } h3 { margin-top: 1rem } .check { padding: 0.75rem 0.9rem; margin-bottom: 0.6rem; box-decoration-break: clone } .finding { margin-top: 0.5rem; padding: 0.55rem 0.75rem; box-decoration-break: clone }
  .finding dl, .about { margin-top: 0.3rem; gap: 0.1rem 1rem } .about { padding-top: 0.5rem } details { margin-top: 0.3rem } pre { padding: 0.4rem 0.6rem; font-size: 7.5pt; line-height: 1.3 }
  details::details-content { content-visibility: visible; block-size: auto } summary { color: inherit; list-style: none }
  .scroll { overflow: visible } .matrix { font-size: 7.5pt; table-layout: fixed } .matrix .badge { padding: 0 0.3rem; font-size: 7pt; white-space: normal }
  .matrix .small { font-size: 6.5pt } .matrix th, .matrix td { padding: 0.25rem 0.1rem } .matrix thead th { min-width: 0; font-size: 7.5pt } .matrix th:first-child, .matrix.wide th:first-child { position: static; width: 24%; min-width: 0; padding-left: 0.4rem }
  .matrix.wide thead th:not(:first-child) { height: 6.5rem }
}
`;
