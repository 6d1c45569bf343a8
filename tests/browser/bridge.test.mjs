// Wallets of the visitor's own, of which a frame sees none: the page around it finds them and has them sign.

import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { verifyMessage } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { fromBase58 } from "./support/base58.mjs";
import { burner } from "./support/burner.mjs";
import { startBrowser } from "./support/chromium.mjs";
import { delegation } from "./support/delegation.mjs";
import { hosts, provideShop } from "./support/shop.mjs";
import { browser, server } from "./support/suite.mjs";
import { SHOP, assertQuiet, hostPage, register, visitHost, widgetDocument } from "./support/widget.mjs";

const STRICT = (faucet) =>
  `default-src 'none'; script-src 'nonce-abc'; style-src 'nonce-abc'; frame-src ${faucet}; base-uri 'none'; form-action 'none'`;
const WIDGET = `<dripline-faucet id="widget" site="shop" level="pipes-1"></dripline-faucet>`;
/** Wallets that do not keep to what is asked of them. */
const ODD = `
  const chains = ["solana:mainnet"];
  const account = (address) => ({ address, publicKey: new Uint8Array(32), chains, features: ["solana:signMessage"] });
  const OWN = "GmaDrppBC7P5ARKV8g3djiwP89vz1jLK23V2GBjuAEGB";
  const wallet = (name, more) => ({ version: "1.0.0", name, icon: "data:image/png;base64,AA==", chains, accounts: [account(OWN)], features: {
    "standard:connect": { connect: async () => ({ accounts: [account(OWN)] }) },
    "solana:signMessage": { signMessage: more.sign ?? (async () => []) } }, ...more });
  const given = [
    wallet("Hangs", { sign: () => new Promise(() => {}) }),
    wallet("Garbage", { sign: async () => [{ signature: "no bytes", signedMessage: 5 }] }),
    wallet("Long", { sign: async () => [{ signature: new Uint8Array(64), signedMessage: new Uint8Array(1 << 20) }] }),
    wallet("Declines", { sign: async () => { throw Object.assign(new Error("no"), { code: 4001 }) } }),
    wallet("Liar", { accounts: [], features: { "standard:connect": { connect: async () => ({ accounts: [account("<b>me</b>")] }) }, "solana:signMessage": {} } }),
    wallet("Large icon", { icon: "data:image/png;base64," + "A".repeat(1 << 20) }),
    wallet("Script icon", { icon: "javascript:alert(1)" }),
    wallet("Twice", {}), wallet("Twice", {}),
    wallet("Other chain", { chains: ["bitcoin:mainnet"] }),
    wallet("No features", { features: undefined }),
    wallet("x".repeat(100), {}),
    null, 7,
  ];
  for (const one of given) dispatchEvent(new CustomEvent("wallet-standard:register-wallet", { detail: (api) => api.register(one) }));
  addEventListener("wallet-standard:app-ready", ({ detail: api }) => api.register(...given));`;
/** A provider of EIP-6963 whose signatures the test makes. */
const PROVIDER = `
  const provider = { request: ({ method, params }) => method === "eth_requestAccounts" ? [ethereum.address] : ethereumSign(params[0]) };
  const announce = () => dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail: Object.freeze({ provider, info:
    { uuid: "350670db-19fa-4704-a166-e52e178b59d2", name: "Ether", icon: "data:image/svg+xml,<svg/>", rdns: "example.ether" } }) }));
  addEventListener("eip6963:requestProvider", announce);
  announce();`;
const wallets = readFileSync(new URL("../../frontend/embed/wallets.js", import.meta.url), "utf8");
provideShop({
  async pages(faucet) {
    const type = "text/javascript";
    const strict = (script, body = WIDGET) => ({
      body: hostPage({ faucet, attributes: "async nonce=abc", head: `<script nonce=abc src="${script}"></script>`, body }),
      headers: { "content-security-policy": STRICT(faucet) },
    });
    const cover = (style) => ({ body: hostPage({ faucet, head: `<style>body{margin:0}${style}</style>`, body: `${WIDGET}<div id="cover"></div>` }) });
    return {
      "/burner.js": { type, body: await burner() },
      "/odd.js": { type, body: ODD },
      "/provider.js": { type, body: PROVIDER },
      "/burner": strict("/burner.js"),
      "/odd": strict("/odd.js"),
      "/provider": strict("/provider.js"),
      "/seen": cover(""),
      "/covered": cover("#cover{position:fixed;inset:0;background:#fff;pointer-events:none}"),
      "/pale": cover("dripline-faucet{opacity:0.01}"),
      "/slanted": cover("dripline-faucet{transform:rotate(1deg)}"),
      "/stranger": { body: "<!doctype html><title>A stranger</title>" },
    };
  },
});

/** Opens a host's page, and gives what asks its wallets from within the frame. */
async function visitWallets(path) {
  const visit = await visitHost(browser, `${hosts.origin(SHOP)}${path}`);
  await visit.tells("ready");
  const frame = await widgetDocument(visit.page);
  const ask = (about) =>
    frame.evaluate(async (about) => {
      try {
        const answer = await window.driplineHost.ask(about);
        const plain = (value) => (value instanceof Uint8Array ? [...value] : value);
        return Array.isArray(answer) ? answer : answer && Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, plain(value)]));
      } catch ({ code }) {
        return { code };
      }
    }, about);
  return { ...visit, frame, ask };
}

/** A delegation for the shop's page; `more` is what differs. */
const delegationOf = (wallet, more = {}) => delegation({ wallet, origin: hosts.origin(SHOP), site: "shop", ...more });

test("the burner wallet of a page with a strict policy signs a delegation from within the frame, and the server takes it", async () => {
  const { context, noticed, ask } = await visitWallets("/burner");
  const [found, ...others] = await ask({ ask: "wallets" });
  assert.deepEqual({ ...found, icon: "" }, { id: "solana:Burner Wallet", name: "Burner Wallet", kind: "solana", icon: "" });
  assert.match(found.icon, /^data:image\/svg\+xml;base64,/);
  assert.deepEqual(others, []);
  const { address } = await ask({ ask: "connect", id: found.id });
  assert.equal(fromBase58(address).length, 32);
  assert.deepEqual(await ask({ ask: "connect", id: found.id }), { address }, "connected, it is who it was");
  const { text, handIn } = await delegationOf(address);
  const { status, body } = await handIn(await ask({ ask: "sign", id: found.id, address, text }));
  assert.equal(status, 200, JSON.stringify(body));
  assertQuiet(noticed);
  await context.close();
});

test("a wallet of another chain is found as EIP-6963 says, and signs as it does by personal_sign", async () => {
  const owner = privateKeyToAccount(generatePrivateKey());
  const { context, page, ask } = await visitWallets("/provider");
  await context.exposeFunction("ethereumSign", (hex) => owner.signMessage({ message: { raw: hex } }));
  await page.evaluate((address) => (globalThis.ethereum = { address }), owner.address);
  const [found] = await ask({ ask: "wallets" });
  assert.deepEqual({ name: found.name, kind: found.kind }, { name: "Ether", kind: "ethereum" });
  const { address } = await ask({ ask: "connect", id: found.id });
  assert.equal(address, owner.address);
  const text = (await delegationOf(address)).text.replace("your Solana account", "your Ethereum account");
  const { signature, signedMessage } = await ask({ ask: "sign", id: found.id, address, text });
  assert.equal(Buffer.from(signedMessage).toString(), text);
  assert.ok(await verifyMessage({ address, message: text, signature: `0x${Buffer.from(signature).toString("hex")}` }));
  await context.close();
});

test("a text of another page, faucet's form, site or address is put before no wallet, nor is anything that is no statement", async () => {
  const { context, page, ask } = await visitWallets("/burner");
  const id = "solana:Burner Wallet";
  const { address } = await ask({ ask: "connect", id });
  await page.evaluate(() => {
    globalThis.prompts = 0;
    const sign = burner.signMessage.bind(burner);
    burner.signMessage = (message) => ((globalThis.prompts += 1), sign(message));
  });
  const { text } = await delegationOf(address);
  const host = hosts.origin(SHOP);
  const wrong = {
    "of another origin": (await delegationOf(address, { origin: "https://evil.example" })).text,
    "of another URI": text.replace(`URI: ${host}`, "URI: https://evil.example"),
    "of an origin that begins like the page's": text.replaceAll(`${SHOP}:${hosts.port}`, `${SHOP}:${hosts.port}.evil.example`),
    "for another site": (await delegationOf(address, { site: "other" })).text,
    "for every site": text.replace("\n- dripline:site:shop", ""),
    "of no faucet": text.replace(/- dripline:faucet:\w+\n/, ""),
    "of two faucets": text.replace("Resources:\n", `Resources:\n- dripline:faucet:${"0".repeat(64)}\n`),
    "of another wallet": text.replace(address, "GmaDrppBC7P5ARKV8g3djiwP89vz1jLK23V2GBjuAEGB"),
    "for another kind of wallet": text.replace("your Solana", "your Ethereum"),
    "with a line of its own": `${text}\nAnd all my money to evil.example`,
    "without a nonce": text.replace(/Nonce: \w+\n/, ""),
    "that is none": "Give me all your money",
    "that is empty": "",
    "that is too long": text + "\n- dripline:until:".repeat(200),
    "that is no text": 7,
  };
  for (const [what, text] of Object.entries(wrong)) {
    assert.deepEqual(await ask({ ask: "sign", id, address, text }), { code: "unsupported" }, `a text ${what}`);
  }
  assert.deepEqual(await ask({ ask: "sign", id: "solana:Gone", address, text }), { code: "unavailable" });
  assert.deepEqual(await ask({ ask: "send everything" }), { code: "unsupported" });
  assert.equal(await page.evaluate(() => prompts), 0, "no wallet was asked");
  assert.equal((await ask({ ask: "sign", id, address, text })).signature.length, 64, "the text itself is signed");
  await context.close();
});

test("wallets that hang, lie, answer garbage or come twice are told apart by codes and hold up nothing", async () => {
  const { context, ask } = await visitWallets("/odd");
  const found = await ask({ ask: "wallets" });
  assert.deepEqual(
    found.map(({ name }) => name),
    ["Hangs", "Garbage", "Long", "Declines", "Liar", "Large icon", "Script icon", "Twice"],
  );
  assert.deepEqual(found.filter(({ icon }) => icon === "").map(({ name }) => name), ["Large icon", "Script icon"]);
  assert.deepEqual(await ask({ ask: "connect", id: "solana:Liar" }), { code: "unsupported" });
  const { address } = await ask({ ask: "connect", id: "solana:Hangs" });
  const { text } = await delegationOf(address);
  const sign = (name) => ask({ ask: "sign", id: `solana:${name}`, address, text });
  const hanging = sign("Hangs");
  assert.deepEqual(await sign("Garbage"), { code: "unsupported" });
  assert.deepEqual(await hanging, { code: "declined" }, "what is asked next leaves what hangs");
  assert.deepEqual(await sign("Long"), { code: "unsupported" });
  assert.deepEqual(await sign("Declines"), { code: "declined" });
  await context.close();
});

test("a page of another site asks no wallet and answers for none, though it know the number of the handshake", async () => {
  const { context, page, frame, ask } = await visitWallets("/seen");
  const number = new URL(frame.url()).hash.slice(1);
  const opened = context.waitForEvent("page");
  await frame.evaluate((address) => void window.open(address), `http://evil.localhost:${hosts.port}/stranger`);
  const stranger = await opened;
  await stranger.waitForLoadState();
  const had = (receiver) =>
    receiver.evaluate(() => {
      globalThis.hadAll = new Promise((resolve) => addEventListener("message", ({ data }) => data === "that was all" && resolve()));
    });
  await Promise.all([had(page), had(frame)]);
  await stranger.evaluate((number) => {
    // The host's page, and the frame in it, from which this page was opened.
    for (const target of [opener.parent, opener]) {
      const { port1, port2 } = new MessageChannel();
      const answer = [{ id: "solana:Forged", name: "Forged", kind: "solana", icon: "" }];
      port1.onmessage = ({ data }) => port1.postMessage({ ask: data.ask, answer });
      target.postMessage({ dripline: number }, "*", [port2]);
      for (const about of [{ ask: "wallets" }, { ask: "connect", id: "solana:Burner Wallet" }]) {
        target.postMessage({ ask: 1, about }, "*");
        port1.postMessage({ ask: 1, about });
      }
      target.postMessage("that was all", "*");
    }
  }, number);
  await Promise.all([page, frame].map((receiver) => receiver.evaluate(() => globalThis.hadAll)));
  assert.equal(await page.locator('script[src*="bridge"]').count(), 0, "the bridge was not even loaded");
  assert.deepEqual(await ask({ ask: "wallets" }), [], "the host's page is asked, which has none");
  await context.close();
});

/** Puts an assured button into the frame of a host's page, and gives how often it was pressed. */
async function assuredAt(path, stands = false) {
  const visit = await visitHost(browser, `${hosts.origin(SHOP)}${path}`);
  await visit.page.route("**/embed/wallets-under-test.js", (route) => route.fulfill({ contentType: "text/javascript", body: wallets }));
  await visit.tells("ready");
  const frame = await widgetDocument(visit.page);
  await frame.evaluate(async (stands) => {
    const { assured } = await import("/embed/wallets-under-test.js");
    globalThis.pressed = 0;
    globalThis.button = document.createElement("button");
    button.textContent = "Sign";
    button.id = "assured";
    document.body.prepend(button);
    // Time stands still, unless the test says that it passes.
    const { now } = performance;
    performance.now = () => globalThis.time ?? now.call(performance);
    globalThis.time = stands ? 1_000 : undefined;
    assured(button, () => (globalThis.pressed += 1));
  }, stands);
  const button = frame.locator("#assured");
  const pressed = () => frame.evaluate(() => globalThis.pressed);
  const press = async () => {
    const { x, y, width, height } = await button.boundingBox();
    await visit.page.mouse.click(x + width / 2, y + height / 2);
  };
  return { ...visit, frame, button, pressed, press };
}

test("a button that leads to a signature is pressed once it was seen for half a second, and not by scripts", async () => {
  const { context, frame, pressed, press } = await assuredAt("/seen", true);
  await frame.locator("#assured:not([data-unseen])").waitFor();
  for (const time of [1_000, 1_499]) {
    await frame.evaluate((time) => (globalThis.time = time), time);
    await press();
    assert.equal(await pressed(), 0, "the press of somebody who cannot have read it");
  }
  await frame.evaluate(() => (globalThis.time = 1_500));
  await frame.locator('#assured[aria-disabled="false"]').waitFor();
  await frame.evaluate(() => button.click());
  assert.equal(await pressed(), 0, "the press of a script");
  await press();
  assert.equal(await pressed(), 1);
  await context.close();
});

for (const [path, what] of [
  ["/covered", "covered"],
  ["/pale", "made pale"],
  ["/slanted", "slanted"],
]) {
  test(`a button that leads to a signature is not pressed where the host's page has it ${what}`, async () => {
    const { context, page, frame, pressed, press } = await assuredAt(path);
    // The browser tells only what changes: it has looked at it ten times by then, three times as long as a press waits for.
    const seen = await frame.evaluate(
      () =>
        new Promise((resolve) => {
          const seen = [];
          new IntersectionObserver((entries) => (seen.push(entries.at(-1).isVisible), setTimeout(() => resolve(seen), 1500)), {
            trackVisibility: true,
            delay: 100,
          }).observe(button);
        }),
    );
    assert.ok(seen.every((isVisible) => !isVisible));
    await press();
    assert.equal(await pressed(), 0);
    assert.equal(await frame.locator("#assured").getAttribute("data-unseen"), "");
    await page.close();
    await context.close();
  });
}

/**
 * Puts a box into the frame of a host's page with a title, a text and an assured button, in a browser that has all pages in one process, as
 * phones with little memory do. There the host can cover parts of the frame, and the others are seen: elsewhere nothing is then. The box is
 * `height` high, and scrolled to `top`. The browser ends with the test of this context.
 */
async function assuredTexts(context, height, top) {
  const shared = await startBrowser(["--disable-site-isolation-trials"]);
  context.after(() => shared.close());
  const visit = await visitHost(shared, "about:blank");
  await visit.page.route("**/embed/wallets-under-test.js", (route) => route.fulfill({ contentType: "text/javascript", body: wallets }));
  await visit.page.goto(`${hosts.origin(SHOP)}/seen`);
  await visit.tells("ready");
  const frame = await widgetDocument(visit.page);
  await frame.evaluate(async ([height, top]) => {
    const { assured } = await import("/embed/wallets-under-test.js");
    const box = document.body.appendChild(document.createElement("div"));
    box.id = "box";
    box.style.cssText = "position:fixed;inset:0 0 auto 0;overflow:auto;z-index:99;background:#fff";
    const made = (tag, height) => {
      const element = box.appendChild(document.createElement(tag));
      element.id = tag;
      element.textContent = tag;
      element.style.cssText = `display:block;margin:10px;height:${height}px`;
      return element;
    };
    const texts = [made("h6", 40), made("pre", 300)];
    for (let at = 0; at < 14; at += 1) {
      // Of some lines there is nothing to see.
      texts[1].appendChild(document.createElement("span")).textContent = at % 5 === 2 ? "\n" : `\nLine ${at}`;
    }
    texts[1].style.lineHeight = "20px";
    globalThis.fit = (height, top) => {
      box.style.height = `${height}px`;
      box.scrollTop = top;
    };
    Object.assign(globalThis, { presses: 0, unseen: [] });
    assured(made("button", 40), () => (globalThis.presses += 1), { texts, onUnseen: ({ id }) => globalThis.unseen.push(id) });
    globalThis.fit(height, top);
  }, [height, top]);
  const boxOf = (tag) => frame.locator(`#box ${tag}`).boundingBox();
  return {
    /** Waits until a press of the button would count, or would not. */
    isReady: (ready) => frame.locator(`#box button[aria-disabled="${!ready}"]`).waitFor(),
    async press() {
      const { x, y } = await boxOf("button");
      await visit.page.mouse.click(x + 20, y + 20);
      return frame.evaluate(() => [globalThis.presses, globalThis.unseen.splice(0).join()]);
    },
    /** Has the host cover an element but for its edges. */
    async cover(tag) {
      const box = await boxOf(tag);
      await visit.page.evaluate(({ x, y, width, height }) => {
        const cover = document.body.appendChild(document.createElement("div"));
        cover.id = "over";
        cover.style.cssText = `position:fixed;left:${x}px;top:${y + 5}px;width:${width}px;height:${height - 10}px;background:#fff;pointer-events:none`;
      }, box);
    },
    uncover: () => visit.page.evaluate(() => document.getElementById("over").remove()),
    /** Waits until the button and the text beside it are in sight, and uncovered. */
    isSeenNow: () => frame.locator("#box button:not([data-unseen])").waitFor(),
    fit: (height, top) => frame.evaluate(([height, top]) => globalThis.fit(height, top), [height, top]),
  };
}

test("a button is pressed by nobody while the host covers what it signs and leaves the button bare", async (context) => {
  const { isReady, press, cover, uncover } = await assuredTexts(context, 500, 0);
  let presses = 0;
  for (const tag of ["h6", "pre"]) {
    await isReady(true);
    await cover(tag);
    await isReady(false);
    assert.deepEqual(await press(), [presses, tag], "what is covered is what is to be seen first");
    await uncover();
    await isReady(true);
    assert.deepEqual(await press(), [(presses += 1), ""]);
  }
});

test("a title that was seen may be scrolled out of sight; one that was covered, or that nobody has seen, is to be seen first", async (context) => {
  const { isReady, isSeenNow, press, cover, uncover, fit } = await assuredTexts(context, 200, 1_000);
  await isSeenNow();
  assert.deepEqual(await press(), [0, "h6"], "it was out of sight from the beginning");
  await fit(500, 0);
  await isReady(true);
  await fit(200, 1_000);
  for (const [step, ready] of [[() => cover("button"), false], [uncover, true]]) {
    await step();
    await isReady(ready);
  }
  assert.deepEqual(await press(), [1, ""]);
  await fit(500, 0);
  await isReady(true);
  await cover("h6");
  await isReady(false);
  await fit(200, 1_000);
  await uncover();
  await isSeenNow();
  assert.deepEqual(await press(), [1, "h6"]);
});

test("where the browser cannot tell what is seen, a press counts after half a second, and once it was asked whether this was read", async () => {
  const visit = await visitHost(browser, "about:blank");
  await visit.context.addInitScript(() => delete IntersectionObserverEntry.prototype.isVisible);
  await visit.page.route("**/embed/wallets-under-test.js", (route) => route.fulfill({ contentType: "text/javascript", body: wallets }));
  await visit.page.goto(`${hosts.origin(SHOP)}/seen`);
  await visit.tells("ready");
  const frame = await widgetDocument(visit.page);
  await frame.evaluate(async () => {
    const { assured } = await import("/embed/wallets-under-test.js");
    Object.assign(globalThis, { pressed: 0, asked: 0 });
    globalThis.button = document.body.appendChild(document.createElement("button"));
    button.id = "assured";
    button.textContent = "Sign";
    const { setTimeout } = globalThis;
    globalThis.setTimeout = (passed, wait) => Object.assign(globalThis, { passed, wait });
    assured(button, () => (globalThis.pressed += 1), {
      async isRead() {
        globalThis.asked += 1;
        return globalThis.says;
      },
    });
    globalThis.setTimeout = setTimeout;
  });
  const button = frame.locator("#assured");
  const counts = () => frame.evaluate(() => [globalThis.asked, globalThis.pressed]);
  assert.equal(await frame.evaluate(() => globalThis.wait), 500);
  assert.equal(await button.getAttribute("aria-disabled"), "true");
  await button.click({ force: true });
  assert.deepEqual(await counts(), [0, 0], "a press before that");
  await frame.evaluate(() => globalThis.passed());
  assert.equal(await button.getAttribute("aria-disabled"), "false");
  await frame.evaluate(() => globalThis.button.click());
  assert.deepEqual(await counts(), [0, 0], "the press of a script");
  for (const [says, expected] of [[false, [1, 0]], [undefined, [2, 0]], ["yes", [3, 0]], [true, [4, 1]]]) {
    await frame.evaluate((says) => (globalThis.says = says), says);
    await button.click();
    assert.deepEqual(await counts(), expected, `where that says ${says}`);
  }
  await visit.context.close();
});
