// Catch by touch, on the screen of a phone: a finger follows what the eyes see of the canvas.

import { test } from "node:test";
import assert from "node:assert/strict";
import { playCatch } from "./support/catch.mjs";
import { finger } from "./support/hand.mjs";
import { picture } from "./support/pictures.mjs";
import { browser, provide, server } from "./support/suite.mjs";
import { PHONE, amountOf, assertCalm, balance, resultOf, startRound, visit } from "./support/visitor.mjs";

const LEVEL = "catch-1";
/** Whoever follows every drop wins all but always; the others are for a machine that is busy. */
const ROUNDS = 3;
/** With so many points the board is worth a picture. */
const PICTURE_AT = 40;

provide();

test("a player wins Catch with a finger on a phone, and the drip is in the wallet", async () => {
  const { page, noticed } = await visit(browser, PHONE);
  const hand = await finger(page);
  await page.goto(`${server.origin}/`);
  await page.locator(`a[href="/play/${LEVEL}"]`).tap();
  await page.locator("#start").tap();

  let result;
  for (let round = 0; round < ROUNDS && result !== "Cleared!"; round += 1) {
    if (round > 0) {
      // On a machine that has no time for sixty frames a second, the round's own time may run out first.
      assert.match(result, /^(Not this time|Time is up)$/, "a lost round says so, and nothing else");
      await page.locator("#again").tap();
    }
    await page.getByRole("application").waitFor();
    await playCatch(page, hand, ({ score }) => score >= PICTURE_AT);
    await picture(page, "catch");
    await playCatch(page, hand);
    result = await resultOf(page);
  }
  assert.equal(result, "Cleared!");

  const drip = amountOf(await page.locator("dl.sum .is-total dd").textContent());
  assert.match(drip, /^0\.0[1-9]\d*$/);
  await page.getByRole("link", { name: "All levels" }).tap();
  const card = page.getByRole("article").filter({ has: page.locator(`a[href="/play/${LEVEL}"]`) });
  await card.getByText("pays again in").waitFor();
  await page.getByRole("link", { name: "Wallet", exact: true }).tap();
  await page.getByRole("row").filter({ hasText: `+${drip}` }).waitFor();
  assert.equal(amountOf(await balance(page)), drip);
  assertCalm(noticed, server.origin);
});

test("a round whose goal is reached says so, and is finished in its pause, not given up", async () => {
  const { context, page, noticed } = await visit(browser, PHONE);
  const hand = await finger(page);
  const finish = page.getByRole("button", { name: "Finish now" });
  for (let round = 0; round < ROUNDS; round += 1) {
    await startRound(page, server, LEVEL);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Give up" }).waitFor();
    assert.equal(await finish.count(), 0, "nothing is reached yet");
    await page.getByRole("button", { name: "Go on" }).click();
    await playCatch(page, hand, ({ isGoalMet }) => isGoalMet);
    if (await page.getByRole("application").isVisible()) {
      break;
    }
  }
  await page.keyboard.press("Escape");
  await page.getByText("The goal is reached: the round is won at its end").waitFor();
  assert.equal(await page.getByRole("button", { name: "Give up" }).count(), 0, "a win is not thrown away");
  const left = await page.locator(".hud-value").last().textContent();
  assert.match(left, /^0:(0[1-9]|[1-3]\d)$/, "the round would go on");
  await finish.tap();
  assert.equal(await resultOf(page), "Cleared!");
  assertCalm(noticed, server.origin);
  await context.close();
});
