// Whose an address on an EVM chain is: its owner's wallet proves it, no other proof is taken, and what was won arrives there.

import { test } from "node:test";
import assert from "node:assert/strict";
import { recoverMessageAddress } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { startAnvil } from "./support/anvil.mjs";
import { assertAccessible } from "./support/axe.mjs";
import { bringEthereum } from "./support/ethereum.mjs";
import { mouse } from "./support/hand.mjs";
import { picture } from "./support/pictures.mjs";
import { playPipes } from "./support/pipes.mjs";
import { browser, provide, server } from "./support/suite.mjs";
import { assertCalm, resultOf, startRound, visit } from "./support/visitor.mjs";
import { bringWallet } from "./support/wallet.mjs";

/** Of which chain the node is. */
const CHAIN = 31_337;
const owner = privateKeyToAccount(generatePrivateKey());
const other = privateKeyToAccount(generatePrivateKey());

let anvil;
/** A guest who has won a round, and has an EVM wallet. */
let guest;
let wallet;

provide({
  async variables() {
    anvil = await startAnvil();
    const asset = `assets = { DRIP = { threshold = "1000", fee = "100" } }`;
    return { TREASURY: anvil.key, DRIPLINE_RAILS_BASE: `{ ${anvil.settings}, key_env = "TREASURY", needs_ownership = true, ${asset} }` };
  },
  async prepare() {
    guest = await visit(browser);
    wallet = await bringEthereum(guest.page, owner);
    await earn(guest.page);
  },
  end: () => anvil?.stop(),
});

const dialog = (page) => page.getByRole("dialog");
const button = (page, name) => dialog(page).getByRole("button", { name, exact: true });
const card = (page) => page.locator("section", { has: page.getByRole("heading", { name: "Take it out" }) });
const question = (page) => dialog(page).getByRole("heading", { name: "Show that the address is yours?" });

async function earn(page) {
  await startRound(page, server, "pipes-1");
  await playPipes(page, mouse(page));
  assert.match(await resultOf(page, 30_000), /^Cleared/);
}

async function openWallet(page) {
  await page.goto(`${server.origin}/wallet`);
  await page.getByRole("button", { name: "Set an address" }).waitFor();
}

/** Asks to be paid at an address, up to what its owner is asked. */
async function enter(page, address) {
  await page.getByRole("button", { name: "Set an address" }).click();
  await card(page).getByRole("textbox").fill(address);
  await page.getByRole("button", { name: "Check it" }).click();
  await page.getByRole("button", { name: "Sign and set it" }).click();
}

/** What the faucet is asked for when this is done, and what it answers. */
async function asked(page, doing) {
  const answered = page.waitForResponse((answer) => answer.request().method() === "POST" && answer.url().endsWith("/api/v1/addresses"));
  await doing();
  const answer = await answered;
  return { request: answer.request().postDataJSON(), status: answer.status(), body: await answer.json() };
}

/** Has the wallet prove the address that was entered. */
async function prove(page) {
  await question(page).waitFor();
  await button(page, "Ether").click();
  await dialog(page).getByText(/wants you to sign in with your Ethereum account/).waitFor();
  return asked(page, () => button(page, "Sign in your wallet").click());
}

/** Where a player is paid, as the faucet has it. */
async function addressesOf(player) {
  const view = await (await fetch(`${server.origin}/api/v1/wallets/${player}`)).json();
  return view.addresses.map(({ rail, address }) => [rail, address]);
}

const NOBODY = "1".repeat(32);
/** A statement of another wallet's being paid. */
const ofNobody = (text) => text.replace(/wallet \w+ withdraws/, `wallet ${NOBODY} withdraws`).replace(/dripline:wallet:\w+/, `dripline:wallet:${NOBODY}`);

for (const [what, changed] of [
  ["another key", { signer: other }],
  ["the owner, that another wallet is paid there", { text: ofNobody }],
  ["the owner, for another rail", { text: (text) => text.replace("by base.", "by other.").replace("rail:base", "rail:other") }],
  ["the owner, on another chain", { text: (text) => text.replace(`Chain ID: ${CHAIN}`, "Chain ID: 1") }],
  ["the owner, of an earlier request", { text: () => wallet.asked[0] }],
]) {
  test(`a proof by ${what} is refused, and the page says so`, async () => {
    const { page, noticed } = guest;
    await openWallet(page);
    await enter(page, owner.address);
    const { signer, text } = wallet;
    Object.assign(wallet, changed);
    const { request, status, body } = await prove(page);
    Object.assign(wallet, { signer, text });
    assert.ok(changed.signer || changed.text(wallet.asked.at(-1)) !== wallet.asked.at(-1), "it has signed something else");
    assert.match(request.ownership, /^0x[\da-f]{130}$/);
    assert.deepEqual([status, body.code], [403, "bad_signature"]);
    await card(page).getByText("The signature does not match the statement").waitFor();
    assert.deepEqual(await addressesOf(request.wallet), []);
    assertCalm(noticed, server.origin);
  });
}

test("without a proof nothing is set: a page that does not ask for one is refused, and says so", async () => {
  const { page, noticed } = guest;
  // What the faucet demands only since the page has asked what it does.
  await page.route("**/api/v1/rails", async (route) => {
    const answer = await route.fetch();
    const { rails, ...rest } = await answer.json();
    await route.fulfill({ json: { ...rest, rails: rails.map((rail) => ({ ...rail, needs_ownership: false })) } });
  });
  await openWallet(page);
  await enter(page, owner.address);
  await question(page).waitFor();
  const { request, status, body } = await asked(page, () => button(page, "Set it without that").click());
  assert.equal("ownership" in request, false);
  assert.deepEqual([status, body.code], [422, "ownership_needed"]);
  await card(page).getByText("The owner of the address has to prove that it is theirs").waitFor();
  assert.deepEqual(await addressesOf(request.wallet), []);
  await page.unroute("**/api/v1/rails");
  assertCalm(noticed, server.origin);
});

test("who has no EVM wallet where a proof is needed is told so, and nothing is sent", async () => {
  const { page, noticed } = guest;
  await openWallet(page);
  await page.evaluate(() => (globalThis.ethereumIsThere = false));
  const sent = [];
  const note = (request) => request.method() === "POST" && sent.push(request.url());
  page.on("request", note);
  await enter(page, owner.address);
  await question(page).waitFor();
  await dialog(page).getByText("No EVM wallet was found in this browser.").waitFor();
  await assertAccessible(page, "a proof that no wallet can make");
  assert.equal(await button(page, "Set it without that").count(), 0);
  await button(page, "Back").click();
  await dialog(page).waitFor({ state: "hidden" });
  page.off("request", note);
  assert.deepEqual(sent, []);
  assertCalm(noticed, server.origin);
});

test("who proves an address is paid there: what was won is on the chain, at the owner's address", async () => {
  const { page, noticed } = guest;
  await openWallet(page);
  // The chain's wallets do not tell addresses apart by their letters' case.
  await enter(page, owner.address.toLowerCase());
  await question(page).waitFor();
  await picture(page, "connect/prove");
  await assertAccessible(page, "the question for a proof");
  wallet.account = other;
  await button(page, "Ether").click();
  await dialog(page).getByRole("heading", { name: "That is another address" }).waitFor();
  wallet.account = owner;
  await button(page, "Try again").click();
  const { request, body } = await prove(page);
  const message = wallet.asked.at(-1);
  assert.equal(request.address, owner.address, "with its checksum");
  assert.ok(message.includes(`\n${owner.address}\n`) && message.includes(`\nChain ID: ${CHAIN}\n`), message);
  assert.equal(await recoverMessageAddress({ message, signature: request.ownership }), owner.address);
  assert.equal(body.address, owner.address);
  await card(page).getByText("The address is set.").waitFor();

  await card(page).getByRole("button", { name: "Take it out" }).click();
  await card(page).getByRole("textbox").fill("0.003");
  await page.getByRole("button", { name: "Check it" }).click();
  await page.getByRole("button", { name: "Sign and take it out" }).click();
  const withdrawn = page.locator(".withdrawals li").filter({ hasText: "0.003 DRIP" });
  await withdrawn.getByText("Paid", { exact: true }).waitFor({ timeout: 60_000 });
  await withdrawn.locator("summary").click();
  const receipt = await anvil.receipt(await withdrawn.locator("dd").last().textContent());
  assert.deepEqual([receipt.status, receipt.from, receipt.to], ["success", anvil.treasury.toLowerCase(), owner.address.toLowerCase()]);
  // 0.0029 coins arrive; a coin has a trillion times a million wei.
  assert.equal(await anvil.balance(owner.address), 2_900_000_000_000_000n);
  assert.equal(await anvil.balance(other.address), 0n);
  assertCalm(noticed, server.origin);
});

test("whoever plays for a wallet of their own has both sign: that one the request, and the EVM wallet the proof", async () => {
  const { context, page, noticed } = await visit(browser);
  await bringWallet(context);
  const ethereum = await bringEthereum(page, other);
  await page.goto(`${server.origin}/wallet`);
  await page.getByRole("button", { name: "Connect a wallet" }).click();
  await button(page, "Test wallet").click();
  const loaded = page.waitForEvent("load");
  await button(page, "Sign in your wallet").click();
  await loaded;
  await earn(page);
  await openWallet(page);
  await enter(page, other.address);
  await dialog(page).getByText(`Pay what I withdraw from Dripline to ${other.address} by base.`).waitFor();
  await button(page, "Sign in your wallet").click();
  const { request, status } = await prove(page);
  assert.equal(status, 200);
  assert.ok(ethereum.asked[0].includes(`the wallet ${request.wallet} withdraws`), ethereum.asked[0]);
  assert.equal(await page.evaluate(() => globalThis.driplineWallet.signed.length), 1, "since the page was loaded");
  assert.deepEqual(await addressesOf(request.wallet), [["base", other.address]]);
  assertCalm(noticed, server.origin);
  await context.close();
});
