// The widget in pages of others, each of another site than the faucet.

import { test } from "node:test";
import assert from "node:assert/strict";
import { assertAccessible } from "./support/axe.mjs";
import { mouse } from "./support/hand.mjs";
import { reactPages } from "./support/hosts.mjs";
import { assertNarrow } from "./support/narrow.mjs";
import { picture } from "./support/pictures.mjs";
import { playPipes } from "./support/pipes.mjs";
import { hosts, provideShop, shop } from "./support/shop.mjs";
import { browser, server } from "./support/suite.mjs";
import { PHONE } from "./support/visitor.mjs";
import {
  LONG_TASKS, SHOP, assertQuiet, faucetOf, hostPage, longestTask, shiftOf, visitHost, widgetDocument, widgetFrame,
} from "./support/widget.mjs";

/** What a host says of the widget's place, before the loader has come. */
const KEPT = "<style nonce=abc>dripline-faucet{display:block;min-height:640px}body{margin:0}</style>";
const strict = (faucet) =>
  `default-src 'none'; script-src 'nonce-abc'; style-src 'nonce-abc'; frame-src ${faucet}; base-uri 'none'; form-action 'none'`;
const ONE = `<main><h1>A shop</h1><dripline-faucet id="widget" site="shop" level="pipes-1" cdata="basket 7"></dripline-faucet><p>Below</p></main>`;
provideShop({
  async pages(faucet) {
    const page = (body, more = {}) => ({ body: hostPage({ faucet, head: KEPT, body, ...more }) });
    const dark = "<style>body{margin:0;background:#101018;color:#eee}dripline-faucet{display:block;min-height:640px;" +
      "--dripline-accent:#ff7ad9;--dripline-accent-ink:#200018;--dripline-background:#101018;--dripline-radius:4px;" +
      "--dripline-font:Georgia, serif;--dripline-ink:url(https://evil.example/a.png)}</style>";
    const react = reactPages();
    const app = `import { createElement, createRoot, useState } from "/react-whole.js";
      import { DriplineFaucet } from "@dripline/embed/react";
      globalThis.heard = [];
      const Shop = () => {
        const [theme, setTheme] = useState("light");
        const height = theme === "dark" ? 800 : 700;
        return createElement("div", null,
          createElement("button", { onClick: () => setTheme("dark") }, "Dark"),
          createElement(DriplineFaucet, { faucet: "${faucet}", site: "shop", level: "pipes-1", theme, height, onReady: ({ level }) => heard.push([level, theme]) }));
      };
      const root = createRoot(document.getElementById("root"));
      root.render(createElement(Shop));
      globalThis.gone = () => root.unmount();`;
    return {
      ...react.pages,
      "/react": {
        body: `<!doctype html><html lang="en"><head><title>A shop</title><script type="importmap">${JSON.stringify({ imports: react.imports })}</script>
          ${KEPT}</head><body><div id="root"></div><script type="module">${app}</script></body></html>`,
      },
      "/plain": page(ONE),
      // 300 bytes, and 150 letters.
      "/long": page(ONE.replace("basket 7", "é".repeat(150))),
      "/strict": { ...page(ONE, { attributes: "async nonce=abc" }), headers: { "content-security-policy": strict(faucet) } },
      "/isolated": { ...page(ONE, { attributes: "async crossorigin" }), headers: { "cross-origin-embedder-policy": "require-corp" } },
      "/slow": page(ONE, { head: KEPT + LONG_TASKS }),
      "/dark": page(`<dripline-faucet id="widget" site="shop" theme="dark"></dripline-faucet>`, { head: dark }),
      "/two": page(
        `<dripline-faucet id="one" site="shop" level="pipes-1"></dripline-faucet><dripline-faucet id="other" site="shop" level="pipes-2"></dripline-faucet>`,
      ),
      "/div": page(`<div id="dripline-place" data-dripline-site="shop" data-dripline-level="pipes-1"></div>`),
      "/twice": page(`${ONE}<script src="${faucet}/embed/v1.js"></script>`),
      "/popup": page(`<dripline-faucet id="widget" site="shop" level="pipes-1" layout="popup" label="Play and win"></dripline-faucet>`),
      "/framing": page(`<iframe id="inner" src="${faucet}/embed/frame?site=shop#1-2-3-4"></iframe>`),
    };
  },
  site: { look: { accent: "#7a1fa2", accent_dark: "#e0a3ff", title: "Win a coupon", text: "Play for ten per cent." } },
});

const widgetAt = (path, { host = SHOP, ...screen } = {}) => visitHost(browser, `${hosts.origin(host)}${path}`, screen);
const startIn = (page, id) => widgetFrame(page, id).getByRole("button", { name: "Start", exact: true });

test("a level that is played in a page of another site is told to it, with a drip, and its server can verify it", async () => {
  const { context, page, noticed, tells, told } = await widgetAt("/plain");
  const ready = await tells("ready");
  assert.equal(ready.site, "shop");
  assert.equal(ready.level, "pipes-1");
  assert.ok(ready.levels.includes("pipes-1"));
  await startIn(page).waitFor();
  await picture(page, "embed/ready");
  await assertAccessible(page, "a host's page with the widget");
  assert.equal(await shiftOf(page), 0, "nothing of the host's page has moved");
  await startIn(page).click();
  const { state, round, level } = await tells("round");
  assert.deepEqual({ state, level }, { state: "opened", level: "pipes-1" });
  const frame = await widgetDocument(page);
  await frame.getByRole("application").waitFor();
  await picture(page, "embed/playing");
  await playPipes(frame, mouse(page));
  const cleared = await tells("cleared");
  assert.deepEqual({ round: cleared.round, level: cleared.level }, { round, level: "pipes-1" });
  assert.ok(cleared.score > 0 && cleared.stars >= 1 && cleared.stars <= 3);
  const answer = await fetch(`${server.origin}/api/v1/siteverify`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ secret: shop.secret, token: cleared.token }),
  });
  const { success, verified } = await answer.json();
  assert.equal(success, true);
  const { origin, cdata, score, stars } = verified;
  assert.deepEqual({ origin, cdata, score, stars }, { origin: hosts.origin(SHOP), cdata: "basket 7", score: cleared.score, stars: cleared.stars });
  const drip = await tells("drip");
  assert.match(drip.amount, /^[1-9]\d*$/);
  const hasBalance = (amount) => globalThis.told.some((one) => one.type === "balance" && one.detail.balance === amount);
  await page.waitForFunction(hasBalance, drip.amount);
  assert.deepEqual(await told("error"), []);
  assert.deepEqual((await told("round")).map(({ detail }) => detail.state), ["opened", "claimed"]);
  await widgetFrame(page).getByRole("heading", { name: "Cleared!" }).waitFor();
  assert.equal(await widgetFrame(page).getByRole("link", { name: /Next level|All levels/ }).count(), 0, "there is one level alone");
  await picture(page, "embed/cleared");
  assert.equal(await page.evaluate(() => history.length), 2, "the browser's way back is the host's");
  assertQuiet(noticed);
  await context.close();
});

test("a host that allows no inline styles, no evaluation and only scripts with its nonce shows it", async () => {
  const { context, page, noticed } = await widgetAt("/strict");
  await startIn(page).waitFor();
  assert.deepEqual(await page.locator("dripline-faucet").boundingBox().then(({ width, height }) => [width, height]), [420, 640]);
  assert.equal(await shiftOf(page), 0);
  assertQuiet(noticed);
  await context.close();
});

test("a dark host has its theme and its custom properties in the frame, and what is no colour is left out", async () => {
  const { context, page, noticed } = await widgetAt("/dark");
  const frame = await widgetDocument(page);
  await frame.getByRole("link", { name: /^Play/ }).first().waitFor();
  const style = () =>
    frame.evaluate(() => {
      const own = getComputedStyle(document.documentElement);
      const names = ["--button", "--button-ink", "--page", "--ink", "--radius", "--font", "color-scheme"];
      return Object.fromEntries(names.map((name) => [name, own.getPropertyValue(name)]));
    });
  await frame.waitForFunction(() => getComputedStyle(document.documentElement).getPropertyValue("--button") === "#ff7ad9");
  assert.deepEqual(await style(), {
    "--button": "#ff7ad9",
    "--button-ink": "#200018",
    "--page": "#101018",
    "--ink": "#e6f2f8",
    "--radius": "4px",
    "--font": "Georgia, serif",
    "color-scheme": "dark",
  });
  await picture(page, "embed/dark");
  await page.evaluate(() => {
    const widget = document.querySelector("dripline-faucet");
    widget.style.setProperty("--dripline-background", "#fffaf0");
    widget.setTheme("light");
  });
  await frame.waitForFunction(() => getComputedStyle(document.documentElement).colorScheme === "light");
  assert.equal((await style())["--ink"], "#0a2433");
  assertQuiet(noticed);
  await context.close();
});

test("a phone's page is as wide as the phone, and nothing of it moves", async () => {
  const { context, page, noticed, tells } = await widgetAt("/plain", PHONE);
  await tells("ready");
  await startIn(page).waitFor();
  await picture(page, "embed/phone");
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), PHONE.viewport.width);
  assert.equal(await widgetFrame(page).locator("html").evaluate((root) => root.scrollWidth > root.clientWidth), false);
  assert.equal(await shiftOf(page), 0);
  assertQuiet(noticed);
  await context.close();
});

test("two widgets of one page have a level each, and what each tells is its own", async () => {
  const { context, page, noticed } = await widgetAt("/two");
  for (const id of ["one", "other"]) {
    await page.locator(`#${id}`).scrollIntoViewIfNeeded();
    await page.waitForFunction((id) => globalThis.told.some((one) => one.type === "ready" && one.id === id), id);
  }
  const levels = await page.evaluate(() => globalThis.told.filter(({ type }) => type === "ready").map(({ id, detail }) => [id, detail.level]));
  assert.deepEqual(Object.fromEntries(levels), { one: "pipes-1", other: "pipes-2" });
  await picture(page, "embed/two");
  assertQuiet(noticed);
  await context.close();
});

test("a host built with React shows it by the package's component, which hears it, changes its theme and height, and goes", async () => {
  const { context, page, noticed, told } = await widgetAt("/react");
  await startIn(page).waitFor();
  await page.waitForFunction(() => globalThis.heard.length === 1);
  assert.deepEqual(await page.evaluate(() => globalThis.heard), [["pipes-1", "light"]]);
  const frame = await widgetDocument(page);
  const height = async () => (await page.locator("dripline-faucet").boundingBox()).height;
  assert.equal(await height(), 700);
  await page.getByRole("button", { name: "Dark" }).click();
  await frame.waitForFunction(() => getComputedStyle(document.documentElement).colorScheme === "dark");
  assert.equal(await height(), 800);
  assert.equal((await told("ready")).length, 1, "the frame is the same");
  await page.evaluate(() => globalThis.gone());
  assert.equal(await page.evaluate(() => frames.length), 0);
  assertQuiet(noticed);
  await context.close();
});

test("a page that is cut off from other origins shows it", async () => {
  const { context, page, noticed, tells } = await widgetAt("/isolated");
  assert.equal((await tells("ready")).level, "pipes-1");
  assertQuiet(noticed);
  await context.close();
});

test("the widget keeps the host's page busy for less than 50 ms at a time, on a machine four times slower, also when it asks for wallets", async () => {
  const { context, page } = await widgetAt("/slow");
  const devtools = await context.newCDPSession(page);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  const [shown, asked] = [[], []];
  // Also another program's work counts as a task's time: what the widget costs by itself is there in every load.
  for (let load = 0; load < 5; load += 1) {
    await page.goto(`${hosts.origin(SHOP)}/slow`);
    await page.waitForFunction(() => globalThis.told.some(({ type }) => type === "ready"));
    shown.push(await longestTask(page));
    const found = await (await widgetDocument(page)).evaluate(() => window.driplineHost.ask({ ask: "wallets" }));
    assert.deepEqual(found, []);
    asked.push(await longestTask(page));
  }
  assert.ok(Math.min(...shown) < 50, `${shown} ms`);
  assert.ok(Math.min(...asked) < 50, `${asked} ms, with the bridge to wallets`);
  await context.close();
});

test("an element of any kind gets the widget, and hears what it tells", async () => {
  const { context, page, noticed, told } = await widgetAt("/div");
  await startIn(page).waitFor();
  await page.waitForFunction(() => globalThis.told.filter(({ type }) => type === "ready").length === 2);
  assert.deepEqual((await told("ready")).map(({ id }) => id).sort(), ["", "dripline-place"]);
  assertQuiet(noticed);
  await context.close();
});

test("what an element of any kind says of its widget may change, also that it has one; nothing around it hears what it tells", async () => {
  const { context, page, noticed, told } = await widgetAt("/div");
  const place = page.locator("#dripline-place");
  const widget = page.locator("dripline-faucet");
  await startIn(page).waitFor();
  await page.evaluate(() => {
    globalThis.risen = [];
    document.body.addEventListener("ready", ({ target }) => globalThis.risen.push(target.id));
  });
  /** Has the element say this, and waits until its widget says it, too. */
  const says = async (name, value) => {
    const set = (place, [name, value]) => (value === null ? place.removeAttribute(name) : place.setAttribute(name, value));
    await place.evaluate(set, [`data-dripline-${name}`, value]);
    assert.equal(await widget.getAttribute(name), value);
  };
  const isReady = async (count) => {
    await page.waitForFunction((count) => globalThis.told.filter(({ type }) => type === "ready").length === count, count);
  };
  await isReady(2);
  await widget.evaluate((widget) => widget.setTheme("dark"));
  await says("height", "700");
  assert.equal((await widget.boundingBox()).height, 700);
  await says("height", null);
  assert.equal((await widget.boundingBox()).height, 640);
  assert.equal((await told("ready")).length, 2, "the frame is the same");
  await says("level", "pipes-2");
  await isReady(4);
  assert.equal((await told("ready")).at(-1).detail.level, "pipes-2");
  assert.equal(await widget.getAttribute("theme"), "dark", "what was not said anew stays as it is");
  await says("site", null);
  await page.waitForFunction(() => globalThis.told.some(({ type, detail }) => type === "error" && detail.code === "site_missing"));
  await page.evaluate(() => document.body.append(Object.assign(document.createElement("div"), { id: "later" })));
  await page.locator("#later").evaluate((place) => (place.dataset.driplineLevel = "pipes-1"));
  assert.equal(await page.locator("#later dripline-faucet").count(), 0);
  noticed.errors.length = 0;
  await page.locator("#later").evaluate((place) => (place.dataset.driplineSite = "shop"));
  await isReady(6);
  assert.deepEqual((await told("ready")).map(({ id, detail }) => [id, detail.level]).at(-1), ["later", "pipes-1"]);
  assert.deepEqual(await page.evaluate(() => globalThis.risen), []);
  assertQuiet(noticed);
  await context.close();
});

test("a loader that is loaded twice makes one frame, and an element that is moved, or gone and back, greets again", async () => {
  const { context, page, noticed } = await widgetAt("/twice");
  await startIn(page).waitFor();
  assert.equal(await page.locator("iframe").count(), 1);
  for (const move of [(one) => document.body.prepend(one), (one) => (one.remove(), document.body.append(one))]) {
    await page.evaluate(() => (globalThis.told.length = 0));
    await page.locator("dripline-faucet").evaluate(move);
    await page.waitForFunction(() => globalThis.told.some(({ type }) => type === "ready"));
    assert.equal(await page.locator("iframe").count(), 1);
  }
  await page.evaluate(() => document.querySelector("dripline-faucet").remove());
  assert.equal(await page.evaluate(() => frames.length), 0);
  assertQuiet(noticed);
  await context.close();
});

test("a popup opens over the page, closes by its button, and gives the keyboard back", async () => {
  const { context, page, noticed, tells } = await widgetAt("/popup");
  const button = page.getByRole("button", { name: "Play and win" });
  assert.equal(await page.locator("iframe").count(), 0, "nothing is loaded before it is asked for");
  await button.click();
  await page.getByRole("dialog", { name: "Play and win" }).waitFor();
  await startIn(page).waitFor();
  await picture(page, "embed/popup");
  await page.getByRole("button", { name: "Close" }).click();
  await tells("close");
  assert.equal(await page.getByRole("dialog").count(), 0);
  assert.equal(await page.evaluate(() => document.activeElement.localName), "dripline-faucet");
  await page.evaluate(() => document.querySelector("dripline-faucet").open());
  await startIn(page).press("Escape");
  await page.waitForFunction(() => globalThis.told.filter(({ type }) => type === "close").length === 2);
  assertQuiet(noticed);
  await context.close();
});

test("a text for the site's server that is too long is not cut: the developer is told, and the games are there once it is shorter", async () => {
  const { context, page, noticed, tells, told } = await widgetAt("/long");
  assert.equal((await tells("error")).code, "cdata_too_long");
  assert.ok(noticed.errors.some((text) => text.startsWith("Dripline:") && text.includes("255 bytes")), `${noticed.errors}`);
  assert.equal(await page.locator("iframe").count(), 0);
  const widget = page.locator("dripline-faucet");
  await widget.evaluate((widget) => widget.setAttribute("cdata", "basket 7"));
  await startIn(page).waitFor();
  await widget.evaluate((widget) => widget.setAttribute("cdata", "é".repeat(128)));
  assert.equal(await page.locator("iframe").count(), 0);
  assert.equal((await told("error")).length, 2);
  await context.close();
});

test("a frame that a page of another origin makes by itself stays empty, and says nothing", async () => {
  const { context, page } = await widgetAt("/framing", { host: "evil.localhost" });
  const heard = [];
  await page.exposeFunction("hear", (origin) => heard.push(origin));
  await page.addInitScript(() => addEventListener("message", ({ origin }) => globalThis.hear(origin)));
  const blocked = page.waitForEvent("console", { predicate: (message) => message.text().includes("frame-ancestors") });
  await page.reload();
  await blocked;
  assert.equal(await page.frameLocator("#inner").locator("#app").count(), 0);
  assert.deepEqual(heard, []);
  await context.close();
});

test("the playground's widget is the real one, though it is of the faucet's own origin, and no other page's is", async () => {
  const { context, page, noticed, tells } = await visitHost(browser, `${faucetOf(server)}/embed/playground?site=shop`);
  await tells("ready");
  assert.match(await page.locator("#snippet").textContent(), /<dripline-faucet site="shop"><\/dripline-faucet>/);
  await page.getByLabel("Level").selectOption("pipes-1");
  await startIn(page).waitFor();
  assert.match(await page.locator("#snippet").textContent(), /level="pipes-1"/);
  await picture(page, "embed/playground");
  await assertAccessible(page, "the playground");
  await page.getByLabel("Layout").selectOption("popup");
  await assertNarrow(page, "the playground");
  assertQuiet(noticed);
  await page.goto(`${faucetOf(server)}/ledger`);
  const code = await page.evaluate(
    () =>
      new Promise((resolve) => {
        const widget = document.createElement("dripline-faucet");
        widget.setAttribute("site", "shop");
        widget.addEventListener("error", ({ detail }) => resolve(detail.code));
        const script = document.createElement("script");
        script.src = "/embed/v1.js";
        document.body.append(widget, script);
      }),
  );
  assert.equal(code, "own_origin");
  await context.close();
});

test("a level that is cleared in the playground is told without a token, and as no mistake", async () => {
  const { context, page, noticed, tells, told } = await visitHost(browser, `${faucetOf(server)}/embed/playground?site=shop`);
  await tells("ready");
  await page.getByLabel("Level").selectOption("pipes-1");
  await startIn(page).click();
  const frame = await widgetDocument(page);
  await frame.getByRole("application").waitFor();
  await playPipes(frame, mouse(page));
  const cleared = await tells("cleared");
  assert.deepEqual([cleared.level, cleared.token], ["pipes-1", undefined]);
  assert.deepEqual(await told("error"), []);
  assertQuiet(noticed);
  await context.close();
});
