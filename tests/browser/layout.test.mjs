// Every page on every screen: nothing beside the screen, nothing that jumps, and in play the whole board at once.

import { test } from "node:test";
import assert from "node:assert/strict";
import { mouse } from "./support/hand.mjs";
import { assertNarrow } from "./support/narrow.mjs";
import { playPipes } from "./support/pipes.mjs";
import { browser, games, provide, server } from "./support/suite.mjs";
import { DESK, PHONE, assertCalm, resultOf, startRound, visit, watch } from "./support/visitor.mjs";

/** Phones upright and on their side, as much as a browser leaves of the screen. */
const PHONES = [
  { width: 390, height: 844 },
  { width: 360, height: 640 },
  { width: 844, height: 390 },
  { width: 667, height: 330 },
];
/** The most that may jump while a page comes: what counts as good. */
const SHIFT_MAX = 0.1;

/** The profile of a player who has won a round; its page shows the result. */
let winner;

provide({
  async prepare() {
    const { context, page } = await visit(browser);
    await startRound(page, server, "pipes-1");
    await playPipes(page, mouse(page));
    assert.equal(await resultOf(page, 30_000), "Cleared!");
    winner = context;
  },
});

test("no page is wider than its screen", async () => {
  const { page, noticed } = await visit(browser);
  const won = winner.pages()[0];
  await assertNarrow(won, "a won round");
  await won.getByText("Receipt", { exact: true }).click();
  await assertNarrow(won, "a receipt");
  await won.goto(`${server.origin}/`);
  await won.getByText("pays again in").first().waitFor();
  await assertNarrow(won, "the map of a winner");
  await won.goto(`${server.origin}/wallet`);
  await won.getByRole("row").first().waitFor();
  await won.getByRole("button", { name: "Show the key" }).click();
  await won.getByText("Restore a key from a backup").click();
  await assertNarrow(won, "the wallet of a winner");
  await won.goto(`${server.origin}/ledger`);
  await won.getByText("The books add up").waitFor();
  await assertNarrow(won, "the ledger");

  await page.goto(`${server.origin}/`);
  await page.getByRole("heading", { name: "Play a level, earn a drip" }).waitFor();
  await assertNarrow(page, "the map");
  await page.goto(`${server.origin}/wallet`);
  await page.getByText("No drips yet.").waitFor();
  await assertNarrow(page, "the wallet");
  for (const game of games) {
    await page.goto(`${server.origin}/play/${game}-1`);
    const start = page.getByRole("button", { name: "Start", exact: true });
    await start.waitFor();
    await assertNarrow(page, `before ${game}`);
    await start.click();
    await page.getByRole("application").waitFor();
    await assertNarrow(page, `in ${game}`);
    await page.keyboard.press("Escape");
    await page.getByRole("heading", { name: "Paused" }).waitFor();
    await assertNarrow(page, `${game} paused`);
    await page.getByRole("button", { name: "Give up" }).click();
    assert.equal(await resultOf(page), "Not this time");
    await assertNarrow(page, `after ${game}`);
  }
  assertCalm(noticed, server.origin);
});

test("in play a phone shows the whole board without scrolling, upright and on its side", async () => {
  const { context, page, noticed } = await visit(browser, PHONE);
  for (const game of games) {
    await startRound(page, server, `${game}-1`);
    for (const screen of PHONES) {
      await page.setViewportSize(screen);
      const seen = await page.waitForFunction(
        ([width, height]) => {
          const root = document.documentElement;
          const board = document.querySelector("#board").getBoundingClientRect();
          const isThere = root.clientWidth === width && board.top >= 0 && board.left >= 0;
          // The canvas is fitted a frame after the screen has turned.
          return isThere && board.right <= width && board.bottom <= height && root.scrollHeight <= height && board.toJSON();
        },
        [screen.width, screen.height],
        { timeout: 5_000 },
      ).catch(() => undefined);
      assert.ok(seen, `${game} fits ${screen.width} × ${screen.height}`);
      const { width, height } = await seen.jsonValue();
      const share = Math.max(width / screen.width, height / screen.height);
      assert.ok(share >= 0.6, `${game} makes use of ${screen.width} × ${screen.height}: ${width} × ${height}`);
    }
  }
  assertCalm(noticed, server.origin);
  await context.close();
});

test("a pause shows its buttons on the smallest screens, and all rules to who scrolls", async () => {
  const { context, page, noticed } = await visit(browser, PHONE);
  for (const game of games) {
    await startRound(page, server, `${game}-1`);
    await page.keyboard.press("Escape");
    await page.getByRole("heading", { name: "Paused" }).waitFor();
    for (const [width, height] of [[320, 568], [812, 375]]) {
      await page.setViewportSize({ width, height });
      for (const name of ["Go on", "Give up"]) {
        await assertSeen(page, page.locator(".overlay").getByRole("button", { name }), `${name} in ${game}`);
      }
      const rules = page.locator(".overlay .rules li");
      assert.ok((await rules.count()) >= 3, `${game} tells its rules`);
      for (const line of [rules.last(), page.getByText("P pauses"), rules.first()]) {
        await line.scrollIntoViewIfNeeded();
        await assertSeen(page, line, `a line of ${game}`);
      }
      await page.locator(".overlay h2").scrollIntoViewIfNeeded();
    }
  }
  assertCalm(noticed, server.origin);
  await context.close();
});

test("before a round a phone shows how to start without scrolling", async () => {
  const { context, page, noticed } = await visit(browser, PHONE);
  for (const game of games) {
    await page.goto(`${server.origin}/play/${game}-1`);
    const start = page.getByRole("button", { name: "Start", exact: true });
    await start.waitFor();
    await assertSeen(page, start, game);
    await page.getByRole("heading", { name: "How it works" }).waitFor();
  }
  assertCalm(noticed, server.origin);
  await context.close();
});

for (const [screen, { viewport }] of [["a desk", DESK], ["a phone", PHONE]]) {
  test(`nothing jumps while a page comes over a slow network, on ${screen}`, async () => {
    const newcomer = await browser.newContext({ locale: "en-GB" });
    // One tab plays at a time.
    await Promise.all(winner.pages().map((page) => page.close()));
    for (const [who, context] of [["a newcomer", newcomer], ["a winner", winner]]) {
      const page = await context.newPage();
      const noticed = watch(page);
      const network = await context.newCDPSession(page);
      await network.send("Network.emulateNetworkConditions", { offline: false, latency: 150, downloadThroughput: -1, uploadThroughput: -1 });
      await page.setViewportSize(viewport);
      for (const [path, sign] of [
        ["/", "Merge"],
        ["/wallet", "History"],
        ["/ledger", "DRIP"],
        ["/play/catch-1", "Leaky Tap"],
      ]) {
        await page.goto(`${server.origin}${path}`);
        await page.getByRole("heading", { name: sign, exact: true }).waitFor();
        await page.waitForLoadState("networkidle");
        assert.deepEqual(await shifts(page), [], `${path}, ${who}`);
      }
      assertCalm(noticed, server.origin);
      await page.close();
    }
    await newcomer.close();
  });
}

/** Asserts that all of an element is on the screen, and that nothing lies over its middle. */
async function assertSeen(page, locator, what) {
  const isSeen = await locator.evaluate(async (element) => {
    // Whatever was scrolled or turned is in its place two frames later.
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    const { left, top, right, bottom } = element.getBoundingClientRect();
    const isInside = left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
    const topmost = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    return isInside && (element.contains(topmost) || topmost?.contains(element));
  });
  assert.ok(isSeen, `${what} is seen on ${JSON.stringify(page.viewportSize())}`);
}

/** What jumped, where it was too much in all. */
async function shifts(page) {
  return page.evaluate(async (most) => {
    const entries = await new Promise((resolve) => {
      const observer = new PerformanceObserver((list) => resolve(list.getEntries()));
      observer.observe({ type: "layout-shift", buffered: true });
      // Nothing is told where nothing jumped.
      requestAnimationFrame(() => setTimeout(() => resolve([]), 100));
    });
    const sum = entries.reduce((sum, { value, hadRecentInput }) => sum + (hadRecentInput ? 0 : value), 0);
    const told = ({ value, sources }) => `${value.toFixed(3)} ${sources.map(({ node }) => node?.className ?? node?.nodeName).join(", ")}`;
    return sum <= most ? [] : entries.map(told);
  }, SHIFT_MAX);
}
