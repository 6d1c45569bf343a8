// What the widget does to the page around it, and how the playground fares, as Lighthouse scores them.

import { test } from "node:test";
import assert from "node:assert/strict";
import { audit, median } from "./support/lighthouse.mjs";
import { hosts, provideShop } from "./support/shop.mjs";
import { server } from "./support/suite.mjs";
import { SHOP, faucetOf } from "./support/widget.mjs";

/** How many runs a median is of. With and without the widget take turns, so that what else the machine does meets both. */
const RUNS = 5;
/** By how many points of 100 the page with the widget may score lower. */
const MOST_LOST = 5;
/** Of what the widget may cost no point. It does not depend on how busy the machine is, so one run tells it. */
const STEADY = ["accessibility", "best-practices"];
const TEXT = "<p>What the shop says of itself, in a paragraph as a page has several of.</p>".repeat(12);

/**
 * A shop's page, with the lines that `docs/embed.md` has people paste or without them. It has an icon, so that it lacks nothing itself: what
 * the widget lacks could not cost points that are lost already.
 */
const page = (head, widget) => ({
  body: `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>A shop</title><link rel="icon" href="data:,">${head}</head><body><main><h1>A shop</h1>${widget}${TEXT}</main></body></html>`,
});

provideShop({
  pages: (faucet) => {
    const lines = `<script async src="${faucet}/embed/v1.js"></script>
<style>dripline-faucet { display: block; min-height: 640px }</style>`;
    return { "/without": page("", ""), "/with": page(lines, `<dripline-faucet site="shop"></dripline-faucet>`) };
  },
  site: { look: { title: "Win a coupon" } },
});

test("a page with the widget is at most five points slower than the same page without it, and costs nothing else", async (context) => {
  const scores = { "/without": [], "/with": [] };
  for (let run = 0; run < RUNS; run += 1) {
    for (const [path, found] of Object.entries(scores)) {
      const asked = run === 0 ? STEADY : [];
      const { scores, lacking, origins, paths } = await audit(`${hosts.origin(SHOP)}${path}`, ["performance", ...asked]);
      found.push(scores.performance);
      assert.deepEqual(asked.map((category) => scores[category]), asked.map(() => 100), `${path}: ${lacking}`);
      const expected = path === "/with" ? [faucetOf(server), hosts.origin(SHOP)] : [hosts.origin(SHOP)];
      assert.deepEqual(origins, expected, "nothing is loaded from elsewhere");
      assert.equal(paths.includes("/api/v1/catalog"), path === "/with", "the games themselves are loaded with the widget");
    }
  }
  const [without, having] = Object.values(scores).map(median);
  const told = `without ${without} of ${scores["/without"]}, with it ${having} of ${scores["/with"]}`;
  context.diagnostic(told);
  assert.ok(without - having <= MOST_LOST, told);
});

/** How many points of 100 the playground has to have for performance. */
const PLAYGROUND_POINTS = 95;
/** What a page of text alone lacks is lacking because the machine is busy: to a page with scripts that costs about so many times as much. */
const BUSY_TIMES = 2;

// On a phone the widget comes once somebody scrolls to it; at a desk it is beside what can be chosen.
for (const [place, isDesk] of Object.entries({ "on a phone": false, "at a desk, with the widget live": true })) {
  test(`the playground is quick, and has all points for accessibility and best practices: ${place}`, async (context) => {
    const [runs, ofText] = [[], []];
    for (let run = 0; run < 3; run += 1) {
      runs.push(await audit(`${faucetOf(server)}/embed/playground?site=shop`, ["performance", ...STEADY], { isDesk }));
      ofText.push((await audit(`${hosts.origin(SHOP)}/without`, ["performance"], { isDesk })).scores.performance);
    }
    const performance = runs.map(({ scores }) => scores.performance);
    // What else the machine does only ever takes points away: the best of each is the nearest to what the page itself has.
    const [best, bestOfText] = [Math.max(...performance), Math.max(...ofText)];
    const told = `${best} of ${performance}, a page of text ${bestOfText} of ${ofText}`;
    context.diagnostic(told);
    assert.ok(best >= PLAYGROUND_POINTS - BUSY_TIMES * (100 - bestOfText), `${told}: ${runs.map(({ lacking }) => lacking)}`);
    for (const { scores, lacking, origins, paths } of runs) {
      assert.equal(paths.includes("/embed/frame"), isDesk, "whether the widget is part of it");
      assert.deepEqual([scores.accessibility, scores["best-practices"]], [100, 100], `${lacking}`);
      assert.deepEqual(origins, [faucetOf(server)], "nothing is loaded from elsewhere");
    }
  });
}
