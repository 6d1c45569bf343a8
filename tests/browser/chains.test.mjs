// From a game to a chain: a player earns something, takes it out by each rail, and it is there, read by the libraries that
// everybody reads these chains with.

import { test } from "node:test";
import assert from "node:assert/strict";
import { assertAccessible } from "./support/axe.mjs";
import { mouse } from "./support/hand.mjs";
import { playPipes } from "./support/pipes.mjs";
import { generateKeyPairSigner } from "@solana/kit";
import { startSolana } from "./support/solana.mjs";
import { browser, provide, server } from "./support/suite.mjs";
import { assertCalm, resultOf, startRound, visit } from "./support/visitor.mjs";

/** What a withdrawal costs, and the least of one, in ledger units: a millionth of a coin. */
const ASSET = `assets = { DRIP = { threshold = "1000", fee = "100" } }`;

let solana;
let player;

provide({
  async variables() {
    solana = await startSolana();
    return {
      TREASURY: solana.key,
      DRIPLINE_RAILS_SOLANA: `{ ${solana.settings}, key_env = "TREASURY", ${ASSET} }`,
    };
  },
  async prepare() {
    player = await visit(browser);
    const { page } = player;
    await startRound(page, server, "pipes-1");
    await playPipes(page, mouse(page));
    assert.match(await resultOf(page, 30_000), /^Cleared/);
  },
  end: () => solana?.stop(),
});

const card = (page) => page.locator("section", { has: page.getByRole("heading", { name: "Take it out" }) });

/** Sets an address where one is paid, takes so much out, and waits until it is paid. Gives the transaction. */
async function takeOut(page, address, amount) {
  await page.goto(`${server.origin}/wallet`);
  await page.getByRole("button", { name: "Set an address" }).click();
  await card(page).getByRole("textbox").fill(address);
  await page.getByRole("button", { name: "Check it" }).click();
  await page.getByRole("button", { name: "Sign and set it" }).click();
  await card(page).getByText("The address is set.").waitFor();
  await card(page).getByRole("button", { name: "Take it out" }).click();
  await card(page).getByRole("textbox").fill(amount);
  await page.getByRole("button", { name: "Check it" }).click();
  await assertAccessible(page, "what is signed for a chain");
  await page.getByRole("button", { name: "Sign and take it out" }).click();
  const withdrawn = page.locator(".withdrawals li").filter({ hasText: amount });
  await withdrawn.getByText("Paid", { exact: true }).waitFor({ timeout: 60_000 });
  await withdrawn.locator("summary").click();
  return withdrawn.locator("dd").last().textContent();
}

async function newSolanaWallet() {
  return generateKeyPairSigner();
}

test("what was won is taken out by Solana, and is on the chain", async () => {
  const { page, noticed } = player;
  const { address } = await newSolanaWallet();
  assert.equal(await solana.balance(address), 0n);
  const signature = await takeOut(page, address, "0.004");
  // 0.0039 coins arrive; a coin has a billion lamports.
  assert.equal(await solana.balance(address), 3_900_000n);
  const transaction = await solana.transaction(signature);
  assert.equal(transaction.meta.err, null);
  assert.ok(transaction.transaction.message.accountKeys.includes(solana.treasury), "the treasury has paid");
  assertCalm(noticed, server.origin);
});
