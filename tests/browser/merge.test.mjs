// The main journey, by keyboard alone: open the page, play Merge, win, claim, see the drip, reload, still there.

import { test } from "node:test";
import assert from "node:assert/strict";
import { tabTo } from "./support/keyboard.mjs";
import { playMerge } from "./support/merge.mjs";
import { picture } from "./support/pictures.mjs";
import { browser, provide, server } from "./support/suite.mjs";
import { assertCalm, balance, resultOf, visit } from "./support/visitor.mjs";

const LEVEL = "merge-1";
/** A good player wins nine rounds of ten: three in a row are lost once in a thousand times. */
const ROUNDS = 4;
/** With so many turns left the board is worth a picture. */
const PICTURE_AT = 40;

provide();

test("a player wins Merge by keyboard, and the drip is there after a reload", async () => {
  const { page, noticed } = await visit(browser);
  await page.goto(`${server.origin}/`);
  await page.getByRole("heading", { name: "Play a level, earn a drip" }).waitFor();
  await tabTo(page, `a[href="/play/${LEVEL}"]`);
  await page.keyboard.press("Enter");
  await page.locator("#start").waitFor();
  await tabTo(page, "#start");
  await page.keyboard.press("Enter");

  let result;
  for (let round = 0; round < ROUNDS; round += 1) {
    await page.getByRole("application").waitFor();
    await playMerge(page, ({ turnsLeft }) => turnsLeft <= PICTURE_AT);
    await picture(page, "merge");
    await playMerge(page);
    result = await resultOf(page);
    if (result === "Cleared!") {
      break;
    }
    assert.equal(result, "Not this time", "a lost round says so, and nothing else");
    await tabTo(page, "#again");
    await page.keyboard.press("Enter");
  }
  assert.equal(result, "Cleared!");

  const sum = page.locator("dl.sum");
  for (const line of ["This level pays", "Stars", "First clear", "Streak", "Repeat", "Your drip"]) {
    assert.equal(await sum.getByText(line, { exact: false }).first().isVisible(), true, line);
  }
  const drip = (await sum.locator(".is-total dd").textContent()).trim();
  assert.match(drip, /^0\.0[1-9]\d* DRIP$/);
  assert.equal(await page.getByText("not backed up").first().isVisible(), true, "the page asks for a backup");
  assert.match(await balance(page), new RegExp(drip.replace(" DRIP", "").replace(".", "\\.")));

  await page.reload();
  await page.goto(`${server.origin}/wallet`);
  await page.getByRole("heading", { name: "History" }).waitFor();
  const row = page.getByRole("row").filter({ hasText: drip.replace(" DRIP", "") }).first();
  await row.waitFor();
  assert.match(await balance(page), new RegExp(drip.replace(" DRIP", "").replace(".", "\\.")));

  await page.goto(`${server.origin}/`);
  const card = page.getByRole("article").filter({ has: page.locator(`a[href="/play/${LEVEL}"]`) });
  await card.getByText("pays again in").waitFor();
  assertCalm(noticed, server.origin);
});
