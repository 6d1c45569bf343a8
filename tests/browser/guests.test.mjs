// What a guest has in the widget: a key that the page around gets nothing of, a payout address that the guest proves, and a balance that
// stays with the key until its owner has taken that to the faucet's own page.

import { test } from "node:test";
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { recoverMessageAddress } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { startAnvil } from "./support/anvil.mjs";
import { assertAccessible } from "./support/axe.mjs";
import { startBrowser, startProfile } from "./support/chromium.mjs";
import { mouse } from "./support/hand.mjs";
import { freePort, startHosts } from "./support/hosts.mjs";
import { picture } from "./support/pictures.mjs";
import { playPipes } from "./support/pipes.mjs";
import { browser, provide, server } from "./support/suite.mjs";
import { PHONE, amountOf, watch } from "./support/visitor.mjs";
import { bringWallet } from "./support/wallet.mjs";
import { FAUCET, SHOP, assertQuiet, faucetOf, hostPage, pressNumbers, register, widgetDocument, widgetFrame } from "./support/widget.mjs";

const WIDGET = `<main><h1>A shop</h1><dripline-faucet site="shop" level="pipes-1"></dripline-faucet></main>`;
const STYLE = "<style>dripline-faucet{display:block;min-height:640px}body{margin:0}</style>";
/** A host's page without the loader, which allows the frame all that it can, and lies over it whole. */
const COVERED = (faucet) => `<!doctype html><html lang="en"><title>A game</title><style>body{margin:0}iframe{border:0}
  #cover{position:fixed;inset:0;background:#fff;pointer-events:none}</style>
  <iframe id="widget" width="420" height="1600" allow="clipboard-read; clipboard-write" src="${faucet}/embed/frame?site=shop#1-2-3-4"></iframe>
  <div id="cover">Press here to win</div>`;
/** A provider of EIP-6963 in the host's page. */
const PROVIDER = `
  const provider = { request: async ({ method, params }) => method === "eth_requestAccounts" ? [await ethereumAccount()] : ethereumSign(params[0]) };
  const info = { uuid: "350670db-19fa-4704-a166-e52e178b59d2", name: "Ether", icon: "data:image/svg+xml,<svg/>", rdns: "example.ether" };
  const announce = () => dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail: Object.freeze({ provider, info }) }));
  addEventListener("eip6963:requestProvider", announce);
  announce();`;
const ASSETS = `assets = { DRIP = { threshold = "1000", fee = "100" } }`;

let hosts;
let anvil;
/** Profiles that are open: one stays where a test fails. */
const here = new Set();

provide({
  port: freePort,
  async variables(port) {
    anvil = await startAnvil();
    return {
      withKey: true,
      EVM_TREASURY: anvil.key,
      DRIPLINE_SERVER_PUBLIC_ORIGINS: `http://${FAUCET}:${port}`,
      DRIPLINE_RAILS_EVM: `{ ${anvil.settings}, key_env = "EVM_TREASURY", needs_ownership = true, ${ASSETS} }`,
    };
  },
  async prepare() {
    const faucet = faucetOf(server);
    hosts = await startHosts({
      "/": { body: hostPage({ faucet, head: STYLE, body: WIDGET }) },
      "/ether": { body: hostPage({ faucet, head: `${STYLE}<script src="/provider.js"></script>`, body: WIDGET }) },
      "/provider.js": { type: "text/javascript", body: PROVIDER },
      "/covered": { body: COVERED(faucet) },
    });
    await register(server, { id: "shop", origins: [hosts.origin(SHOP)], campaign: "default" });
  },
  end: () => Promise.all([hosts?.close(), anvil?.stop(), ...[...here].map((context) => context.close())]),
});

/** Somebody who lets frames of others keep what is theirs, at a host's page; `leave` ends it. */
async function visitKept(path, prepare = async () => {}, options = {}) {
  const folder = await mkdtemp(join(tmpdir(), "dripline-profile-"));
  const context = await startProfile(folder, { locale: "en-GB", viewport: { width: 1000, height: 900 }, reducedMotion: "reduce", ...options });
  here.add(context);
  await prepare(context);
  const page = await context.newPage();
  const noticed = watch(page);
  await page.goto(`${hosts.origin(SHOP)}${path}`);
  const leave = async () => {
    assertQuiet(noticed);
    here.delete(context);
    await context.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { context, page, frame: widgetFrame(page), leave };
}

/** Plays a round in the widget to its reward, and goes to the wallet there. Gives the address, and what it has in whole coins. */
async function earn(page) {
  const frame = widgetFrame(page);
  await frame.getByRole("button", { name: "Start", exact: true }).click();
  const inner = await widgetDocument(page);
  await inner.getByRole("application").waitFor();
  await playPipes(inner, mouse(page));
  await frame.getByRole("heading", { name: "Cleared!" }).waitFor({ timeout: 30_000 });
  await toWallet(frame);
  await frame.getByRole("cell", { name: /^\+/ }).waitFor();
  const key = await frame.locator(".address-text").first().textContent();
  return { key, earned: amountOf(await frame.locator(".wallet-amount").textContent()) };
}

const toWallet = (frame) => frame.getByRole("link", { name: /Balance/ }).first().click();
const dialogOf = (place) => place.getByRole("dialog");
const buttonOf = (place, name) => dialogOf(place).getByRole("button", { name, exact: true });

/** Presses a button that in a frame only counts a press by somebody who has seen it for a moment. */
async function sign(place, name = "Sign in your wallet") {
  await buttonOf(place, name).scrollIntoViewIfNeeded();
  await dialogOf(place).locator("[data-assured][aria-disabled=false]").waitFor();
  await buttonOf(place, name).click();
}

/** Saves a backup, and gives what is in it. */
async function backup(page, place) {
  const download = page.waitForEvent("download");
  await place.getByRole("button", { name: "Save a backup" }).click();
  return readFile(await (await download).path(), "utf8");
}

const balanceOf = async (wallet) => (await (await fetch(`${server.origin}/api/v1/wallets/${wallet}`)).json()).balance;

test("a host that lies over the widget gets the guest's key neither shown nor copied, whatever is pressed", async () => {
  const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1000, height: 1700 } });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const page = await context.newPage();
  await page.goto(`${hosts.origin(SHOP)}/covered`);
  const frame = page.locator("#widget").contentFrame();
  await toWallet(frame);
  const card = frame.locator("#backup");
  await card.waitFor();
  await page.evaluate(() => navigator.clipboard.writeText("nothing"));
  const saved = await backup(page, card);
  const secret = saved.split(/\s+/).findLast((word) => word.length > 80);
  const pressed = [];
  for (const button of await frame.locator(".wallet :is(button, summary):visible").all()) {
    const name = (await button.textContent()).trim();
    if (name !== "Connect a wallet") {
      pressed.push(name);
      await button.click();
    }
  }
  assert.deepEqual(pressed, ["Save a backup", "Restore a key from a backup"]);
  for (const name of ["Show the key", "Copy"]) {
    assert.equal(await frame.getByRole("button", { name }).count(), 0, `${name} cannot be come to`);
  }
  // Where it is in the card after all, as it would be if it had been pressed, it is not seen.
  const inner = await (await page.$("#widget")).contentFrame();
  await inner.evaluate(() => [...document.querySelectorAll("#backup .buttons button")].at(1).click());
  assert.equal(await inner.locator(".secret-text").textContent(), secret, "the test knows the secret");
  assert.ok(!(await inner.evaluate(() => document.body.innerText)).includes(secret));
  await inner.evaluate(() => document.querySelector(".secret button").click());
  const copied = await inner.evaluate(() => navigator.clipboard.writeText("something").catch(({ name }) => name));
  assert.equal(copied, "NotAllowedError", "whatever the host allows the frame, it has no clipboard");
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "nothing");
  await context.close();
});

test("a frame whose script does not come shows nothing of the page", async () => {
  const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1000, height: 1700 } });
  const page = await context.newPage();
  await page.route("**/embed/frame-*.js", (route) => route.abort());
  await page.goto(`${hosts.origin(SHOP)}/covered`);
  const frame = await (await page.$("#widget")).contentFrame();
  await frame.waitForFunction(() => !document.querySelector(".gate-wait"));
  assert.equal(await frame.evaluate(() => document.body.checkVisibility()), false);
  await context.close();
});

test("a guest in the widget proves by the wallet of the page around that an EVM address is theirs, and the faucet takes it", async () => {
  const owner = privateKeyToAccount(generatePrivateKey());
  const { page, frame, leave } = await visitKept("/ether", async (context) => {
    await context.exposeFunction("ethereumAccount", () => owner.address.toLowerCase());
    await context.exposeFunction("ethereumSign", (raw) => owner.signMessage({ message: { raw } }));
  });
  const { key } = await earn(page);
  for (const name of ["Keys for programs", "Show the key", "Copy"]) {
    assert.equal(await frame.getByRole("button", { name, exact: true }).count(), 0, name);
  }
  await frame.getByRole("button", { name: "Set an address" }).click();
  await frame.getByRole("textbox").first().fill(owner.address.toLowerCase());
  await frame.getByRole("button", { name: "Check it" }).click();
  await frame.getByRole("button", { name: "Sign and set it" }).click();
  await dialogOf(frame).getByRole("heading", { name: "What this browser is to sign" }).waitFor();
  const own = await dialogOf(frame).locator("pre").textContent();
  assert.ok(own.includes(`\nURI: ${hosts.origin(SHOP)}\n`) && own.endsWith("\n- dripline:site:shop"), own);
  await sign(frame, "Sign it");
  await pressNumbers(dialogOf(frame));
  await buttonOf(frame, "Ether").click();
  await dialogOf(frame).getByText(/wants you to sign in with your Ethereum account/).waitFor();
  await picture(page, "connect/embed-prove");
  await assertAccessible(page, "the proof of an address in a frame");
  const message = await dialogOf(frame).locator("pre").textContent();
  const answered = page.waitForResponse("**/api/v1/addresses");
  await sign(frame);
  const answer = await answered;
  const { wallet, address, origin, site, ownership } = answer.request().postDataJSON();
  assert.equal(answer.status(), 200, await answer.text());
  assert.deepEqual({ wallet, address, origin, site }, { wallet: key, address: owner.address, origin: hosts.origin(SHOP), site: "shop" });
  assert.equal(await recoverMessageAddress({ message, signature: ownership }), owner.address);
  await frame.getByText("The address is set.").waitFor();
  await leave();
});

/** As far as the text that says where a guest is paid, from the wallet in the widget. */
async function wishAddress(frame) {
  await frame.getByRole("button", { name: "Set an address" }).click();
  await frame.getByRole("textbox").first().fill(privateKeyToAccount(generatePrivateKey()).address);
  await frame.getByRole("button", { name: "Check it" }).click();
  await frame.getByRole("button", { name: "Sign and set it" }).click();
  await dialogOf(frame).getByRole("heading", { name: "What this browser is to sign" }).waitFor();
}

/** Waits until the browser's key has signed it: then the owner of the address is asked for. */
const isSigned = (frame) => dialogOf(frame).getByRole("heading", { name: "Show that the address is yours?" }).waitFor();

test("a guest signs nothing while a host covers what is to be signed and leaves the button bare, and is told what has to be seen", async (context) => {
  // All pages in one process, as phones with little memory have them: elsewhere nothing of a frame is seen of which a part is covered.
  const shared = await startBrowser(["--disable-site-isolation-trials"]);
  context.after(() => shared.close());
  const page = await shared.newPage({ locale: "en-GB", viewport: { width: 1000, height: 900 }, reducedMotion: "reduce" });
  await page.goto(hosts.origin(SHOP));
  await earn(page);
  const frame = widgetFrame(page);
  await wishAddress(frame);
  const isReady = (ready) => dialogOf(frame).locator(`[data-assured][aria-disabled=${!ready}]`).waitFor();
  const told = dialogOf(frame).getByRole("alert").filter({ hasText: "Nothing was signed yet." });
  const press = async () => {
    const { x, y, width, height } = await buttonOf(frame, "Sign it").boundingBox();
    await page.mouse.click(x + width / 2, y + height / 2);
  };
  await isReady(true);
  for (const part of ["h2", "h2 + p", "pre"]) {
    const box = await dialogOf(frame).locator(part).boundingBox();
    await page.evaluate(({ x, y, width, height }) => {
      const cover = document.body.appendChild(document.createElement("div"));
      cover.id = "cover";
      cover.style.cssText = `position:fixed;left:${x}px;top:${y}px;width:${width}px;height:${height}px;background:#fff;pointer-events:none`;
    }, box);
    await isReady(false);
    await press();
    await told.waitFor();
    assert.equal(await told.count(), 1);
    await page.evaluate(() => document.getElementById("cover").remove());
    await isReady(true);
  }
  await picture(page, "connect/embed-unseen");
  await assertAccessible(page, "what has to be seen before it is signed");
  await press();
  await pressNumbers(dialogOf(frame));
  await isSigned(frame);
});

/** The question for two numbers, in a browser that cannot tell what is seen. */
function questionIn(frame) {
  const asks = dialogOf(frame).locator("#connect-question");
  const numbers = dialogOf(frame).getByRole("group").getByRole("button");
  return {
    asks,
    numbers,
    async ask() {
      await buttonOf(frame, "Sign it").click();
      await asks.waitFor();
      return /^To sign, press (\d), then (\d)\.$/.exec(await asks.textContent()).slice(1);
    },
  };
}

/** Has the frame know of so many wrong numbers in a row, the last of them at this time. */
const mistook = async (page, count, at) =>
  (await widgetDocument(page)).evaluate((mistakes) => localStorage.setItem("dripline/mistakes/1", JSON.stringify(mistakes)), { count, at });
const mistakesOf = async (page) => (await widgetDocument(page)).evaluate(() => JSON.parse(localStorage.getItem("dripline/mistakes/1")).count);

const cannotTell = (context) => context.addInitScript(() => delete IntersectionObserverEntry.prototype.isVisible);

test("where the browser cannot tell what is seen, two numbers are pressed in order, and one alone or in another order signs nothing", async () => {
  const { page, frame, leave } = await visitKept("/", cannotTell);
  await earn(page);
  await wishAddress(frame);
  const { asks, numbers, ask } = questionIn(frame);
  const wrong = dialogOf(frame).getByText("That was another number, so nothing was signed.");
  const [, second] = await ask();
  await buttonOf(frame, second).click();
  await wrong.waitFor();
  await mistook(page, 0, 0);
  const [first, next] = await ask();
  await buttonOf(frame, first).click();
  await dialogOf(frame).getByRole("group", { name: `Right. Now press ${next}.` }).waitFor();
  assert.equal(await numbers.and(dialogOf(frame).locator("[aria-pressed=true]")).textContent(), first);
  // Twice is a slip of the finger.
  await buttonOf(frame, first).click();
  await assertAccessible(page, "the question for the second number");
  await numbers.filter({ hasNotText: new RegExp(`[${first}${next}]`) }).first().click();
  await wrong.waitFor();
  await mistook(page, 0, 0);
  const [one, other] = await ask();
  await asks.and(frame.locator(":focus")).waitFor();
  await numbers.and(dialogOf(frame).locator("[aria-disabled=false]")).nth(5).waitFor();
  // By the keyboard, as it comes to them by itself.
  for (const number of [one, other]) {
    await buttonOf(frame, number).focus();
    await page.keyboard.press("Enter");
  }
  await isSigned(frame);
  await leave();
});

test("a frame that is loaded anew after wrong numbers waits as long as before, and says until when", async () => {
  const { page, frame, leave } = await visitKept("/", cannotTell);
  await earn(page);
  await wishAddress(frame);
  const { numbers, ask } = questionIn(frame);
  const [, second] = await ask();
  await buttonOf(frame, second).click();
  await dialogOf(frame).getByText("That was another number").waitFor();
  assert.equal(await mistakesOf(page), 1);
  // As after three of them.
  await mistook(page, 3, Date.now());
  await page.reload();
  await toWallet(frame);
  await wishAddress(frame);
  const wanted = await ask();
  await dialogOf(frame).getByText(/^Other numbers were pressed, so none counts before \d\d:\d\d:\d\d\.$/).waitFor();
  await picture(page, "connect/embed-numbers-wait");
  await assertAccessible(page, "numbers that do not count yet");
  await mistook(page, 3, Date.now());
  for (const number of wanted) {
    await buttonOf(frame, number).click({ force: true });
  }
  assert.equal(await numbers.and(dialogOf(frame).locator("[aria-disabled=true]")).count(), 6);
  assert.equal(await numbers.and(dialogOf(frame).locator("[aria-pressed]")).count(), 0);
  // Long after that they count at once, unless another frame of the page around has had wrong ones pressed meanwhile.
  await mistook(page, 3, 0);
  await buttonOf(frame, "Back").click();
  const [first] = await ask();
  await numbers.and(dialogOf(frame).locator("[aria-disabled=false]")).nth(5).waitFor();
  await mistook(page, 3, Date.now());
  await buttonOf(frame, first).click();
  await numbers.and(dialogOf(frame).locator("[aria-disabled=true]")).waitFor();
  assert.equal(await numbers.and(dialogOf(frame).locator("[aria-pressed]")).count(), 0);
  await mistook(page, 3, 0);
  await buttonOf(frame, "Back").click();
  for (const number of await ask()) {
    await buttonOf(frame, number).click();
  }
  await isSigned(frame);
  assert.equal(await mistakesOf(page), 0);
  await leave();
});

for (const colorScheme of ["light", "dark"]) {
  test(`the numbers that are asked for stay where they are on a small phone, whichever of them is asked for, ${colorScheme}`, async () => {
    const { page, frame, leave } = await visitKept("/", cannotTell, { ...PHONE, viewport: { width: 320, height: 740 }, colorScheme });
    await earn(page);
    await wishAddress(frame);
    const { numbers, ask } = questionIn(frame);
    const [first] = await ask();
    const places = async () => Promise.all((await numbers.all()).map((number) => number.boundingBox()));
    const before = await places();
    await picture(page, `connect/embed-numbers-first-${colorScheme}`);
    await buttonOf(frame, first).click();
    await dialogOf(frame).locator("[aria-pressed=true]").waitFor();
    await picture(page, `connect/embed-numbers-next-${colorScheme}`);
    assert.deepEqual(await places(), before);
    await assertAccessible(page, `the question for the second number, ${colorScheme}`);
    await leave();
  });
}

test("what a guest has earned in the widget stays with the key, is backed up there, and moves to the wallet on the faucet's own page", async () => {
  const { page, frame, leave } = await visitKept("/", (context) => bringWallet(context, { seed: 77 }));
  const { key, earned } = await earn(page);
  const stays = `${earned} DRIP stays with this browser's key`;
  const ownPage = (place) => place.getByRole("link", { name: "Open the faucet's own page" });
  assert.equal(await ownPage(frame.locator("#backup")).getAttribute("href"), "/wallet#backup");
  await picture(page, "connect/embed-key");
  await frame.getByRole("button", { name: "Connect a wallet" }).click();
  await dialogOf(frame).getByText(stays).waitFor();
  assert.equal(await ownPage(dialogOf(frame)).count(), 1);
  await picture(page, "connect/embed-choose-guest");
  await assertAccessible(page, "the choice of a wallet by a guest who has earned something in a frame");
  await buttonOf(frame, "Test wallet").click();
  await sign(frame);
  await dialogOf(frame).getByRole("heading", { name: stays }).waitFor();
  assert.equal(await buttonOf(frame, "Move it to my wallet").count(), 0, "nothing is moved in a frame");
  await picture(page, "connect/embed-stays");
  await assertAccessible(page, "what stays with the key of a frame");
  await buttonOf(frame, "Go on").click();

  // The page in the frame is loaded anew, and plays for the wallet.
  await frame.getByRole("button", { name: "Start", exact: true }).waitFor();
  await toWallet(frame);
  await frame.getByRole("button", { name: "Connected wallet" }).click();
  await dialogOf(frame).getByText(stays).waitFor();
  assert.equal(await buttonOf(frame, "Move it to my wallet").count(), 0);
  await picture(page, "connect/embed-manage");
  await assertAccessible(page, "a connected wallet beside a guest's balance in a frame");
  await buttonOf(frame, "Close").click();
  const wallet = await frame.locator(".address-text").first().textContent();
  assert.notEqual(wallet, key);
  const card = frame.locator("#backup");
  await card.scrollIntoViewIfNeeded();
  await picture(page, "connect/embed-key-connected");
  await assertAccessible(page, "the key of a guest who plays for a wallet in a frame");
  assert.equal(await card.getByText("Restore a key from a backup").isVisible(), false, "what the wallet has signed is for this key");
  const saved = await backup(page, card);
  assert.ok(saved.includes(key));
  assert.equal(await balanceOf(key), `${Math.round(Number(earned) * 1e6)}`, "it is where it was");

  // To the faucet's own page the browser is another one: what it keeps for a frame it keeps apart. That of the tests does not, so it is another.
  const elsewhere = await browser.newContext({ locale: "en-GB", reducedMotion: "reduce" });
  await bringWallet(elsewhere, { seed: 77 });
  const own = await elsewhere.newPage();
  await own.goto(`${faucetOf(server)}/wallet`);
  await own.getByText("Restore a key from a backup").click();
  await own.locator("#restore-text").fill(saved);
  await own.getByRole("button", { name: "Restore", exact: true }).click();
  await own.getByText("Restored. This is your wallet now.").waitFor();
  await own.getByRole("button", { name: "Connect a wallet" }).click();
  await buttonOf(own, "Test wallet").click();
  await buttonOf(own, "Sign in your wallet").click();
  await dialogOf(own).getByText(`As a guest you have ${earned} DRIP.`).waitFor();
  const loaded = own.waitForEvent("load");
  await buttonOf(own, "Leave it for now").click();
  await loaded;
  const told = own.locator("#backup > h2 + p");
  await told.waitFor();
  const words = await told.evaluate((element) => getComputedStyle(element, "::before").content);
  assert.ok(words.startsWith(`"${earned} DRIP, earned as a guest, belongs to this browser's key`), words);
  await picture(own, "connect/key-connected");
  await assertAccessible(own, "the key of a guest who plays for a wallet");
  await own.getByRole("button", { name: "Connected wallet" }).click();
  await buttonOf(own, "Move it to my wallet").click();
  await dialogOf(own).getByRole("heading", { name: "Take along what you have earned?" }).waitFor();
  await buttonOf(own, "Move it to my wallet").click();
  await buttonOf(own, "Sign and move it").click();
  await dialogOf(own).getByRole("heading", { name: `${earned} DRIP moved to your wallet.` }).waitFor();
  const again = own.waitForEvent("load");
  await buttonOf(own, "Go on").click();
  await again;
  await own.getByText(`${earned} DRIP`).first().waitFor();
  await own.locator("#backup").waitFor({ state: "hidden" });
  assert.deepEqual([await balanceOf(key), await balanceOf(wallet)], ["0", `${Math.round(Number(earned) * 1e6)}`]);
  await elsewhere.close();

  await page.reload();
  await toWallet(frame);
  await frame.getByRole("button", { name: "Connected wallet" }).waitFor();
  await frame.locator("#backup").waitFor({ state: "hidden" });
  await leave();
});
