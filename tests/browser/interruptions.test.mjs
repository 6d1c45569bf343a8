// What comes between a player and the server in mid-round, and does not end it: no network, a reload, a server that dies, a
// clock that is put.

import { test } from "node:test";
import assert from "node:assert/strict";
import { setTimeout as away } from "node:timers/promises";
import { finger, mouse } from "./support/hand.mjs";
import { playMerge } from "./support/merge.mjs";
import { playPipes, readPipes, turnTiles } from "./support/pipes.mjs";
import { browser, provide, server } from "./support/suite.mjs";
import { PHONE, amountOf, assertCalm, balance, resultOf, startRound, visit } from "./support/visitor.mjs";

/** A round of Catch may stand still for 20 seconds in all. */
const AWAY_MS = 21_000;
/** A good player wins nine rounds of ten of Merge. */
const ROUNDS = 4;

let leaver;
let leftAt;

provide({
  async prepare() {
    // Somebody who leaves in mid-round: what they find is looked at in the end.
    leaver = await visit(browser);
    await startRound(leaver.page, server, "catch-1");
    await leaver.page.close();
    leftAt = Date.now();
  },
});

test("a round goes on when the network is back after more than a segment", async () => {
  const { context, page, noticed } = await visit(browser, PHONE);
  const hand = await finger(page);
  const state = page.locator(".round-state");
  await startRound(page, server, "pipes-1");
  await turnTiles(page, hand, 1);
  const place = await page.locator("#board").boundingBox();
  await context.setOffline(true);
  await page.getByText("You are offline").waitFor();
  await turnTiles(page, hand, 2);
  await state.filter({ hasText: "The server cannot be reached. Play on" }).waitFor();
  await state.filter({ hasText: "Waiting for the server" }).waitFor();
  assert.deepEqual(await page.locator("#board").boundingBox(), place, "nothing that is said moves the board");
  await context.setOffline(false);
  await page.getByText("You are offline").waitFor({ state: "detached" });
  await state.filter({ hasText: /^$/ }).waitFor();
  await playPipes(page, hand);
  await assertPaid(page);
  assertCalm(noticed, server.origin);
  await context.close();
});

test("a round goes on when this machine's clock is put", async () => {
  const { context, page, noticed } = await visit(browser);
  await page.addInitScript(() => {
    const now = Date.now;
    let ahead = 0;
    Date.now = () => now() + ahead;
    globalThis.putClock = (by) => {
      ahead += by;
    };
  });
  await startRound(page, server, "catch-1");
  for (const by of [3_600_000, -7_200_000]) {
    const asked = page.waitForRequest("**/api/v1/catalog");
    await page.evaluate((by) => globalThis.putClock(by), by);
    await asked;
    await page.keyboard.press("Escape");
    await page.getByText(/Pauses and outages may last 0:1\d more/).waitFor();
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByText(/Pauses and outages may last/).waitFor({ state: "detached" });
  }
  assert.equal(await page.getByRole("application").isVisible(), true);
  assertCalm(noticed, server.origin);
  await context.close();
});

test("a round of a clocked game goes on where it was after a reload", async () => {
  const { context, page, noticed } = await visit(browser);
  await startRound(page, server, "pipes-1");
  const before = await turnTiles(page, mouse(page), 2);
  await page.reload();
  await page.getByRole("heading", { name: "Welcome back" }).waitFor();
  assert.deepEqual(await readPipes(page), before, "the tiles lie as they lay");
  await page.getByRole("button", { name: "Go on" }).click();
  await playPipes(page, mouse(page));
  await assertPaid(page);
  assertCalm(noticed, server.origin);
  await context.close();
});

test("a round is found again after a reload though the levels come later than its own answer", async () => {
  const { context, page, noticed } = await visit(browser);
  const description = page.locator("#board-description");
  await startRound(page, server, "merge-1");
  await playMerge(page, ({ turnsLeft }) => turnsLeft <= 78);
  const before = await description.textContent();
  let letThrough;
  const wait = new Promise((resolve) => (letThrough = resolve));
  await page.route("**/api/v1/catalog", async (route) => {
    await wait;
    await route.continue();
  });
  const found = page.waitForResponse(/\/rounds\/\w+$/);
  await page.reload();
  await found;
  letThrough();
  await page.getByRole("button", { name: "Go on" }).click();
  assert.equal(await description.textContent(), before);
  await playMerge(page, ({ turnsLeft }) => turnsLeft <= 76);
  assertCalm(noticed, server.origin);
  await context.close();
});

test("a start that was not answered is the same start when it is pressed again, though it gives up another round", async () => {
  const { context, page, noticed } = await visit(browser);
  await startRound(page, server, "merge-1");
  // The server opens the round, and the page never hears so.
  const isOpening = (url) => url.pathname === "/api/v1/rounds";
  await page.route(isOpening, async (route) => {
    await route.fetch();
    await route.abort();
  });
  await page.goto(`${server.origin}/play/catch-1`);
  const start = page.getByRole("button", { name: "Start", exact: true });
  await start.click();
  await page.getByText("The server cannot be reached").first().waitFor();
  await page.unroute(isOpening);
  await start.click();
  await page.getByRole("application").waitFor();
  assertCalm(noticed, server.origin);
  await context.close();
});

test("a network that answers in the server's place does not end a round", async () => {
  const { context, page, noticed } = await visit(browser);
  let answers = 0;
  await page.route(/\/segments\/0$/, async (route) => {
    answers += 1;
    const signIn = { status: 200, contentType: "text/html", body: "<h1>Please sign in</h1>" };
    await (answers <= 2 ? route.fulfill(signIn) : route.continue());
  });
  await startRound(page, server, "pipes-1");
  await playPipes(page, mouse(page));
  await assertPaid(page);
  assert.equal(answers, 3);
  assertCalm(noticed, server.origin);
  await context.close();
});

test("a round of turns goes on after a reload, and after the server was killed", async () => {
  const { context, page, noticed } = await visit(browser);
  const description = page.locator("#board-description");
  await startRound(page, server, "merge-1");
  let result;
  for (let round = 0; round < ROUNDS && result !== "Cleared!"; round += 1) {
    if (round > 0) {
      assert.equal(result, "Not this time", "a lost round says so, and nothing else");
      await page.locator("#again").click();
    }
    await page.getByRole("application").waitFor();
    await playMerge(page, ({ turnsLeft }) => turnsLeft <= 75);
    const before = await description.textContent();
    await page.reload();
    await page.getByRole("heading", { name: "Welcome back" }).waitFor();
    assert.equal(await description.textContent(), before, "the droplets are where they were");
    await page.getByRole("button", { name: "Go on" }).click();

    await server.kill();
    const played = playMerge(page);
    await page.locator(".round-state").filter({ hasText: /cannot be reached|Waiting for the server/ }).waitFor();
    await server.restart();
    await played;
    result = await resultOf(page);
  }
  assert.equal(result, "Cleared!");
  await assertPaid(page);
  assertCalm(noticed, server.origin);
  await context.close();
});

test("a round that was left for too long says so, and another can be played", async () => {
  await away(Math.max(0, leftAt + AWAY_MS - Date.now()));
  const page = await leaver.context.newPage();
  await page.goto(`${server.origin}/`);
  await page.getByText(/A round of “.*” is in progress/).waitFor();
  await page.getByRole("link", { name: "Go on with it" }).click();
  // The first where the pauses were too long; the second where the whole round would be over by now.
  assert.match(await resultOf(page), /^(Time is up|That round has ended)$/);
  await page.getByRole("button", { name: "Play again" }).click();
  await page.getByRole("application").waitFor();
  assert.deepEqual(leaver.noticed.errors, []);
  await leaver.context.close();
});

/** Asserts that the round was won, and that what it paid is the balance of this new player. */
async function assertPaid(page) {
  assert.equal(await resultOf(page, 30_000), "Cleared!");
  const drip = amountOf(await page.locator("dl.sum .is-total dd").textContent());
  await page.getByRole("link", { name: new RegExp(`Balance.*${drip.replace(".", "\\.")}`, "s") }).waitFor();
  assert.equal(amountOf(await balance(page)), drip);
}
