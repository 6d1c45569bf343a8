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
import { startSolana } from "./support/solana.mjs";
import { browser, server } from "./support/suite.mjs";
import { watch } from "./support/visitor.mjs";
import { SHOP, assertQuiet, hostPage, numbersAsked, pressNumbers, widgetDocument, widgetFrame } from "./support/widget.mjs";

/** What a withdrawal costs, and the least of one, in ledger units: a millionth of a coin. */
const ASSET = `assets = { DRIP = { threshold = "1000", fee = "100" } }`;

/** The chain that pays wallets; guests, who have no address there, are paid in the sandbox. */
let solana;

provideShop({
  async variables() {
    solana = await startSolana();
    return {
      SOLANA_TREASURY: solana.key,
      DRIPLINE_RAILS_SANDBOX: `{ kind = "sandbox", ${ASSET} }`,
      DRIPLINE_RAILS_SOLANA: `{ ${solana.settings}, key_env = "SOLANA_TREASURY", ${ASSET} }`,
      DRIPLINE_PRICES_CURRENCY: "EUR",
      DRIPLINE_PRICES_FIXED: `{ DRIP = "0.5" }`,
    };
  },
  async pages(faucet) {
    const style = "<style>dripline-faucet{display:block;min-height:640px}body{margin:0}</style>";
    return {
      // This page is never loaded anew, so the wallet is what npm has.
      "/burner.js": { type: "text/javascript", body: await burner() },
      "/": { body: hostPage({ faucet, head: `${style}<script src="/burner.js"></script>`, body: `<main><h1>A shop</h1><dripline-faucet site="shop" level="pipes-1"></dripline-faucet></main>` }) },
    };
  },
  end: () => solana?.stop(),
});

/** A way out of the faucet, by what it is called in the widget of this page. */
const outlet = (page, rail) =>
  widgetFrame(page).locator(".outlet", { has: page.getByRole("heading", { name: rail, exact: true }) });

test("a visitor of another site connects a wallet of that page, plays for it, is paid on its chain, and revokes what it has signed", async () => {
  const folder = await mkdtemp(join(tmpdir(), "dripline-profile-"));
  const context = await startProfile(folder, { locale: "en-GB", viewport: { width: 1000, height: 900 } });
  const page = await context.newPage();
  const noticed = watch(page);
  await page.goto(hosts.origin(SHOP));
  // Listened to, and no more: what is signed is signed by npm's code.
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

  // Its own address is proposed, and what is paid is there: on the chain, at the address that the wallet itself says.
  const own = await page.evaluate(() => globalThis.burner.publicKey.toBase58());
  assert.equal(own, wallet);
  assert.equal(await solana.balance(own), 0n);
  await outlet(page, "solana").getByRole("button", { name: "Set an address" }).click();
  assert.equal(await frame.getByRole("textbox").first().inputValue(), own);
  await frame.getByRole("button", { name: "Check it" }).click();
  await frame.getByRole("button", { name: "Sign and set it" }).click();
  await dialog.getByText(`Pay what I withdraw from Dripline to ${own} by solana.`).waitFor();
  await sign();
  await frame.getByText("The address is set.").waitFor();
  await outlet(page, "solana").getByRole("button", { name: "Take it out" }).click();
  await frame.getByRole("textbox").first().fill("0.004");
  await frame.getByRole("button", { name: "Check it" }).click();
  await frame.getByRole("button", { name: "Sign and take it out" }).click();
  await dialog.getByText(`Withdraw 0.004 DRIP to ${own} by solana.`).waitFor();
  await sign();
  const withdrawn = frame.locator(".withdrawals li").filter({ hasText: "0.004 DRIP" });
  await withdrawn.getByText("Paid", { exact: true }).waitFor({ timeout: 60_000 });
  // 0.0039 coins arrive; a coin has a billion lamports.
  assert.equal(await solana.balance(own), 3_900_000n);
  await withdrawn.locator("summary").click();
  const paid = await solana.transaction(await withdrawn.locator("dd").last().textContent());
  assert.equal(paid.meta.err, null);
  assert.equal(paid.transaction.message.accountKeys[0], solana.treasury, "the treasury has paid");
  assert.ok(paid.transaction.message.accountKeys.includes(own), "it has paid the wallet");

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

/** A visitor of the shop who has won a round there as a guest, and is in the wallet. With `isBlind` the browser cannot tell what is seen. */
async function winner({ isBlind = false, ...options } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "dripline-profile-"));
  const context = await startProfile(folder, { locale: "en-GB", viewport: { width: 1000, height: 900 }, ...options });
  if (isBlind) {
    await context.addInitScript(() => delete IntersectionObserverEntry.prototype.isVisible);
  }
  const page = await context.newPage();
  const noticed = watch(page);
  await page.goto(hosts.origin(SHOP));
  const frame = widgetFrame(page);
  const posted = [];
  page.on("request", (request) => {
    const place = /\/api\/v1\/(addresses|withdrawals|delegations)$/.exec(request.url())?.[1];
    if (place && request.method() === "POST") {
      posted.push(place);
    }
  });
  await frame.getByRole("button", { name: "Start", exact: true }).click();
  const inner = await widgetDocument(page);
  await inner.getByRole("application").waitFor();
  await playPipes(inner, mouse(page));
  await frame.getByRole("heading", { name: "Cleared!" }).waitFor({ timeout: 30_000 });
  await frame.getByRole("link", { name: /Balance/ }).first().click();
  const dialog = frame.getByRole("dialog");
  return {
    page,
    frame,
    inner,
    noticed,
    posted,
    dialog,
    button: (name) => dialog.getByRole("button", { name, exact: true }),
    /** Enters this into the form behind this button of the sandbox, up to what is to be signed for it. */
    async wish(name, text, signs) {
      await outlet(page, "Sandbox").getByRole("button", { name, exact: true }).click();
      if (text) {
        await frame.getByRole("textbox").first().fill(text);
      }
      await frame.getByRole("button", { name: "Check it" }).click();
      await frame.getByRole("button", { name: signs }).click();
      await dialog.getByRole("heading", { name: "What this browser is to sign" }).waitFor();
    },
    async leave() {
      await context.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

test("a guest in a page of another site is paid once they have seen what is signed; a page that covers, fades, turns or masks the widget gets nothing", async () => {
  const { page, frame, noticed, posted, dialog, button, wish, leave } = await winner();
  const key = await frame.locator(".address-text").first().textContent();
  await wish("Set an address", undefined, "Sign and set it");
  await dialog.getByText(`Pay what I withdraw from Dripline to ${key} by sandbox.`).waitFor();
  await button("Sign it").scrollIntoViewIfNeeded();
  const isReady = (ready) => dialog.locator(`[data-assured][aria-disabled=${!ready}]`).waitFor();
  await isReady(true);
  await picture(page, "connect/embed-guest");
  await assertAccessible(page, "what a guest signs in a frame");
  // Where it is now: what is said of a press that does not count moves it.
  const press = async () => {
    const { x, y, width, height } = await button("Sign it").boundingBox();
    await page.mouse.click(x + width / 2, y + height / 2);
  };
  const sign = async () => {
    await button("Sign it").scrollIntoViewIfNeeded();
    await isReady(true);
    await button("Sign it").click();
    await pressNumbers(dialog);
  };
  // What else the loader has said of its element stays.
  const restyle = (name, value) => page.evaluate(([name, value]) => document.querySelector("dripline-faucet").style.setProperty(name, value), [name, value]);
  for (const [name, value] of [["opacity", "0.01"], ["filter", "blur(1px)"], ["rotate", "1deg"]]) {
    await restyle(name, value);
    await isReady(false);
    await press();
    await restyle(name, "");
    await isReady(true);
  }
  await page.evaluate(() => {
    const cover = document.createElement("div");
    cover.id = "cover";
    cover.style.cssText = "position:fixed;inset:0;background:#fff;pointer-events:none";
    cover.textContent = "Press here to win";
    document.body.append(cover);
  });
  await isReady(false);
  await press();
  await page.evaluate(() => document.getElementById("cover").remove());
  await isReady(true);
  // Of a mask the browser tells nothing: the press counts, and leads to what only a reader answers.
  await restyle("mask-image", "linear-gradient(transparent, transparent)");
  await press();
  await numbersAsked(dialog).waitFor();
  assert.deepEqual(posted, []);
  await restyle("mask-image", "");
  await button("Back").click();
  await button("Back").click();
  await frame.getByRole("textbox").first().waitFor();
  assert.equal(await frame.getByText("Your browser did not sign").count(), 0);
  await frame.getByRole("button", { name: "Check it" }).click();
  await frame.getByRole("button", { name: "Sign and set it" }).click();
  await sign();
  await frame.getByText("The address is set.").waitFor();
  await wish("Take it out", "0.004", "Sign and take it out");
  await dialog.getByText(`Withdraw 0.004 DRIP to ${key} by sandbox.`).waitFor();
  await sign();
  await frame.locator(".withdrawals li").filter({ hasText: "0.004 DRIP" }).getByText("Paid", { exact: true }).waitFor();
  assert.deepEqual(posted, ["addresses", "withdrawals"]);
  assertQuiet(noticed);
  await leave();
});

test("where the browser cannot tell what is seen, a frame signs only what is read: who presses another number has signed nothing", async () => {
  const { page, frame, inner, noticed, posted, dialog, button, wish, leave } = await winner({ isBlind: true });
  await wish("Set an address", undefined, "Sign and set it");
  const signs = button("Sign it");
  const asks = numbersAsked(dialog);
  const numbers = dialog.getByRole("group").getByRole("button");
  const wanted = async () => (await asks.textContent()).match(/\d/g);
  await signs.click();
  await asks.waitFor();
  assert.equal(await signs.count(), 0);
  await dialog.locator("pre").waitFor();
  assert.equal(await numbers.count(), 6);
  await picture(page, "connect/embed-numbers");
  for (const colorScheme of ["dark", "light"]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await assertAccessible(page, `the question for a number, ${colorScheme}`);
  }
  await numbers.filter({ hasNotText: (await wanted())[0] }).first().click();
  await dialog.getByText("That was another number, so nothing was signed.").waitFor();
  await signs.waitFor();
  assert.deepEqual(posted, []);
  await assertAccessible(page, "what is said of another number");

  // Back from the question the text is there as before, and nothing is said.
  await signs.click();
  await asks.waitFor();
  assert.equal(await dialog.getByText("That was another number").count(), 0);
  await button("Back").click();
  await signs.waitFor();

  // The keyboard comes to the numbers by itself.
  await page.keyboard.press("Enter");
  await asks.waitFor();
  const asked = await wanted();
  await numbers.and(dialog.locator("[aria-disabled=false]")).nth(5).waitFor();
  const places = await numbers.allTextContents();
  const focused = () => inner.evaluate(() => document.activeElement.textContent);
  for (const [at, number] of asked.entries()) {
    const key = at > 0 && places.indexOf(number) < places.indexOf(asked[0]) ? "Shift+Tab" : "Tab";
    for (let press = 0; press < 6 && (await focused()) !== number; press += 1) {
      await page.keyboard.press(key);
    }
    await page.keyboard.press("Enter");
  }
  await frame.getByText("The address is set.").waitFor();

  await wish("Take it out", "0.004", "Sign and take it out");
  await signs.click();
  await pressNumbers(dialog);
  await frame.locator(".withdrawals li").filter({ hasText: "0.004 DRIP" }).getByText("Paid", { exact: true }).waitFor();
  assert.deepEqual(posted, ["addresses", "withdrawals"]);

  // So it is with a wallet of the page.
  await frame.getByRole("button", { name: "Connect a wallet" }).click();
  await button("Burner Wallet").click();
  await button("Sign in your wallet").click();
  await asks.waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  assert.deepEqual(posted, ["addresses", "withdrawals"], "who closes the dialog has signed nothing");
  await frame.getByRole("button", { name: "Connect a wallet" }).click();
  await button("Burner Wallet").click();
  await button("Sign in your wallet").click();
  const delegated = page.waitForRequest("**/api/v1/delegations");
  await pressNumbers(dialog);
  await delegated;
  assertQuiet(noticed);
  await leave();
});

for (const colorScheme of ["light", "dark"]) {
  test(`the question for a number fits a small phone, ${colorScheme}`, async () => {
    const viewport = { width: 320, height: 640 };
    const { page, inner, dialog, button, wish, leave } = await winner({ isBlind: true, colorScheme, viewport, reducedMotion: "reduce" });
    await wish("Set an address", undefined, "Sign and set it");
    await button("Sign it").click();
    await dialog.getByRole("group").waitFor();
    await picture(page, `connect/embed-numbers-${colorScheme}`);
    const wide = await inner.evaluate(() => {
      const over = (element) => element.scrollWidth - element.clientWidth;
      return [over(document.documentElement), over(document.querySelector("dialog"))];
    });
    assert.deepEqual(wide, [0, 0], "nothing is cut off at a side");
    for (const number of await dialog.getByRole("group").getByRole("button").all()) {
      const { width, height } = await number.boundingBox();
      assert.ok(width >= 44 && height >= 44, `${width} × ${height} is large enough for a finger`);
    }
    await leave();
  });
}

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
