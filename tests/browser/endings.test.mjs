// The end of a round: it is seen, and what was won arrives, whatever the network or the player does meanwhile.

import { test } from "node:test";
import assert from "node:assert/strict";
import { refusal } from "./support/answers.mjs";
import { assertAccessible } from "./support/axe.mjs";
import { mouse } from "./support/hand.mjs";
import { playPipes } from "./support/pipes.mjs";
import { browser, provide, server } from "./support/suite.mjs";
import { amountOf, assertCalm, balance, resultOf, startRound, visit, watch } from "./support/visitor.mjs";

const LEVEL = "pipes-1";
/** The last segment of a round says with which tick the game ended. */
const LAST_SEGMENT = /\/segments\/\d+\?end=/;

provide();

test("the end of a game can be seen before its result, which then has the focus", async () => {
  const { context, page, noticed } = await visit(browser);
  await startRound(page, server, LEVEL);
  const claimed = page.waitForResponse(/\/claims$/);
  await playPipes(page, mouse(page));
  await page.locator(".finale", { hasText: "Done!" }).waitFor();
  await claimed;
  assert.equal(await page.locator("#board").isVisible(), true, "the board stays though the drip has come");
  assert.equal(await resultOf(page), "Cleared!");
  assert.equal(await page.locator("#board").count(), 0);
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
  await assertAccessible(page, "a paid result");
  assertCalm(noticed, server.origin);
  await context.close();
});

test("a round that was given up is gone: its keys scroll the page again", async () => {
  const { context, page, noticed } = await visit(browser);
  await startRound(page, server, LEVEL);
  await page.keyboard.press("KeyP");
  await page.getByRole("button", { name: "Give up" }).click();
  assert.equal(await resultOf(page), "Not this time");
  await page.keyboard.press("KeyP");
  assert.equal(await page.evaluate(isTaken, "ArrowDown"), false, "nothing plays on unseen");
  await page.getByRole("button", { name: "Play again" }).click();
  await page.getByRole("application").waitFor();
  assert.equal(await page.evaluate(isTaken, "ArrowDown"), true);
  assertCalm(noticed, server.origin);
  await context.close();
});

test("a round that was given up is in progress no more, though the server does not hear of it until the page is loaded again", async () => {
  const { context, page, noticed } = await visit(browser);
  const END = /\/end$/;
  await page.route(END, (route) => route.abort());
  await startRound(page, server, LEVEL);
  await page.keyboard.press("KeyP");
  const asked = page.waitForRequest(END);
  await page.getByRole("button", { name: "Give up" }).click();
  await asked;
  assert.equal(await resultOf(page), "Not this time");
  await page.getByRole("link", { name: "All levels" }).click();
  await page.getByRole("heading", { name: "Play a level, earn a drip" }).waitFor();
  assert.equal(await page.getByText("is in progress").count(), 0);
  await page.goto(`${server.origin}/play/${LEVEL}`);
  await page.getByRole("button", { name: "Start", exact: true }).waitFor();
  await page.unroute(END);
  const told = page.waitForResponse(END);
  await page.goto(`${server.origin}/`);
  assert.equal((await told).status(), 200);
  await page.getByRole("heading", { name: "Play a level, earn a drip" }).waitFor();
  assert.equal(await page.getByText("is in progress").count(), 0);
  assertCalm(noticed, server.origin);
  await context.close();
});

test("where the server never heard that a round was given up, the next one can be played all the same", async () => {
  const { context, page, noticed } = await visit(browser);
  await page.route(/\/end$/, (route) => route.abort());
  await startRound(page, server, LEVEL);
  await page.keyboard.press("KeyP");
  await page.getByRole("button", { name: "Give up" }).click();
  assert.equal(await resultOf(page), "Not this time");
  await page.reload();
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await page.getByRole("application").waitFor();
  assertCalm(noticed, server.origin);
  await context.close();
});

test("a round whose last moves arrived is claimed after a reload, on its own page or on another one", async () => {
  for (const path of [`/play/${LEVEL}`, "/wallet"]) {
    const { context, page: left } = await visit(browser);
    // The server has the last moves, and the page never hears so.
    let arrived;
    const stored = new Promise((resolve) => (arrived = resolve));
    await left.route(LAST_SEGMENT, async (route) => arrived(await route.fetch()));
    await startRound(left, server, LEVEL);
    await playPipes(left, mouse(left));
    assert.equal((await stored).status(), 200);
    await left.getByRole("heading", { name: "You did it" }).waitFor();
    await left.close();
    const page = await context.newPage();
    const noticed = watch(page);
    await page.goto(`${server.origin}${path}`);
    if (path === "/wallet") {
      await page.getByRole("status").filter({ hasText: /DRIP arrived/ }).waitFor();
    } else {
      assert.equal(await resultOf(page), "Cleared!");
    }
    assert.match(await balance(page), /0\.0[1-9]/, path);
    assertCalm(noticed, server.origin);
    await context.close();
  }
});

test("a win while the server is away says so, lets the player go elsewhere, and is paid", async () => {
  const { context, page, noticed } = await visit(browser);
  await page.route(LAST_SEGMENT, (route) => route.abort());
  await startRound(page, server, LEVEL);
  await playPipes(page, mouse(page));
  await page.getByRole("heading", { name: "You did it" }).waitFor();
  await page.getByText("The server cannot be reached. This page keeps trying").waitFor();
  await page.getByText(/count if they get there within 0:\d\d/).waitFor();
  await assertAccessible(page, "a win that the server does not know of");
  await page.getByRole("link", { name: "All levels" }).click();
  await page.locator('a[href="/play/catch-1"]').click();
  await page.getByText(/The round of “.*” is over/).waitFor();
  assert.equal(await page.getByRole("button", { name: "Start", exact: true }).isDisabled(), true);
  await page.unroute(LAST_SEGMENT);
  await page.getByRole("button", { name: "Start", exact: true, disabled: false }).waitFor();
  await page.getByRole("link", { name: "Wallet", exact: true }).click();
  const row = page.getByRole("row").filter({ hasText: /\+0\.0[1-9]/ });
  await row.waitFor();
  assert.equal(amountOf(await balance(page)), amountOf(/\+\S+/.exec(await row.textContent())[0]));
  assertCalm(noticed, server.origin);
  await context.close();
});

test("a win whose last moves came too late is told where the player is, until it was read", async () => {
  const { context, page, noticed } = await visit(browser);
  let answer = (route) => route.abort();
  await page.route(LAST_SEGMENT, (route) => answer(route));
  await startRound(page, server, LEVEL);
  await playPipes(page, mouse(page));
  await page.getByRole("heading", { name: "You did it" }).waitFor();
  await page.getByRole("link", { name: "All levels" }).click();
  answer = (route) => route.fulfill(refusal(409, [{ code: "segment_late" }]));
  const lost = page.getByText("A reward was lost");
  await lost.waitFor();
  await page.reload();
  await lost.waitFor();
  await page.getByRole("button", { name: "Understood" }).click();
  await lost.waitFor({ state: "detached" });
  await page.locator(`a[href="/play/${LEVEL}"]`).click();
  await page.getByRole("button", { name: "Start", exact: true, disabled: false }).waitFor();
  assertCalm(noticed, server.origin);
  await context.close();
});

/** Whether the page takes a key for itself. Runs in the page. */
function isTaken(code) {
  const event = new KeyboardEvent("keydown", { code, cancelable: true, bubbles: true });
  document.body.dispatchEvent(event);
  return event.defaultPrevented;
}
