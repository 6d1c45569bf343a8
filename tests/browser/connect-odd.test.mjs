// What goes wrong with a wallet of the player's own: what is refused, what was revoked meanwhile, what does not come, and second thoughts.

import { test } from "node:test";
import assert from "node:assert/strict";
import { phrases } from "../../frontend/connect/phrases.mjs";
import { refusal } from "./support/answers.mjs";
import { assertAccessible } from "./support/axe.mjs";
import { addressOf, assertCalmOf, button, chooseWallet, connect, dialog, earn, openWallet, sign, withWallet } from "./support/connected.mjs";
import { mouse } from "./support/hand.mjs";
import { picture } from "./support/pictures.mjs";
import { playPipes } from "./support/pipes.mjs";
import { browser, provide, server } from "./support/suite.mjs";
import { DESK, startRound, visit } from "./support/visitor.mjs";

provide({
  variables: {
    DRIPLINE_RAILS_SANDBOX: `{ kind = "sandbox", assets = { DRIP = { threshold = "1000", fee = "100" } } }`,
  },
});

test("a balance that cannot move yet is said why, stays the guest's, and is offered again until it has moved", async () => {
  const { context, page, noticed } = await withWallet();
  await earn(page);
  await openWallet(page);
  const key = await addressOf(page).textContent();
  await chooseWallet(page);
  await sign(page);
  const offer = dialog(page).getByRole("heading", { name: "Take along what you have earned?" });
  const move = async () => {
    await offer.waitFor();
    await button(page, "Move it to my wallet").click();
    await sign(page, "Sign and move it");
  };
  /** Asks for it once more, from what there is to do with the wallet. */
  const again = async () => {
    await dialog(page).getByRole("heading", { name: "Test wallet is connected" }).waitFor();
    await button(page, "Move it to my wallet").click();
    await move();
  };
  const refused = async (code) => {
    await dialog(page).getByText(phrases.moveLater[code]()).waitFor();
    await assertAccessible(page, `a move that is refused by ${code}`);
    const { balance } = await (await fetch(`${server.origin}/api/v1/wallets/${key}`)).json();
    assert.notEqual(balance, "0");
  };
  let code = "round_unclaimed";
  await page.route("**/api/v1/balances/move", (route) => route.fulfill(refusal(409, [{ code }])));
  await move();
  await refused(code);
  // It is connected all the same.
  const connected = page.waitForEvent("load");
  await button(page, "Go on").click();
  await connected;
  await page.getByRole("button", { name: "Connected wallet" }).click();
  code = "withdrawal_pending";
  await again();
  await refused(code);
  await button(page, "Go on").click();
  await page.unroute("**/api/v1/balances/move");
  await again();
  await dialog(page).getByRole("heading", { name: /moved to your wallet\.$/ }).waitFor();
  const loaded = page.waitForEvent("load");
  await button(page, "Go on").click();
  await loaded;
  await page.getByRole("rowheader", { name: "Moved", exact: true }).waitFor();
  assertCalmOf(noticed);
  await context.close();
});

test("a round whose permission is revoked while it is played cannot be claimed: the page says so, and goes on as a guest", async () => {
  const one = await withWallet();
  const other = await withWallet(DESK, one.seed);
  for (const { page } of [one, other]) {
    await openWallet(page);
    await connect(page);
  }
  const { page } = one;
  const wallet = await addressOf(page).textContent();
  await startRound(page, server, "pipes-1");
  await other.page.getByRole("button", { name: "Connected wallet" }).click();
  await button(other.page, "Who may play for it").click();
  await sign(other.page);
  await dialog(other.page).getByRole("button", { name: /^Revoke: Another browser/ }).click();
  await sign(other.page);
  await dialog(other.page).getByText("It was revoked.").waitFor();
  await playPipes(page, mouse(page));
  await dialog(page).getByRole("heading", { name: "Your wallet lets this browser play no more" }).waitFor({ timeout: 30_000 });
  await dialog(page).getByText("The reward of the round that you have just played cannot be claimed for your wallet.").waitFor();
  await picture(page, "connect/lost-claim");
  await assertAccessible(page, "a claim for a wallet that has revoked");
  const loaded = page.waitForEvent("load");
  await button(page, "Play as a guest").click();
  await loaded;
  assert.equal((await (await fetch(`${server.origin}/api/v1/wallets/${wallet}`)).json()).balance, "0");
  await openWallet(page);
  assert.notEqual(await addressOf(page).textContent(), wallet);
  for (const { context, noticed } of [one, other]) {
    assertCalmOf(noticed);
    await context.close();
  }
});

test("who goes back from what is to be signed is at the form as it was, and nothing is said or sent", async () => {
  const { context, page, noticed } = await withWallet();
  await openWallet(page);
  await connect(page);
  await earn(page);
  await openWallet(page);
  let posted = 0;
  page.on("request", (request) => (posted += request.method() === "POST" ? 1 : 0));
  await page.getByRole("button", { name: "Set an address" }).click();
  const field = page.getByRole("textbox").first();
  await field.fill("somewhere-else");
  for (const leave of [() => button(page, "Back").click(), () => page.keyboard.press("Escape")]) {
    await page.getByRole("button", { name: "Check it" }).click();
    await page.getByRole("button", { name: "Sign and set it" }).click();
    await dialog(page).getByText("somewhere-else by sandbox.").waitFor();
    await leave();
    await dialog(page).waitFor({ state: "hidden" });
    await page.locator("#payout-field:focus").waitFor();
    assert.equal(await field.inputValue(), "somewhere-else");
    assert.equal(await page.getByText("Your browser did not sign").count(), 0);
  }
  assert.equal(posted, 0);
  assertCalmOf(noticed);
  await context.close();
});

test("where the program for wallets does not come, the page says so where it was asked for, and it can be asked for again", async () => {
  const { context, page } = await visit(browser);
  await earn(page);
  await openWallet(page);
  const program = "**/connect-*.mjs";
  await page.route(program, (route) => route.abort());
  const card = page.locator(".wallet-balance");
  await card.getByRole("button", { name: "Connect a wallet" }).click();
  await card.getByRole("alert").getByText("The server cannot be reached").waitFor();
  await picture(page, "connect/lacking");
  await assertAccessible(page, "a program for wallets that has not come");

  // What is to be signed is the program's to make: nothing is sent, and the form is there.
  await page.getByRole("button", { name: "Set an address" }).click();
  await page.getByRole("button", { name: "Check it" }).click();
  await page.getByRole("button", { name: "Sign and set it" }).click();
  await page.getByText("Your browser did not sign").waitFor();
  await page.unroute(program);
  await page.getByRole("button", { name: "Check it" }).click();
  await page.getByRole("button", { name: "Sign and set it" }).click();
  await page.getByText("The address is set.").waitFor();
  await card.getByRole("button", { name: "Connect a wallet" }).click();
  await button(page, "Not now").click();
  await card.getByRole("alert").waitFor({ state: "detached" });
  await context.close();
});
