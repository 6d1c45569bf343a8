// A wallet of the player's own: connected, played for, paid out by, and let go.

import { test } from "node:test";
import assert from "node:assert/strict";
import { assertAccessible } from "./support/axe.mjs";
import { recoverMessageAddress } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { burner } from "./support/burner.mjs";
import { addressOf, assertCalmOf, button, chooseWallet, connect, dialog, earn, openWallet, sign, withWallet } from "./support/connected.mjs";
import { mouse } from "./support/hand.mjs";
import { tabTo } from "./support/keyboard.mjs";
import { picture } from "./support/pictures.mjs";
import { playPipes } from "./support/pipes.mjs";
import { browser, provide, server } from "./support/suite.mjs";
import { DESK, PHONE, amountOf, assertCalm, balance, resultOf, startRound, visit } from "./support/visitor.mjs";

provide({
  variables: {
    DRIPLINE_RAILS_SANDBOX: `{ kind = "sandbox", assets = { DRIP = { threshold = "1000", fee = "100" } } }`,
    DRIPLINE_PRICES_CURRENCY: "EUR",
    DRIPLINE_PRICES_FIXED: `{ DRIP = "0.5" }`,
  },
});

/** What the wallet of npm calls itself. */
const BURNER = "Burner Wallet";

test("a guest with a real wallet connects it, plays for it, is paid by it, and revokes what it has signed", async () => {
  const { context, page, noticed } = await withWallet(DESK, undefined, await burner({ isKept: true }));
  await openWallet(page);
  const key = await addressOf(page).textContent();
  await picture(page, "connect/guest");
  await page.getByRole("button", { name: "Connect a wallet" }).click();
  await button(page, BURNER).waitFor();
  await picture(page, "connect/choose");
  await assertAccessible(page, "the choice of a wallet");
  await button(page, BURNER).click();
  await dialog(page).getByRole("heading", { name: "What your wallet is to sign" }).waitFor();
  const shown = await dialog(page).locator("pre").textContent();
  assert.match(shown, new RegExp(`\\n\\nLet this browser's key ${key} start rounds and claim rewards for me in Dripline until `));
  await picture(page, "connect/agree");
  for (const colorScheme of ["dark", "light"]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await assertAccessible(page, `what is signed, ${colorScheme}`);
  }
  const loaded = page.waitForEvent("load");
  const asked = page.waitForRequest("**/api/v1/delegations");
  await sign(page);
  const request = (await asked).postDataJSON();
  assert.equal(request.delegate, key);
  await loaded;
  const wallet = await addressOf(page).textContent();
  assert.equal(wallet, request.wallet);
  assert.notEqual(wallet, key);
  await page.getByRole("button", { name: "Connected wallet" }).waitFor();
  await page.getByRole("heading", { name: "Your key" }).waitFor({ state: "hidden" });

  const opened = page.waitForRequest((request) => request.method() === "POST" && request.url().endsWith("/api/v1/rounds"));
  await earn(page);
  const { wallet: player, delegate } = (await opened).postDataJSON();
  assert.deepEqual({ player, delegate }, { player: wallet, delegate: key });
  await openWallet(page);
  await page.getByRole("cell", { name: /^\+/ }).waitFor();
  const earned = Number(amountOf(await balance(page)));
  const views = await Promise.all([wallet, key].map(async (who) => (await fetch(`${server.origin}/api/v1/wallets/${who}`)).json()));
  assert.equal(Number(views[0].balance) / 1e6, earned);
  assert.equal(views[1].balance, "0");

  // Its own address, and a payout there: the wallet signs both.
  await page.getByRole("button", { name: "Set an address" }).click();
  const field = page.getByRole("textbox").first();
  assert.equal(await field.inputValue(), wallet, "its own address is proposed");
  await page.getByRole("button", { name: "Check it" }).click();
  await page.getByRole("button", { name: "Sign and set it" }).click();
  await dialog(page).getByText(`Pay what I withdraw from Dripline to ${wallet} by sandbox.`).waitFor();
  await sign(page);
  await page.getByText("The address is set.").waitFor();
  await page.getByRole("button", { name: "Take it out" }).click();
  await page.getByRole("textbox").first().fill("0.004");
  await page.getByRole("button", { name: "Check it" }).click();
  await page.getByRole("button", { name: "Sign and take it out" }).click();
  await dialog(page).getByText(`Withdraw 0.004 DRIP to ${wallet} by sandbox.`).waitFor();
  await picture(page, "connect/withdraw");
  await sign(page);
  const withdrawn = page.locator(".withdrawals li").filter({ hasText: "0.004 DRIP" });
  await withdrawn.getByText("Paid", { exact: true }).waitFor();

  await page.getByRole("button", { name: "Connected wallet" }).click();
  await dialog(page).getByRole("heading", { name: `${BURNER} is connected` }).waitFor();
  await picture(page, "connect/manage");
  await assertAccessible(page, "a connected wallet");
  await button(page, "Who may play for it").click();
  await sign(page);
  await dialog(page).getByText("This browser").waitFor();
  await picture(page, "connect/list");
  await assertAccessible(page, "the delegations of a wallet");
  const again = page.waitForEvent("load");
  await dialog(page).getByRole("button", { name: /^Revoke: This browser/ }).click();
  await sign(page);
  await again;
  await page.getByRole("button", { name: "Connect a wallet" }).waitFor();
  assert.equal(await addressOf(page).textContent(), key, "the browser plays for its own key again");
  assertCalmOf(noticed);
  await context.close();
});

test("what a guest has earned moves to the wallet once, and then the wallet has it", async () => {
  const { context, page, noticed } = await withWallet();
  await earn(page);
  await openWallet(page);
  await page.getByRole("cell", { name: /^\+/ }).waitFor();
  const earned = amountOf(await balance(page));
  const key = await addressOf(page).textContent();
  await chooseWallet(page);
  await sign(page);
  await dialog(page).getByText(`As a guest you have ${earned} DRIP.`).waitFor();
  await picture(page, "connect/move");
  await assertAccessible(page, "the offer to move a balance");
  await button(page, "Move it to my wallet").click();
  await dialog(page).getByText("Move all that this key has earned in Dripline to the wallet").waitFor();
  await sign(page, "Sign and move it");
  await dialog(page).getByRole("heading", { name: `${earned} DRIP moved to your wallet.` }).waitFor();
  const loaded = page.waitForEvent("load");
  await button(page, "Go on").click();
  await loaded;
  await page.getByText(`${earned} DRIP`).first().waitFor();
  assert.notEqual(await addressOf(page).textContent(), key);
  const guest = await (await fetch(`${server.origin}/api/v1/wallets/${key}`)).json();
  assert.equal(guest.balance, "0");
  await page.getByRole("button", { name: "Connected wallet" }).click();
  await dialog(page).getByRole("heading", { name: "Test wallet is connected" }).waitFor();
  assert.equal(await button(page, "Move it to my wallet").count(), 0, "there is nothing left to be moved");
  assertCalmOf(noticed);
  await context.close();
});

test("who declines in the wallet is told so, can go back, and nothing has changed", async () => {
  const { context, page, noticed } = await withWallet();
  await openWallet(page);
  const key = await addressOf(page).textContent();
  await chooseWallet(page);
  await page.evaluate(() => (globalThis.driplineWallet.declines = true));
  await sign(page);
  await dialog(page).getByRole("heading", { name: "It was not signed" }).waitFor();
  await dialog(page).getByText("Code: declined").waitFor();
  await assertAccessible(page, "a wallet that declined");
  await button(page, "Back").click();
  await dialog(page).getByRole("heading", { name: "Connect a wallet" }).waitFor();
  await page.keyboard.press("Escape");
  await dialog(page).waitFor({ state: "hidden" });
  const focused = await page.evaluate(() => document.activeElement.textContent);
  assert.equal(focused, "Connect a wallet", "the keyboard is where it came from");
  assert.equal(await addressOf(page).textContent(), key);
  assertCalmOf(noticed);
  await context.close();
});

test("somebody with a keyboard alone connects a wallet, and the focus stays in the dialog", async () => {
  const { context, page, noticed } = await withWallet();
  await openWallet(page);
  await tabTo(page, ".wallet-balance .buttons button");
  await page.keyboard.press("Enter");
  await button(page, "Test wallet").waitFor();
  await tabTo(page, ".connect-wallets button");
  await page.keyboard.press("Enter");
  await dialog(page).getByRole("heading", { name: "What your wallet is to sign" }).waitFor();
  const isInside = () => page.evaluate(() => document.activeElement === document.body || document.querySelector("dialog").contains(document.activeElement));
  for (let press = 0; press < 8; press += 1) {
    await page.keyboard.press("Tab");
    assert.ok(await isInside(), `after ${press + 1} presses`);
  }
  await tabTo(page, "dialog select");
  await page.keyboard.press("ArrowDown");
  const until = /until (\S+)\. It cannot/.exec(await dialog(page).locator("pre").textContent())[1];
  assert.ok(Math.abs(Date.parse(until) - Date.now() - 7 * 86_400_000) < 60_000, `${until} is in seven days`);
  const loaded = page.waitForEvent("load");
  await tabTo(page, "dialog .buttons button");
  await page.keyboard.press("Enter");
  await loaded;
  await page.getByRole("button", { name: "Connected wallet" }).waitFor();
  assertCalmOf(noticed);
  await context.close();
});

test("a delegation that ends soon is renewed, and one that has ended leaves a guest who can connect again", async () => {
  const { context, page, noticed } = await withWallet();
  await openWallet(page);
  const key = await addressOf(page).textContent();
  await connect(page);
  const wallet = await addressOf(page).textContent();
  const endsIn = (ms) =>
    page.evaluate((ms) => {
      const name = "dripline/connection/1/";
      localStorage.setItem(name, JSON.stringify({ ...JSON.parse(localStorage.getItem(name)), from: Date.now() - 29 * 86_400_000, until: Date.now() + ms }));
    }, ms);
  const line = page.locator(".connect-line");
  await endsIn(86_400_000);
  await page.reload();
  await line.getByText(/permission for this browser \(Test wallet\) ends/).waitFor();
  await picture(page, "connect/ends");
  await assertAccessible(page, "a delegation that ends soon");
  assert.equal(await addressOf(page).textContent(), wallet);
  await line.getByRole("button", { name: "Renew" }).click();
  const loaded = page.waitForEvent("load");
  await sign(page);
  await loaded;
  await page.getByRole("button", { name: "Connected wallet" }).waitFor();
  assert.equal(await line.count(), 0);
  await endsIn(-1_000);
  await page.reload();
  await line.getByText(/ended .* plays as a guest again/).waitFor();
  await picture(page, "connect/ended");
  await assertAccessible(page, "a delegation that has ended");
  assert.equal(await addressOf(page).textContent(), key);
  await line.getByRole("button", { name: "Play as a guest" }).click();
  await page.reload();
  await page.getByRole("button", { name: "Connect a wallet" }).waitFor();
  assert.equal(await line.count(), 0, "it is said once");
  assertCalmOf(noticed);
  await context.close();
});

test("a round in play goes on for the wallet though the delegation has ended meanwhile, and is claimed for it", async () => {
  const { context, page, noticed } = await withWallet();
  await openWallet(page);
  const key = await addressOf(page).textContent();
  await connect(page);
  const wallet = await addressOf(page).textContent();
  await startRound(page, server, "pipes-1");
  await page.evaluate(() => {
    const name = "dripline/connection/1/";
    localStorage.setItem(name, JSON.stringify({ ...JSON.parse(localStorage.getItem(name)), until: Date.now() - 1_000 }));
  });
  await page.reload();
  await page.getByRole("button", { name: /^(Go on|Continue)/ }).click();
  await playPipes(page, mouse(page));
  assert.match(await resultOf(page, 30_000), /^Cleared/);
  const [of, guest] = await Promise.all([wallet, key].map(async (who) => (await fetch(`${server.origin}/api/v1/wallets/${who}`)).json()));
  assert.notEqual(of.balance, "0");
  assert.equal(guest.balance, "0");
  assertCalmOf(noticed);
  await context.close();
});

test("a wallet that revokes elsewhere is played for no more: the page says so, and goes on as a guest", async () => {
  const one = await withWallet();
  const other = await withWallet(DESK, one.seed);
  for (const { page } of [one, other]) {
    await openWallet(page);
    await connect(page);
  }
  const { page } = one;
  await other.page.getByRole("button", { name: "Connected wallet" }).click();
  await button(other.page, "Who may play for it").click();
  await sign(other.page);
  await dialog(other.page).getByRole("button", { name: /^Revoke: Another browser/ }).click();
  await sign(other.page);
  await dialog(other.page).getByText("It was revoked.").waitFor();
  assert.equal(await dialog(other.page).getByRole("listitem").count(), 1);
  await page.goto(`${server.origin}/play/pipes-1`);
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await dialog(page).getByRole("heading", { name: "Your wallet lets this browser play no more" }).waitFor();
  await picture(page, "connect/lost");
  await assertAccessible(page, "a delegation that was revoked elsewhere");
  const loaded = page.waitForEvent("load");
  await button(page, "Play as a guest").click();
  await loaded;
  await startRound(page, server, "pipes-1");
  for (const { context, noticed } of [one, other]) {
    assertCalmOf(noticed);
    await context.close();
  }
});

test("a wallet that answers with another account signs nothing for the connected one", async () => {
  const { context, page, noticed } = await withWallet();
  await openWallet(page);
  await connect(page);
  await page.evaluate(() => (globalThis.driplineWallet.seed = 99));
  await page.getByRole("button", { name: "Connected wallet" }).click();
  await button(page, "Who may play for it").click();
  await dialog(page).getByRole("heading", { name: "That is another account" }).waitFor();
  await dialog(page).getByText("Code: other_account").waitFor();
  assert.deepEqual(await page.evaluate(() => globalThis.driplineWallet.signed), []);
  assertCalmOf(noticed);
  await context.close();
});

test("whoever only disconnects is a guest again, and the wallet keeps what it has signed", async () => {
  const { context, page, noticed } = await withWallet();
  await openWallet(page);
  await connect(page);
  await page.getByRole("button", { name: "Connected wallet" }).click();
  await button(page, "Disconnect").click();
  await dialog(page).getByRole("heading", { name: "Disconnect this browser?" }).waitFor();
  await assertAccessible(page, "the question before disconnecting");
  const loaded = page.waitForEvent("load");
  await button(page, "Only disconnect").click();
  await loaded;
  await page.getByRole("button", { name: "Connect a wallet" }).waitFor();
  await connect(page);
  await page.getByRole("button", { name: "Connected wallet" }).click();
  await button(page, "Who may play for it").click();
  await sign(page);
  await dialog(page).getByText("This browser").first().waitFor();
  assert.equal(await dialog(page).getByRole("listitem").count(), 2);
  assertCalmOf(noticed);
  await context.close();
});

test("without a wallet in the browser the page says so, and offers to look again", async () => {
  const { context, page, noticed } = await visit(browser);
  await openWallet(page);
  await page.getByRole("button", { name: "Connect a wallet" }).click();
  await dialog(page).getByText("No wallet was found in this browser.").waitFor();
  await assertAccessible(page, "a browser without wallets");
  await button(page, "Look again").click();
  await dialog(page).getByText("No wallet was found in this browser.").waitFor();
  await button(page, "Not now").click();
  await dialog(page).waitFor({ state: "hidden" });
  assertCalm(noticed, server.origin);
  await context.close();
});

test("the owner of an address on an EVM chain proves that it is theirs by the wallet that has it, and by no other", async () => {
  const { context, page, noticed } = await visit(browser);
  const [owner, other] = [1, 2].map(() => privateKeyToAccount(generatePrivateKey()));
  let account = other;
  await page.exposeFunction("ethereumAccount", () => account.address.toLowerCase());
  await page.exposeFunction("ethereumSign", (raw) => account.signMessage({ message: { raw } }));
  await page.addInitScript(() => {
    const request = async ({ method, params }) =>
      method === "eth_requestAccounts" ? [await globalThis.ethereumAccount()] : globalThis.ethereumSign(params[0]);
    const info = { uuid: "350670db-19fa-4704-a166-e52e178b59d2", name: "Ether", icon: "data:image/svg+xml,<svg/>", rdns: "example.ether" };
    const detail = Object.freeze({ provider: { request }, info });
    const announce = () => dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));
    addEventListener("eip6963:requestProvider", announce);
    announce();
  });
  await earn(page);
  // What the server says of a rail that pays on such a chain.
  await page.route("**/api/v1/rails", async (route) => {
    const answer = await route.fetch();
    const list = await answer.json();
    await route.fulfill({ json: { ...list, rails: list.rails.map((rail) => ({ ...rail, kind: "evm", chain_id: 8453, needs_ownership: true })) } });
  });
  await openWallet(page);
  await page.getByRole("button", { name: "Set an address" }).click();
  await page.getByRole("textbox").first().fill(owner.address.toLowerCase());
  await page.getByRole("button", { name: "Check it" }).click();
  await page.getByRole("button", { name: "Sign and set it" }).click();
  await dialog(page).getByRole("heading", { name: "Show that the address is yours?" }).waitFor();
  await picture(page, "connect/prove");
  await assertAccessible(page, "the question for a proof");
  await button(page, "Ether").click();
  await dialog(page).getByRole("heading", { name: "That is another address" }).waitFor();
  account = owner;
  await button(page, "Try again").click();
  await button(page, "Ether").click();
  await dialog(page).getByText(/wants you to sign in with your Ethereum account/).waitFor();
  const message = await dialog(page).locator("pre").textContent();
  const asked = page.waitForRequest((request) => request.method() === "POST" && request.url().endsWith("/api/v1/addresses"));
  await sign(page);
  const { address, ownership, signature } = (await asked).postDataJSON();
  assert.equal(address, owner.address, "with its checksum");
  assert.ok(message.includes(`\n${owner.address}\n`) && message.includes("\nChain ID: 8453\n"), message);
  assert.equal(await recoverMessageAddress({ message, signature: ownership }), owner.address);
  assert.match(signature, /^[1-9A-HJ-NP-Za-km-z]{80,88}$/);
  assertCalmOf(noticed);
  await context.close();
});

for (const colorScheme of ["light", "dark"]) {
  test(`on a phone everything of the statement is in sight and within reach, ${colorScheme}`, async () => {
    const { context, page, noticed } = await withWallet({ ...PHONE, colorScheme, reducedMotion: "reduce" });
    await openWallet(page);
    await page.getByRole("button", { name: "Connect a wallet" }).click();
    await button(page, "Test wallet").waitFor();
    await picture(page, `connect/phone-choose-${colorScheme}`);
    await button(page, "Test wallet").click();
    await dialog(page).getByRole("heading", { name: "What your wallet is to sign" }).waitFor();
    await picture(page, `connect/phone-agree-${colorScheme}`);
    await assertAccessible(page, "what is signed, on a phone");
    const { text, width } = await dialog(page).evaluate((dialog) => ({
      text: dialog.querySelector("pre").scrollWidth - dialog.querySelector("pre").clientWidth,
      width: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    }));
    assert.deepEqual([text, width], [0, 0], "nothing is cut off at a side");
    const loaded = page.waitForEvent("load");
    await sign(page);
    await loaded;
    await page.getByRole("button", { name: "Connected wallet" }).waitFor();
    assertCalmOf(noticed);
    await context.close();
  });
}
