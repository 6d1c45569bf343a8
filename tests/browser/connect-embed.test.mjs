// A wallet of the player's own in the widget, in a page of another site than the faucet.

import { test } from "node:test";
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assertAccessible } from "./support/axe.mjs";
import { burner } from "./support/burner.mjs";
import { startProfile } from "./support/chromium.mjs";
import { mouse } from "./support/hand.mjs";
import { picture } from "./support/pictures.mjs";
import { playPipes } from "./support/pipes.mjs";
import { hosts, provideShop } from "./support/shop.mjs";
import { browser, server } from "./support/suite.mjs";
import { watch } from "./support/visitor.mjs";
import { SHOP, assertQuiet, hostPage, widgetDocument, widgetFrame } from "./support/widget.mjs";

provideShop({
  variables: {
    DRIPLINE_RAILS_SANDBOX: `{ kind = "sandbox", assets = { DRIP = { threshold = "1000", fee = "100" } } }`,
    DRIPLINE_PRICES_CURRENCY: "EUR",
    DRIPLINE_PRICES_FIXED: `{ DRIP = "0.5" }`,
  },
  async pages(faucet) {
    const style = "<style>dripline-faucet{display:block;min-height:640px}body{margin:0}</style>";
    return {
      "/burner.js": { type: "text/javascript", body: await burner({ isKept: true }) },
      "/": { body: hostPage({ faucet, head: `${style}<script src="/burner.js"></script>`, body: `<main><h1>A shop</h1><dripline-faucet site="shop" level="pipes-1"></dripline-faucet></main>` }) },
    };
  },
});

test("a visitor of another site connects a wallet of that page, plays for it, is paid by it, and revokes what it has signed", async () => {
  const folder = await mkdtemp(join(tmpdir(), "dripline-profile-"));
  const context = await startProfile(folder, { locale: "en-GB", viewport: { width: 1000, height: 900 } });
  const page = await context.newPage();
  const noticed = watch(page);
  await page.goto(hosts.origin(SHOP));
  await page.evaluate(() => {
    globalThis.signed = [];
    const { signMessage } = globalThis.burner;
    globalThis.burner.signMessage = function (bytes) {
      globalThis.signed.push(new TextDecoder().decode(bytes));
      return signMessage.call(this, bytes);
    };
  });
  const frame = widgetFrame(page);
  const dialog = frame.getByRole("dialog");
  const button = (name) => dialog.getByRole("button", { name, exact: true });
  const toWallet = () => frame.getByRole("link", { name: /Balance/ }).first().click();
  /** Presses a button that only counts a press by somebody who has seen it for a moment. */
  const sign = async () => {
    const signing = dialog.getByRole("button", { name: "Sign in your wallet" });
    await signing.scrollIntoViewIfNeeded();
    await dialog.locator("[data-assured][aria-disabled=false]").waitFor();
    await signing.click();
  };
  /** What the wallet in the page around was asked to sign. */
  const signed = () => page.evaluate(() => globalThis.signed);
  await toWallet();
  const key = await frame.locator(".address-text").first().textContent();
  await frame.getByRole("button", { name: "Connect a wallet" }).click();
  await button("Burner Wallet").waitFor();
  await picture(page, "connect/embed-choose");
  await assertAccessible(page, "the choice of a wallet in a frame");
  await button("Burner Wallet").click();
  await dialog.getByRole("heading", { name: "What your wallet is to sign" }).waitFor();
  const shown = await dialog.locator("pre").textContent();
  assert.ok(shown.startsWith(`${new URL(hosts.origin(SHOP)).host} wants you to sign in`), shown);
  assert.ok(shown.includes(`URI: ${hosts.origin(SHOP)}\n`) && shown.endsWith("\n- dripline:site:shop"), shown);
  await picture(page, "connect/embed-agree");
  const asked = page.waitForRequest("**/api/v1/delegations");
  await sign();
  const { wallet, site, origin, delegate } = (await asked).postDataJSON();
  assert.deepEqual({ site, origin, delegate }, { site: "shop", origin: hosts.origin(SHOP), delegate: key });
  assert.deepEqual(await signed(), [shown], "the wallet has signed what was shown, and nothing else");

  // The page in the frame is loaded anew, and plays for the wallet.
  const start = frame.getByRole("button", { name: "Start", exact: true });
  const opened = page.waitForRequest((request) => request.method() === "POST" && request.url().endsWith("/api/v1/rounds"));
  await start.click();
  const open = (await opened).postDataJSON();
  assert.deepEqual([open.wallet, open.delegate, open.site], [wallet, key, "shop"]);
  const inner = await widgetDocument(page);
  await inner.getByRole("application").waitFor();
  await playPipes(inner, mouse(page));
  await frame.getByRole("heading", { name: "Cleared!" }).waitFor({ timeout: 30_000 });
  await toWallet();
  assert.equal(await frame.locator(".address-text").first().textContent(), wallet);
  const { balance } = await (await fetch(`${server.origin}/api/v1/wallets/${wallet}`)).json();
  assert.ok(Number(balance) > 4_000);

  await frame.getByRole("button", { name: "Set an address" }).click();
  assert.equal(await frame.getByRole("textbox").first().inputValue(), wallet);
  await frame.getByRole("button", { name: "Check it" }).click();
  await frame.getByRole("button", { name: "Sign and set it" }).click();
  await dialog.getByText(`Pay what I withdraw from Dripline to ${wallet} by sandbox.`).waitFor();
  await sign();
  await frame.getByText("The address is set.").waitFor();
  await frame.getByRole("button", { name: "Take it out" }).click();
  await frame.getByRole("textbox").first().fill("0.004");
  await frame.getByRole("button", { name: "Check it" }).click();
  await frame.getByRole("button", { name: "Sign and take it out" }).click();
  await dialog.getByText(`Withdraw 0.004 DRIP to ${wallet} by sandbox.`).waitFor();
  await sign();
  await frame.locator(".withdrawals li").filter({ hasText: "0.004 DRIP" }).getByText("Paid", { exact: true }).waitFor();

  await frame.getByRole("button", { name: "Connected wallet" }).click();
  await button("Who may play for it").click();
  await sign();
  await dialog.getByText("on the site “shop” only").waitFor();
  await picture(page, "connect/embed-list");
  await dialog.getByRole("button", { name: /^Revoke: This browser/ }).click();
  await sign();
  await start.waitFor();
  await toWallet();
  await frame.getByRole("button", { name: "Connect a wallet" }).waitFor();
  assert.equal(await frame.locator(".address-text").first().textContent(), key);
  assert.equal((await signed()).length, 5);
  assertQuiet(noticed);
  await context.close();
  await rm(folder, { recursive: true, force: true });
});

test("where the browser keeps nothing for frames the page says so before anybody signs, and where to go instead", async () => {
  const context = await browser.newContext({ locale: "en-GB" });
  const page = await context.newPage();
  await page.goto(hosts.origin(SHOP));
  const frame = widgetFrame(page);
  await frame.getByRole("link", { name: /Balance/ }).first().click();
  await frame.getByRole("button", { name: "Connect a wallet" }).click();
  const dialog = frame.getByRole("dialog");
  await dialog.getByRole("heading", { name: "This browser keeps no key" }).waitFor();
  await dialog.getByText("Code: no_key").waitFor();
  assert.equal(await dialog.getByRole("link", { name: "Open the faucet's own page" }).getAttribute("href"), "/wallet#backup");
  await assertAccessible(page, "a browser that keeps nothing for frames");
  await context.close();
});
