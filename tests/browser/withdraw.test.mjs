// Taking money out: an address, an amount, what is signed, and how it stands until it is paid.

import { test } from "node:test";
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { refusal } from "./support/answers.mjs";
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
    DRIPLINE_PRICES_CURRENCY: "EUR",
    DRIPLINE_PRICES_FIXED: `{ DRIP = "0.5" }`,
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
    ["1,000", "a thousand times more or less"],
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

test("the history says what a drip was worth, and is there as a table", async () => {
  const { page } = winner;
  await openWallet(page);
  await page.getByText(/^worth .* EUR then$/).waitFor();
  const worth = await page.getByText(/^worth .* EUR then$/).textContent();
  assert.ok(Math.abs(Number(worth.split(" ")[1]) - earned / 2) <= 1e-6, `${earned} DRIP were ${worth}`);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "All of it as a table (CSV)" }).click(),
  ]);
  const table = await readFile(await download.path(), "utf8");
  assert.match(table, /^time,kind,direction,/);
  assert.match(table, /,drip,in,DRIP,/);
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

test("a fee that has risen is asked about once more, and what is signed then is for the new one", async () => {
  const visitor = await rich();
  const { page, noticed } = visitor;
  const asked = [];
  await page.route("**/api/v1/withdrawals", async (route) => {
    asked.push(JSON.parse(route.request().postData()));
    await route.fulfill(refusal(409, [{ code: asked.length === 1 ? "fee_above_maximum" : "balance_too_low" }]));
  });
  await takeOut(page);
  await card(page).getByRole("textbox").fill("0,5");
  await page.getByRole("button", { name: "Check it" }).click();
  await card(page).locator(".check").getByText("0.4999 DRIP", { exact: true }).waitFor();
  await changeRails(page, { fee: "2000" });
  await page.getByRole("button", { name: "Sign and take it out" }).click();
  await card(page).getByRole("alert").filter({ hasText: "The fee has risen" }).waitFor();
  await card(page).locator(".check").getByText("0.498 DRIP", { exact: true }).waitFor();
  await assertAccessible(page, "a fee that has risen");
  await page.getByRole("button", { name: "Sign and take it out" }).click();
  await card(page).getByRole("alert").filter({ hasText: "You have less than that" }).waitFor();
  assert.deepEqual(asked.map((request) => [request.amount, request.fee_max]), [["500000", "100"], ["500000", "2000"]]);
  assert.notEqual(asked[0].client_id, asked[1].client_id, "it is another request");
  assertCalm(noticed, server.origin);
  await leave(visitor);
});

test("a withdrawal that waits is looked at until it is paid, and nothing is asked after that or elsewhere", async () => {
  const visitor = await rich();
  const { page, wallet, noticed } = visitor;
  const id = "0".repeat(30);
  const withdrawal = (number, state) => ({
    id: `${id}${number}${number}`, wallet, rail: "sandbox", asset: "DRIP", amount: "50000", fee: "100", address: wallet,
    state, ahead: state === "queued" ? 2 : null, requested_at_ms: Date.now(), server_time_ms: Date.now(),
  });
  const states = ["queued", "sending", "paid"];
  let looks = 0;
  await page.route("**/api/v1/wallets/*/withdrawals*", (route) =>
    route.fulfill({ json: { withdrawals: [withdrawal(2, "queued"), withdrawal(1, "paid")], next_before: null } }),
  );
  await page.route("**/api/v1/withdrawals/*", (route) => {
    assert.match(route.request().url(), /22$/, "only the one that is not final");
    route.fulfill({ json: withdrawal(2, states[Math.min(looks++, 2)]) });
  });
  await page.reload();
  const row = page.locator(".withdrawals li").first();
  await row.getByText("Waits behind 2 others").waitFor();
  await row.getByText("Being paid").waitFor();
  await row.getByText("Paid", { exact: true }).waitFor();
  const before = looks;
  await page.waitForTimeout(3_000);
  assert.equal(looks, before, "it is final");
  states.fill("sending");
  await page.reload();
  await row.getByText("Being paid").waitFor();
  await page.getByRole("link", { name: "Levels", exact: true }).click();
  await page.waitForTimeout(300);
  const left = looks;
  await page.waitForTimeout(5_000);
  assert.equal(looks, left, "the player is elsewhere");
  assertCalm(noticed, server.origin);
  await leave(visitor);
});

test("a rail that is paused says why", async () => {
  const visitor = await rich();
  const { page } = visitor;
  await changeRails(page, { paused: "The operator has stopped it. What was requested waits." });
  await page.reload();
  await card(page).getByText("Paused", { exact: true }).waitFor();
  await card(page).getByText("The operator has stopped it.").waitFor();
  await assertAccessible(page, "a rail that is paused");
  await leave(visitor);
});

/** Somebody who seems to have a whole coin, and an address: what the server tells of that is changed on its way. */
async function rich() {
  const visitor = await visit(browser);
  const { page } = visitor;
  let wallet;
  await page.route(/\/api\/v1\/wallets\/\w+$/, async (route) => {
    const answer = await (await route.fetch()).json();
    wallet = answer.wallet;
    const money = { balance: "1000000", pending: "0", paid: "0" };
    const address = { rail: "sandbox", address: wallet, set_at_ms: 0, usable_from_ms: 0 };
    await route.fulfill({ json: { ...answer, balance: money.balance, money: { DRIP: money }, addresses: [address], drips: 9 } });
  });
  await openWallet(page);
  await page.getByRole("button", { name: "Take it out" }).waitFor();
  return { ...visitor, wallet };
}

/** What is under way then need not arrive. */
async function leave({ context, page }) {
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await context.close();
}

/** Changes what the server tells of its rail from now on: why it is paused, the fee of its asset. */
async function changeRails(page, { fee, paused }) {
  await page.route("**/api/v1/rails", async (route) => {
    const answer = await (await route.fetch()).json();
    const [rail] = answer.rails;
    rail.paused = paused ?? rail.paused;
    rail.assets[0].fee = fee ?? rail.assets[0].fee;
    await route.fulfill({ json: answer });
  });
}
