import { labelledEdits } from "./labelled-edits.ts";
import { effectOf } from "../../src/simulator/effect/index.ts";
let n=0, by:any={};
for (const e of labelledEdits){ const r=effectOf(e.change,e.references); const k=e.label+">"+r.direction; by[k]=(by[k]??0)+1; const miss=e.code&&!r.reasons.some(x=>x.code===e.code);
 if(r.direction!==e.label||miss) console.log(e.label,r.direction,e.code??"","|",e.name,"|",r.reasons.map(x=>x.code+":"+x.text).join(" ; ").slice(0,300)); n++;}
console.log(n,by);
