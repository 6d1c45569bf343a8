import { startServer } from "./support/server.mjs"; import { startBrowser } from "./support/chromium.mjs"; import { accept, operator, go } from "./support/operator.mjs";
const s = await startServer(); const b = await startBrowser(); const o = await operator(b);
const [l] = await s.said(/http\S+#invitation=\S+/); await accept(o.page, l, "Ada"); await o.page.getByText("Budgets").waitFor();
for (const p of ["Overview","Levels and rewards","Publications","Players","Payouts","Access","Audit log"]) {
await o.page.setViewportSize({ width: 1200, height: 800 });
await go(o.page, p); await o.page.waitForTimeout(500);
for (const w of [320, 390]) { await o.page.setViewportSize({ width: w, height: 800 }); await o.page.waitForTimeout(300);
console.log(p, w, await o.page.evaluate(() => { const r = document.documentElement; if (r.scrollWidth <= r.clientWidth) return "ok"; const out=[r.scrollWidth]; for (const e of document.querySelectorAll("body *")) { const q=e.getBoundingClientRect(); if (q.right > r.clientWidth + .5) { let a=e.parentElement, c=false; while(a){ const o=getComputedStyle(a).overflowX; if(o!=="visible"){c=true;break} a=a.parentElement } if(!c) out.push(e.outerHTML.slice(0,100)+" "+q.right); } } return out; })); } }
await b.close(); await s.stop();
