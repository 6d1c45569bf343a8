import { startBrowser } from "./support/chromium.mjs";
import { startServer } from "./support/server.mjs";
import { mouse } from "./support/hand.mjs";
import { readPipes, solve, turnTiles, playPipes } from "./support/pipes.mjs";
import { startRound, visit } from "./support/visitor.mjs";
const server = await startServer(); const browser = await startBrowser();
for (let i = 0; i < 4; i++) {
const { page, noticed, context } = await visit(browser);
await startRound(page, server, "pipes-1");
await turnTiles(page, mouse(page), 2);
await page.reload();
await page.getByRole("heading", { name: "Welcome back" }).waitFor();
await page.getByRole("button", { name: "Go on" }).click();
await playPipes(page, mouse(page));
await page.screenshot({path:`/tmp/t/e${i}a.png`});
const ok = await page.locator("article.result h1").waitFor({timeout: 14000}).then(() => true, () => false);
console.log(ok);
await page.screenshot({path:`/tmp/t/e${i}b.png`});
if (!ok) { await page.waitForTimeout(3000); await page.screenshot({path:`/tmp/t/e${i}c.png`});  console.log(await page.evaluate(()=>localStorage["dripline/play/1"]), noticed.errors); break; }
await context.close(); }
await browser.close(); await server.stop();
