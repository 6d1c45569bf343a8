// Takes pictures of every page, light and dark, on a phone and on a desk, for whoever wants to look: no test, but played
// as the tests play. `cargo xtask pictures` runs it; DRIPLINE_PICTURES names the folder.

import { playCatch } from "./support/catch.mjs";
import { startBrowser } from "./support/chromium.mjs";
import { finger, mouse } from "./support/hand.mjs";
import { playMerge } from "./support/merge.mjs";
import { picture } from "./support/pictures.mjs";
import { openValve, turnTiles } from "./support/pipes.mjs";
import { startServer } from "./support/server.mjs";
import { DESK, PHONE, resultOf, startRound, visit } from "./support/visitor.mjs";

const server = await startServer();
const browser = await startBrowser();
for (const colorScheme of ["light", "dark"]) {
  for (const [screen, options] of [["phone", PHONE], ["desk", DESK]]) {
    const { context, page } = await visit(browser, { ...options, colorScheme });
    const hand = options.hasTouch ? await finger(page) : mouse(page);
    const take = (name, of = page) => picture(of, `${colorScheme}-${screen}/${name}`);
    await places(page, take, "new");
    for (const play of [pipes, merge, rain]) {
      await play(page, hand, take);
    }
    await places(page, take, "progress");
    await others(context, page, take);
    await context.close();
    console.log(`${colorScheme}, ${screen}`);
  }
}
await browser.close();
await server.stop();

async function places(page, take, when) {
  await page.goto(`${server.origin}/`);
  await page.getByRole("heading", { name: "Merge", exact: true }).waitFor();
  await take(`map-${when}`);
  await page.locator("footer, .game:last-child .level:last-child").last().scrollIntoViewIfNeeded();
  await take(`map-${when}-below`);
  await page.goto(`${server.origin}/wallet`);
  await page.getByRole("heading", { name: "History" }).waitFor();
  await page.waitForLoadState("networkidle");
  await take(`wallet-${when}`);
  await page.getByRole("heading", { name: "History" }).scrollIntoViewIfNeeded();
  await take(`wallet-${when}-below`);
  await page.goto(`${server.origin}/ledger`);
  await page.getByText("The books add up").waitFor();
  await page.waitForLoadState("networkidle");
  await take(`ledger-${when}`);
}

async function ready(page, take, game) {
  await page.goto(`${server.origin}/play/${game}-1`);
  await page.getByRole("button", { name: "Start", exact: true }).waitFor();
  await take(`${game}-0-ready`);
}

async function pipes(page, hand, take) {
  await ready(page, take, "pipes");
  await startRound(page, server, "pipes-1");
  await take("pipes-1-countdown");
  await turnTiles(page, hand, 3);
  await take("pipes-2-turning");
  const board = await turnTiles(page, hand);
  await take("pipes-3-joined");
  await openValve(page, hand, board);
  await seconds(page, 4);
  await take("pipes-4-flowing");
  await resultOf(page, 30_000);
  await seconds(page, 2);
  await take("pipes-5-result");
  await page.getByText("Receipt", { exact: true }).click();
  await page.getByText("Receipt", { exact: true }).scrollIntoViewIfNeeded();
  await take("pipes-6-receipt");
  await page.getByRole("link", { name: /Check it against the public ledger/ }).click();
  await page.getByText("This receipt is genuine").waitFor();
  await take("pipes-7-receipt-checked");
}

async function merge(page, hand, take) {
  await ready(page, take, "merge");
  await startRound(page, server, "merge-1");
  for (const turns of [88, 60, 30]) {
    await playMerge(page, ({ turnsLeft }) => turnsLeft <= turns);
    await seconds(page, 0.3);
    await take(`merge-1-${turns}-left`);
  }
  await pause(page);
  await take("merge-2-paused");
  await page.reload();
  await page.getByRole("heading", { name: "Welcome back" }).waitFor();
  await take("merge-3-resumed");
  await page.getByRole("button", { name: "Give up" }).click();
  await resultOf(page);
  await take("merge-4-lost");
}

/** Pauses, and waits until the overlay has come. */
async function pause(page) {
  await page.keyboard.press("Escape");
  await page.getByRole("heading", { name: "Paused" }).waitFor();
  await seconds(page, 1);
}

/** Catch. */
async function rain(page, hand, take) {
  await ready(page, take, "catch");
  await startRound(page, server, "catch-1");
  await take("catch-1-countdown");
  await playCatch(page, hand, ({ score }) => score >= 2);
  await take("catch-2-playing");
  await pause(page);
  await take("catch-3-paused");
  await page.getByRole("button", { name: "Go on" }).click();
  await page.context().setOffline(true);
  await page.locator(".round-state").filter({ hasText: "Waiting" }).waitFor();
  await take("catch-4-waiting");
  await page.context().setOffline(false);
  await playCatch(page, hand, ({ score }) => score >= 50);
  await take("catch-5-streak");
  await playCatch(page, hand, ({ isGoalMet }) => isGoalMet);
  await take("catch-6-goal-reached");
  await pause(page);
  await take("catch-7-to-finish");
  await page.getByRole("button", { name: "Finish now" }).click();
  await resultOf(page);
  await seconds(page, 2);
  await take("catch-8-result");
}

/** What is met with rarely. */
async function others(context, page, take) {
  await page.goto(`${server.origin}/play/no-such-level`);
  await page.getByRole("heading", { name: "There is no such level" }).waitFor();
  await take("no-such-level");
  await page.goto(`${server.origin}/play/catch-3`);
  await page.getByRole("heading", { name: "This level is locked" }).waitFor();
  await take("locked");
  await page.goto(`${server.origin}/`);
  await page.getByRole("heading", { name: "Merge", exact: true }).waitFor();
  const second = await context.newPage();
  await second.goto(`${server.origin}/`);
  await second.getByRole("heading", { name: "Dripline is open elsewhere" }).waitFor();
  // A tab that lies behind another one is not drawn.
  await second.bringToFront();
  await take("gate", second);
}

/** Lets time pass. */
async function seconds(page, count) {
  await page.waitForTimeout(count * 1_000);
}
