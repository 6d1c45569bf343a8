// Catch by touch, on the screen of a phone: a finger follows what the eyes see of the canvas.

import { test } from "node:test";
import assert from "node:assert/strict";
import { playCatch } from "./support/catch.mjs";
import { finger } from "./support/hand.mjs";
import { picture } from "./support/pictures.mjs";
import { browser, provide, server } from "./support/suite.mjs";
import { PHONE, amountOf, assertCalm, balance, resultOf, visit } from "./support/visitor.mjs";

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
