// Odd wallets and odd circumstances of the bridge to them: what `bridge.test.mjs` does not try.

import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createSignInMessageText } from "@solana/wallet-standard-util";
import { delegation } from "./support/delegation.mjs";
import { hosts, provideShop } from "./support/shop.mjs";
import { browser, server } from "./support/suite.mjs";
import { SHOP, assertQuiet, faucetOf, hostPage, visitHost, widgetDocument } from "./support/widget.mjs";
import { hostWallets } from "./support/wallets.mjs";

const KEPT = "<style nonce=abc>dripline-faucet{display:block;min-height:640px}body{margin:0}</style>";
const ONE = `<dripline-faucet id="widget" site="shop" level="pipes-1"></dripline-faucet>`;
/** The module that the frame loads once its player asks for wallets. */
const MODULE = readFileSync(new URL("../../frontend/embed/wallets.js", import.meta.url), "utf8");
/** Every statement there is, as `shared` makes it. */
const STATEMENTS = JSON.parse(readFileSync(new URL("../golden/statements.json", import.meta.url), "utf8"));
provideShop({
  async pages(faucet) {
    const page = hostPage({ faucet, head: KEPT, body: ONE, attributes: "async nonce=abc" });
    const { integrity, bridge_integrity } = await (await fetch(`${server.origin}/embed/v1.json`)).json();
    const held = hostPage({ faucet, body: ONE, attributes: `async crossorigin integrity="${integrity}"` });
    const by = (...digests) => ({ body: held, headers: { "content-security-policy": `script-src ${digests.map((digest) => `'${digest}'`).join(" ")}` } });
    return {
      "/": { body: page },
      "/digests": by(integrity, bridge_integrity),
      "/digest": by(integrity),
      "/types": { body: page, headers: { "content-security-policy": "require-trusted-types-for 'script'; trusted-types dripline" } },
      "/others": { body: page, headers: { "content-security-policy": "require-trusted-types-for 'script'; trusted-types shop" } },
    };
  },
});

/** Opens a page whose visitor has these wallets. */
async function open(wallets, address) {
  const visited = await visitHost(browser, "about:blank");
  await visited.context.addInitScript(hostWallets, wallets);
  await visited.context.exposeFunction("signInText", createSignInMessageText);
  await visited.context.route(`${faucetOf(server)}/wallets.js`, (route) => route.fulfill({ contentType: "text/javascript", body: MODULE }));
  await visited.page.goto(address);
  return { ...visited, prompts: () => visited.page.evaluate(() => globalThis.prompts) };
}

/** What asks the wallets from within a document of the faucet's, by the module. Bytes are plain lists in what it gives. */
const asker = (document) => (name, ...given) =>
  document.evaluate(
    async ([name, given]) => {
      const module = await import("/wallets.js");
      try {
        const answer = await module[name](...given);
        return answer?.signature ? { signature: [...answer.signature], signedMessage: [...answer.signedMessage] } : answer;
      } catch ({ code }) {
        return { code };
      }
    },
    [name, given],
  );

/** A host's page with the widget, and what asks from within its frame. */
async function hostWith(wallets, path = "/") {
  const visited = await open(wallets, `${hosts.origin(SHOP)}${path}`);
  await visited.tells("ready");
  const frame = await widgetDocument(visited.page);
  return { ...visited, frame, ask: asker(frame) };
}

/** A page of the faucet's own, and what asks from within it. */
async function pageWith(wallets, address) {
  const visited = await open(wallets, address);
  return { ...visited, ask: asker(visited.page) };
}

test("a wallet that only signs people in makes the statement from its fields, and the faucet takes it", async () => {
  const { context, ask, prompts, noticed } = await hostWith([{ name: "Sign in", signs: "signIn" }]);
  const [{ id }] = await ask("wallets");
  const { address } = await ask("connect", id);
  const { text, handIn } = await delegation({ wallet: address, origin: hosts.origin(SHOP), site: "shop" });
  const signed = await ask("sign", id, address, text);
  assert.equal(Buffer.from(signed.signedMessage ?? []).toString(), text, JSON.stringify(signed));
  const { status, body } = await handIn(signed);
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual(await prompts(), ["Sign in connects", "Sign in signs in"]);
  assertQuiet(noticed);
  await context.close();
});

test("of the faucet's statements those are put before a wallet that wallets sign, and no text by which the host has people sign in", async () => {
  const { context, ask, prompts } = await hostWith([{ name: "Signer" }]);
  const { address } = await ask("connect", "solana:Signer");
  const here = new URL(hosts.origin(SHOP));
  /** A statement as the frame would make it here. */
  const moved = ([, , blank, sentence, gap, ...lines]) =>
    [`${here.host} wants you to sign in with your Solana account:`, address, blank, sentence, gap, ...lines]
      .map((line) => line.replace("https://faucet.example:8443", here.origin).replace("dripline:site:arcade", "dripline:site:shop"))
      .join("\n");
  const signed = [];
  for (const [name, { lines }] of Object.entries(STATEMENTS).filter(([, { lines }]) => lines)) {
    const answer = await ask("sign", "solana:Signer", address, moved(lines));
    if (answer.signature) {
      signed.push(name);
    } else {
      assert.equal(answer.code, "unsupported", name);
    }
  }
  assert.deepEqual(signed, [
    "address", "address_on_a_site", "delegate_on_a_site", "list_delegations", "list_delegations_on_a_site", "revoke_delegation",
    "revoke_delegation_on_a_site", "withdraw", "withdraw_on_a_site",
  ]);
  const text = moved(STATEMENTS.list_delegations.lines);
  const before = (await prompts()).length;
  for (const [what, other] of Object.entries({
    "with a sentence of the host's": text.replace(/\nList .*/, "\nLog in to the shop."),
    "with a sentence before ours": text.replace("\nList ", "\nLog in to the shop. List "),
    "with a nonce of the host's": text.replace(/Nonce: \w+/, "Nonce: aB3dE5fG7hI9"),
  })) {
    assert.deepEqual(await ask("sign", "solana:Signer", address, other), { code: "unsupported" }, `a text ${what}`);
  }
  assert.equal((await prompts()).length, before, "no wallet was asked");
  await context.close();
});

test("what a wallet signs with another key than that of its address, the faucet refuses", async () => {
  const { context, ask } = await hostWith([{ name: "Stranger", signs: "other key" }]);
  const { address } = await ask("connect", "solana:Stranger");
  const { text, handIn } = await delegation({ wallet: address, origin: hosts.origin(SHOP), site: "shop" });
  const { status, body } = await handIn(await ask("sign", "solana:Stranger", address, text));
  assert.deepEqual([status, body.code], [403, "bad_signature"]);
  await context.close();
});

test("of a wallet's accounts one on Solana is taken, also where its first is on a chain whose addresses look alike", async () => {
  const BITCOIN = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";
  const { context, ask } = await hostWith([{ name: "Several", also: BITCOIN }]);
  const { address } = await ask("connect", "solana:Several");
  assert.match(address, /^[1-9A-HJ-NP-Za-km-z]{32,44}$/);
  assert.notEqual(address, BITCOIN);
  const { text, handIn } = await delegation({ wallet: address, origin: hosts.origin(SHOP), site: "shop" });
  const { status, body } = await handIn(await ask("sign", "solana:Several", address, text));
  assert.equal(status, 200, JSON.stringify(body));
  await context.close();
});

test("a wallet that throws when it is looked at hides no other, and none has letters in its name that are not seen", async () => {
  const { context, ask } = await hostWith([
    { name: "Broken", breaks: "features" },
    { name: "Throwing", kind: "ethereum", breaks: "info" },
    { name: "Safe\u202Eelbisivni\u0000", kind: "ethereum" },
    { name: "\u200B\u200D", kind: "ethereum" },
    { name: "Remote", icon: "https://evil.example/a.png" },
    { name: "Page", icon: "data:text/html,<script>alert(1)</script>" },
  ]);
  const found = await ask("wallets");
  assert.ok(Array.isArray(found), JSON.stringify(found));
  assert.deepEqual(found.map(({ name, icon }) => [name, icon === ""]), [["Remote", true], ["Page", true], ["Safeelbisivni", false]]);
  await context.close();
});

test("a bridge that could not be loaded is loaded when it is asked for again", async () => {
  const { context, ask } = await hostWith([{ name: "Honest" }]);
  let tries = 0;
  await context.route("**/embed/v1.bridge.*.js", (route) => ((tries += 1), tries === 1 ? route.abort() : route.continue()));
  assert.deepEqual(await ask("wallets"), { code: "unavailable" });
  assert.deepEqual((await ask("wallets")).map(({ name }) => name), ["Honest"]);
  await ask("wallets");
  assert.equal(tries, 2, "once it is there, it stays");
  await context.close();
});

for (const [path, what, expected] of [
  ["/digests", "names the digests of both scripts has wallets", 1],
  ["/digest", "names the digest of the loader alone has the games, and no wallets", undefined],
  ["/types", "wants trusted types, and lets the loader make them, has wallets", 1],
  ["/others", "wants trusted types of others alone has the games, and no wallets", undefined],
]) {
  test(`a host whose policy ${what}`, async () => {
    const { context, ask, frame } = await hostWith([{ name: "Honest" }], path);
    await frame.getByRole("button", { name: "Start", exact: true }).waitFor();
    const found = await ask("wallets");
    assert.equal(found.length, expected);
    assert.equal(found.code, expected ? undefined : "unavailable");
    await context.close();
  });
}

test("on the faucet's own page the module finds wallets itself, and a delegation is the faucet's own", async () => {
  const faucet = faucetOf(server);
  const { context, page, ask, prompts, noticed } = await pageWith([{ name: "Honest" }], faucet);
  assert.equal(await ask("origin"), faucet);
  const [{ id }] = await ask("wallets");
  const { address } = await ask("connect", id);
  const ofSite = await delegation({ wallet: address, origin: faucet, site: "shop" });
  assert.deepEqual(await ask("sign", id, address, ofSite.text), { code: "unsupported" }, "the page is of no site");
  const { text, handIn } = await delegation({ wallet: address, origin: faucet });
  const { status, body } = await handIn(await ask("sign", id, address, text));
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual(await prompts(), ["Honest connects", "Honest signs"]);
  assert.equal(await page.locator('script[src*="bridge"]').count(), 1);
  assertQuiet(noticed);
  await context.close();
});

test("a button that was seen is pressed no more once the host covers, turns, cuts or fades it, and again when it no longer does", async () => {
  const { context, page, frame } = await hostWith([]);
  await frame.evaluate(async () => {
    const { assured } = await import("/wallets.js");
    const button = document.createElement("button");
    button.id = "assured";
    button.textContent = "Sign";
    button.style.cssText = "position:fixed;inset:100px auto auto 50px;width:120px;height:48px;z-index:99;background:#fff";
    document.body.append(button);
    globalThis.presses = 0;
    assured(button, () => (globalThis.presses += 1));
  });
  const isReady = (ready) =>
    frame.waitForFunction((ready) => document.getElementById("assured").getAttribute("aria-disabled") === String(!ready), ready);
  const presses = () => frame.evaluate(() => globalThis.presses);
  const restyle = (style) => page.evaluate((style) => (document.querySelector("dripline-faucet").style.cssText = style), style);
  await isReady(true);
  const { x, y } = await page.locator("dripline-faucet").boundingBox();
  const press = () => page.mouse.click(x + 110, y + 124);
  await press();
  assert.equal(await presses(), 1, "it is seen");
  for (const style of ["opacity:0.01", "opacity:0.9", "transform:rotate(1deg)", "filter:blur(1px)", "clip-path:inset(0 0 540px 0)"]) {
    await restyle(style);
    await isReady(false);
    await press();
    assert.equal(await presses(), 1, style);
    await restyle("");
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
  assert.equal(await presses(), 1, "it is covered");
  await page.evaluate(() => document.getElementById("cover").remove());
  await isReady(true);
  await frame.evaluate(() => document.getElementById("assured").click());
  assert.equal(await presses(), 1, "no person has pressed it");
  await press();
  assert.equal(await presses(), 2);
  await context.close();
});
