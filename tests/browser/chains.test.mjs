// From a game to a chain: a player earns something, takes a part of it out by each rail, and it is there, read by the
// libraries that everybody reads these chains with.

import { test } from "node:test";
import assert from "node:assert/strict";
import { generateKeyPairSigner } from "@solana/kit";
import { generatePrivateKey, privateKeyToAddress } from "viem/accounts";
import { startAnvil } from "./support/anvil.mjs";
import { assertAccessible } from "./support/axe.mjs";
import { mouse } from "./support/hand.mjs";
import { playPipes } from "./support/pipes.mjs";
import { startReceiver } from "./support/receiver.mjs";
import { startSolana } from "./support/solana.mjs";
import { browser, provide, server } from "./support/suite.mjs";
import { assertCalm, resultOf, startRound, visit } from "./support/visitor.mjs";

/**
 * What a withdrawal costs, and the least of one, in ledger units: a millionth of a coin. The player sets an address by each rail, and none
 * of them waits.
 */
const ASSET = `address_wait_ms = 0, assets = { DRIP = { threshold = "1000", fee = "100" } }`;

let anvil;
let receiver;
let solana;
let player;

provide({
  async variables() {
    [anvil, receiver, solana] = await Promise.all([startAnvil(), startReceiver(), startSolana()]);
    return {
      EVM_TREASURY: anvil.key,
      SOLANA_TREASURY: solana.key,
      WEBHOOK_SECRET: receiver.secret,
      DRIPLINE_RAILS_EVM: `{ ${anvil.settings}, key_env = "EVM_TREASURY", ${ASSET} }`,
      DRIPLINE_RAILS_LIGHTNING: `{ ${receiver.settings}, secret_env = "WEBHOOK_SECRET", ${ASSET} }`,
      DRIPLINE_RAILS_SANDBOX: `{ kind = "sandbox", ${ASSET} }`,
      DRIPLINE_RAILS_SOLANA: `{ ${solana.settings}, key_env = "SOLANA_TREASURY", ${ASSET} }`,
    };
  },
  async prepare() {
    player = await visit(browser);
    const { page } = player;
    await startRound(page, server, "pipes-1");
    await playPipes(page, mouse(page));
    assert.match(await resultOf(page, 30_000), /^Cleared/);
  },
  end: () => Promise.all([anvil, receiver, solana].map((started) => started?.stop())),
});

/** Sets an address of a rail, takes so much out by it, and waits until it is paid. Gives the transaction. */
async function takeOut(page, rail, address, amount) {
  await page.goto(`${server.origin}/wallet`);
  const card = page.locator("section", { has: page.getByRole("heading", { name: "Take it out" }) });
  const outlet = card.locator(".outlet", { has: page.getByRole("heading", { name: rail, exact: true }) });
  await outlet.getByRole("button", { name: "Set an address" }).click();
  await card.getByRole("textbox").fill(address);
  await page.getByRole("button", { name: "Check it" }).click();
  await page.getByRole("button", { name: "Sign and set it" }).click();
  await card.getByText("The address is set.").waitFor();
  await outlet.getByRole("button", { name: "Take it out" }).click();
  await card.getByRole("textbox").fill(amount);
  await page.getByRole("button", { name: "Check it" }).click();
  await card.locator(".check").waitFor();
  await assertAccessible(page, `what is signed for ${rail}`);
  await page.getByRole("button", { name: "Sign and take it out" }).click();
  const withdrawn = page.locator(".withdrawals li").filter({ hasText: `${amount} DRIP` });
  await withdrawn.getByText("Paid", { exact: true }).waitFor({ timeout: 60_000 });
  await withdrawn.locator("summary").click();
  return withdrawn.locator("dd").last().textContent();
}

test("what was won is taken out by Solana, and is on the chain", async () => {
  const { page, noticed } = player;
  const { address } = await generateKeyPairSigner();
  const signature = await takeOut(page, "solana", address, "0.004");
  // 0.0039 coins arrive; a coin has a billion lamports.
  assert.equal(await solana.balance(address), 3_900_000n);
  const transaction = await solana.transaction(signature);
  assert.equal(transaction.meta.err, null);
  assert.ok(transaction.transaction.message.accountKeys.includes(solana.treasury), "the treasury has paid");
  assertCalm(noticed, server.origin);
});

test("what was won is taken out on an EVM chain, and is on the chain", async () => {
  const { page, noticed } = player;
  const address = privateKeyToAddress(generatePrivateKey());
  const hash = await takeOut(page, "evm", address, "0.003");
  // 0.0029 coins arrive; a coin has a trillion times a million wei.
  assert.equal(await anvil.balance(address), 2_900_000_000_000_000n);
  const receipt = await anvil.receipt(hash);
  assert.equal(receipt.status, "success");
  assert.equal(receipt.from, anvil.treasury.toLowerCase());
  assertCalm(noticed, server.origin);
});

test("what was won is taken out by a system of the operator's own, which a webhook tells", async () => {
  const { page, noticed } = player;
  const transaction = await takeOut(page, "lightning", "alice@wallet.example", "0.002");
  const payments = await receiver.payments();
  assert.equal(payments.length, 1, "it is paid once");
  assert.equal(payments[0].address, "alice@wallet.example");
  assert.equal(payments[0].amount, "0.0019");
  assert.equal(payments[0].transaction, transaction);
  assertCalm(noticed, server.origin);
});

test("what was won is taken out in the sandbox, which is called one", async () => {
  const { page, noticed } = player;
  assert.match(await takeOut(page, "Sandbox", "anywhere", "0.0015"), /^sandbox-[0-9a-f]{32}$/);
  assertCalm(noticed, server.origin);
});
