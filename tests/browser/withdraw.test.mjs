// Taking money out: an address, an amount, what is signed, and how it stands until it is paid.

import { test } from "node:test";
import assert from "node:assert/strict";
import { assertAccessible } from "./support/axe.mjs";
import { mouse } from "./support/hand.mjs";
import { playPipes } from "./support/pipes.mjs";
import { browser, provide, server } from "./support/suite.mjs";
import { amountOf, assertCalm, balance, resultOf, startRound, visit } from "./support/visitor.mjs";

/** Somebody who has won a round, which is enough to take something out here. */
let winner;
/** What that brought, in whole coins. */
let earned;

provide({
  variables: {
    DRIPLINE_RAILS_SANDBOX: `{ kind = "sandbox", address_wait_ms = 3600000, assets = { DRIP = { threshold = "1000", fee = "100" } } }`,
  },
  async prepare() {
    winner = await visit(browser);
    const { page } = winner;
    await page.goto(`${server.origin}/wallet`);
    await page.getByRole("progressbar").waitFor();
    assert.equal(await page.getByRole("button", { name: "Take it out" }).count(), 0, "there is nothing yet");
    await startRound(page, server, "pipes-1");
    await playPipes(page, mouse(page));
    assert.match(await resultOf(page, 30_000), /^Cleared/);
    await openWallet(page);
    await page.getByRole("cell", { name: /^\+/ }).waitFor();
    earned = Number(amountOf(await balance(page)));
  },
});

async function openWallet(page) {
  await page.goto(`${server.origin}/wallet`);
  await page.getByRole("heading", { name: "Take it out" }).waitFor();
}

const card = (page) => page.locator("section", { has: page.getByRole("heading", { name: "Take it out" }) });

test("an address is signed in words that say what it is, and stays set", async () => {
  const { page } = winner;
  await card(page).getByText("nothing leaves them").waitFor();
  await page.getByRole("button", { name: "Set an address" }).click();
  const field = card(page).getByRole("textbox");
  const own = await field.inputValue();
  assert.match(own, /^[1-9A-HJ-NP-Za-km-z]{32,44}$/, "the player's own address is proposed");
  await field.fill("not an address");
  await page.getByRole("button", { name: "Check it" }).click();
  await card(page).getByRole("alert").filter({ hasText: "without spaces" }).waitFor();
  await field.fill(own);
  await page.getByRole("button", { name: "Check it" }).click();
  const sentence = card(page).locator("blockquote");
  assert.equal(
    await sentence.textContent(),
    `Pay what I withdraw from Dripline to ${own} by sandbox. This alone moves no money.`,
  );
  await assertAccessible(page, "what is signed for an address");
  await page.getByRole("button", { name: "Sign and set it" }).click();
  await card(page).getByText("The address is set.").waitFor();
  await page.reload();
  await page.getByRole("button", { name: "Change it" }).waitFor();
});

test("what cannot be taken out is told at the field, and nothing is asked of the server", async () => {
  const { page } = winner;
  let asked = 0;
  page.on("request", (request) => (asked += request.method() === "POST" ? 1 : 0));
  await openWallet(page);
  await takeOut(page);
  const field = card(page).getByRole("textbox");
  assert.equal(Number(await field.inputValue()), earned, "the whole balance is proposed");
  for (const [text, told] of [
    ["much", "Write a number"],
    ["0", "That is nothing."],
    ["0.0000001", "is not divided further"],
    ["0.0009", "The least is 0.001 DRIP."],
    [`${earned + 1}`, "You have"],
    ["-1", "Write a number"],
    ["", "Write a number"],
  ]) {
    await field.fill(text);
    await page.getByRole("button", { name: "Check it" }).click();
    await card(page).getByRole("alert").filter({ hasText: told }).waitFor();
    assert.equal(await field.getAttribute("aria-invalid"), "true");
  }
  assert.equal(asked, 0);
});

test("an amount is taken out after a look at what is signed, is paid, and stands in the history", async () => {
  const { page, noticed } = winner;
  await openWallet(page);
  await takeOut(page);
  await card(page).getByRole("textbox").fill("0.004");
  await page.getByRole("button", { name: "Check it" }).click();
  const check = card(page).locator(".check");
  await check.getByText("0.0039 DRIP").waitFor();
  assert.match(await check.locator("blockquote").textContent(), /^Withdraw 0.004 DRIP to \w+ by sandbox\./);
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await assertAccessible(page, `what is signed for a withdrawal, ${colorScheme}`);
  }
  await page.getByRole("button", { name: "Sign and take it out" }).click();
  const withdrawn = page.locator(".withdrawals li").filter({ hasText: "0.004 DRIP" });
  await withdrawn.getByText("Paid", { exact: true }).waitFor();
  await card(page).getByText("is on its way").waitFor({ state: "detached" });
  await page.getByRole("rowheader", { name: "Taken out" }).waitFor();
  await page.getByRole("cell", { name: /^[−-]0.004/ }).waitFor();
  const left = Number(amountOf(await balance(page)));
  assert.ok(Math.abs(left - (earned - 0.004)) < 1e-9, `${left} is left of ${earned}`);
  await withdrawn.locator("summary").click();
  await withdrawn.getByText(/^sandbox-[0-9a-f]{32}$/).waitFor();
  await assertAccessible(page, "a wallet with a withdrawal");
  assertCalm(noticed, server.origin);
});

test("a request whose answer got lost is the same request when it is sent again, also after a reload", async () => {
  const { page } = winner;
  const before = Number(amountOf(await balance(page)));
  let bodies = [];
  let isCut = true;
  await page.route("**/api/v1/withdrawals", async (route) => {
    bodies.push(route.request().postData());
    // It arrives, and what comes back does not.
    await route.fetch();
    return isCut ? route.abort() : route.continue();
  });
  await openWallet(page);
  await takeOut(page);
  await card(page).getByRole("textbox").fill("0.002");
  await page.getByRole("button", { name: "Check it" }).click();
  await page.getByRole("button", { name: "Sign and take it out" }).click();
  await card(page).getByText("is done once").waitFor({ timeout: 60_000 });
  isCut = false;
  await page.reload();
  const withdrawn = page.locator(".withdrawals li").filter({ hasText: "0.002 DRIP" });
  await withdrawn.getByText("Paid", { exact: true }).waitFor();
  assert.ok(bodies.length > 1);
  assert.equal(new Set(bodies).size, 1, "byte for byte");
  assert.equal(await withdrawn.count(), 1, "it was done once");
  const after = Number(amountOf(await balance(page)));
  assert.ok(Math.abs(after - (before - 0.002)) < 1e-9);
  await page.unroute("**/api/v1/withdrawals");
});

test("an address that takes the place of another is not paid to at once, and the page says from when", async () => {
  const { page } = winner;
  await openWallet(page);
  // An address stays for some seconds before it can be set again.
  await page.getByRole("button", { name: "Change it" }).click();
  await card(page).getByRole("textbox").fill("somewhere-else");
  await page.getByRole("button", { name: "Check it" }).click();
  await page.getByRole("button", { name: "Sign and set it" }).click();
  await card(page).getByText(/is paid to in \d+:\d\d/).waitFor();
  assert.equal(await page.getByRole("button", { name: "Take it out" }).count(), 0);
});

async function takeOut(page) {
  await card(page).getByRole("button", { name: "Take it out" }).click();
}
