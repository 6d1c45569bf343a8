// A key on its way from one device to another, and what becomes of a round that the other one gives up.

import { test } from "node:test";
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { mouse } from "./support/hand.mjs";
import { picture } from "./support/pictures.mjs";
import { openValve, turnTiles } from "./support/pipes.mjs";
import { browser, provide, server } from "./support/suite.mjs";
import { PHONE, amountOf, assertCalm, balance, resultOf, startRound, visit } from "./support/visitor.mjs";

provide();

test("a backup brings the balance to another device, and a wrong one changes nothing", async () => {
  const desk = await visit(browser);
  await startRound(desk.page, server, "pipes-1");
  await openValve(desk.page, mouse(desk.page), await turnTiles(desk.page, mouse(desk.page)));
  // The first of two basins is full: this is the README's picture. Where both fill at once, it shows the result.
  await desk.page.locator(".hud-value").filter({ hasText: "100" }).or(desk.page.locator("article.result")).first().waitFor();
  await picture(desk.page, "play");
  assert.equal(await resultOf(desk.page), "Cleared!");
  await desk.page.getByRole("link", { name: "Back up the key" }).click();
  await desk.page.getByText("Not backed up", { exact: true }).waitFor();
  const address = await desk.page.locator(".address-text").first().textContent();
  const money = amountOf(await desk.page.locator(".wallet-amount").textContent());

  await desk.page.getByRole("button", { name: "Show the key" }).click();
  const key = await desk.page.locator(".secret-text").textContent();
  const download = desk.page.waitForEvent("download");
  await desk.page.getByRole("button", { name: "Save a backup" }).click();
  const saved = await download;
  assert.equal(saved.suggestedFilename(), "dripline-key.txt");
  const file = await readFile(await saved.path(), "utf8");
  assert.ok(file.includes(key) && file.includes(address), "the file holds the key and says whose it is");
  await desk.page.getByText("Backed up", { exact: true }).waitFor();
  assert.equal(await desk.page.getByText("not backed up", { exact: true }).count(), 0, "nothing warns any more");

  const phone = await visit(browser, PHONE);
  await phone.page.goto(`${server.origin}/wallet`);
  const other = await phone.page.locator(".address-text").first().textContent();
  assert.notEqual(other, address);
  await phone.page.getByText("Restore a key from a backup").tap();
  const message = phone.page.locator("#restore-message");
  for (const [text, answer] of [
    ["my key is under the mat", /There is no key in this text/],
    [mistyped(key), /a letter of it is wrong/],
    [file.replace(key, mistyped(key)), /a letter of it is wrong/],
  ]) {
    await restore(phone.page, text);
    await message.filter({ hasText: answer }).waitFor();
    assert.equal(await phone.page.locator(".address-text").first().textContent(), other, "nothing has changed");
  }
  await restore(phone.page, file);
  await message.filter({ hasText: "Restored. This is your wallet now." }).waitFor();
  for (const arrival of ["at once", "after a reload"]) {
    await phone.page.locator(".wallet-amount").filter({ hasText: money }).waitFor();
    assert.equal(await phone.page.locator(".address-text").first().textContent(), address, arrival);
    assert.equal(amountOf(await balance(phone.page)), money, arrival);
    await phone.page.reload();
  }

  await giveUpElsewhere(desk.page, phone.page);
  assertCalm(desk.noticed, server.origin);
  assertCalm(phone.noticed, server.origin);
  await desk.context.close();
  await phone.context.close();
});

/** A round that is in progress on the desk is given up on the phone. The desk finds out, and says so. */
async function giveUpElsewhere(desk, phone) {
  await startRound(desk, server, "merge-1");
  await phone.goto(`${server.origin}/play/catch-1`);
  await phone.getByRole("button", { name: "Start", exact: true }).tap();
  await phone.getByText("A round is already open").waitFor();
  await phone.getByRole("button", { name: "Give it up and start this one" }).tap();
  await phone.getByRole("application").waitFor();
  await desk.reload();
  assert.equal(await resultOf(desk), "That round has ended");
  await desk.goto(`${server.origin}/`);
  await desk.getByRole("heading", { name: "Play a level, earn a drip" }).waitFor();
  assert.equal(await desk.getByText("is in progress").count(), 0, "and is done with it");
}

/** The key with a slip of the pen. */
function mistyped(key) {
  const [before, letter, rest] = [key.slice(0, 40), key[40], key.slice(41)];
  return `${before}${letter === "a" ? "b" : "a"}${rest}`;
}

async function restore(page, text) {
  await page.locator("#restore-text").fill(text);
  await page.getByRole("button", { name: "Restore", exact: true }).tap();
}
