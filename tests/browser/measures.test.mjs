// What the tests of the widget measure its host's page by: that nothing moved and nothing took long says something only where it would have
// been found.

import { test } from "node:test";
import assert from "node:assert/strict";
import { hosts, provideShop } from "./support/shop.mjs";
import { browser } from "./support/suite.mjs";
import { LONG_TASKS, SHOP, hostPage, longestTask, shiftOf, visitHost } from "./support/widget.mjs";

provideShop({
  pages(faucet) {
    const head = `<style>dripline-faucet{display:block;min-height:640px}body{margin:0}</style>${LONG_TASKS}`;
    return { "/": { body: hostPage({ faucet, head, body: `<main><dripline-faucet site="shop" level="pipes-1"></dripline-faucet></main>` }) } };
  },
});

/** The shop's page with the widget in it, ready. */
async function shopPage() {
  const { context, page, tells } = await visitHost(browser, hosts.origin(SHOP));
  await tells("ready");
  return { context, page };
}

test("a block that comes in above the widget is found to have moved it", async () => {
  const { context, page } = await shopPage();
  assert.equal(await shiftOf(page), 0);
  await page.evaluate(() => {
    const block = document.createElement("div");
    block.style.height = "100px";
    document.body.prepend(block);
  });
  assert.ok((await shiftOf(page)) > 0);
  await context.close();
});

test("a page that is kept busy for 60 ms is found to have had a long task", async () => {
  const { context, page } = await shopPage();
  // Longer than whatever there was before, so that it is this one that is found.
  const least = (await longestTask(page)) + 60;
  const keepBusy = (least) =>
    new Promise((resolve) =>
      setTimeout(() => {
        const end = performance.now() + least;
        while (performance.now() < end);
        resolve();
      }),
    );
  await page.evaluate(keepBusy, least);
  // The browser tells whole milliseconds.
  assert.ok((await longestTask(page)) > least - 1);
  await context.close();
});

test("a browser that does not tell of such a thing is refused, and not believed to have none", async () => {
  const { context, page } = await shopPage();
  await page.evaluate(() => Object.defineProperty(PerformanceObserver, "supportedEntryTypes", { value: ["resource"] }));
  await assert.rejects(shiftOf(page), /the browser tells nothing of layout-shift/);
  await assert.rejects(longestTask(page), /the browser tells nothing of longtask/);
  await context.close();
});
