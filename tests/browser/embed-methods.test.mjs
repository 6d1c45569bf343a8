// What a host can do with the widget besides showing it, and what it is told when something is wrong; and that what it is told is what the package's
// types say.

import { after, test } from "node:test";
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { refusal } from "./support/answers.mjs";
import { startProfile } from "./support/chromium.mjs";
import { mouse } from "./support/hand.mjs";
import { bundle, compile, install } from "./support/package.mjs";
import { playPipes } from "./support/pipes.mjs";
import { hosts, provideShop, shop } from "./support/shop.mjs";
import { browser, server } from "./support/suite.mjs";
import { SHOP, assertQuiet, faucetOf, hostPage, visitHost, visitHostIn, widgetDocument, widgetFrame } from "./support/widget.mjs";

/** What the frame may do, whatever is in it: no walking away with the page around it, no dialogs, no pointer that is locked. */
const SANDBOX = "allow-scripts allow-same-origin allow-forms allow-downloads allow-popups allow-popups-to-escape-sandbox";
const strict = (faucet) =>
  `default-src 'none'; script-src 'nonce-abc'; style-src 'nonce-abc'; frame-src ${faucet}; base-uri 'none'; form-action 'none'`;
/** All that was told to any page of this file. */
const heard = [];
let installed;

provideShop({
  async pages(faucet) {
    const page = (body) => ({
      headers: { "content-security-policy": strict(faucet) },
      body: hostPage({
        faucet,
        attributes: "async nonce=abc",
        head: "<style nonce=abc>dripline-faucet{display:block;min-height:640px}dripline-faucet[layout=popup]{min-height:44px}.tall{height:9000px}</style>",
        body: `<main><h1>A shop</h1>${body}</main>`,
      }),
    });
    installed = await install();
    const react = `import { createRoot } from "react-dom/client";
      import { load } from "@dripline/embed";
      import { DriplineFaucet } from "@dripline/embed/react";
      globalThis.load = () => load("${faucet}").then((element) => customElements.getName(element), ({ message }) => message);
      globalThis.missed = [];
      createRoot(document.getElementById("root")).render(
        <DriplineFaucet faucet="${faucet}" site="shop" level="pipes-1" onError={(detail) => globalThis.missed.push(detail)} />,
      );`;
    return {
      "/below": page('<div class="tall"></div><dripline-faucet id="widget" site="shop" level="pipes-1"></dripline-faucet>'),
      "/popup": page('<dripline-faucet id="widget" site="shop" level="pipes-1" layout="popup"></dripline-faucet>'),
      "/card": page('<dripline-faucet id="widget" site="shop" level="pipes-1"></dripline-faucet>'),
      "/full": page('<dripline-faucet id="widget" site="shop" layout="full"></dripline-faucet>'),
      "/inline": page('<dripline-faucet id="widget" site="shop" layout="inline"></dripline-faucet>'),
      "/siteless": page('<dripline-faucet id="widget" level="pipes-1" label="Win"></dripline-faucet>'),
      "/react.js": { type: "text/javascript", body: await bundle(installed.folder, react) },
      "/react": { body: '<!doctype html><html lang="en"><title>A shop</title><div id="root"></div><script src="/react.js"></script></html>' },
    };
  },
});
after(() => installed?.end());

const at = (path) => `${hosts.origin(SHOP)}${path}`;
const startIn = (page) => widgetFrame(page).getByRole("button", { name: "Start", exact: true });
const widgetIn = (page) => page.locator("dripline-faucet");
/** Sets the widget's attribute, or takes it away. */
const change = (page, name, value) =>
  widgetIn(page).evaluate((widget, [name, value]) => (value === null ? widget.removeAttribute(name) : widget.setAttribute(name, value)), [name, value]);
const heightOf = async (page) => (await widgetIn(page).boundingBox()).height;
const call = (page, method) => page.evaluate((method) => document.querySelector("dripline-faucet")[method](), method);
/** What levels are called, as people read it. */
const namesOf = async (ids) => {
  const { levels } = await (await fetch(`${server.origin}/api/v1/catalog?site=shop`)).json();
  return ids.map((id) => levels.find((level) => level.id === id).level.name);
};
/** The details of all events of a kind, once there are so many. */
const details = async ({ page, told }, type, count = 1) => {
  await page.waitForFunction(({ type, count }) => globalThis.told.filter((one) => one.type === type).length >= count, { type, count });
  return (await told(type)).map(({ detail }) => detail);
};

/** Begins a round by this button, and clears it. */
async function playIn(page, button) {
  await widgetFrame(page).getByRole("button", { name: button, exact: true }).click();
  const frame = await widgetDocument(page);
  await frame.getByRole("application").waitFor();
  await playPipes(frame, mouse(page));
}

test("a frame waits until it comes near, in a sandbox, and its faucet is told the origin of the page and no more", async () => {
  const visited = await visitHost(browser, "about:blank");
  const { context, page, noticed, told } = visited;
  const asked = [];
  page.on("request", (request) => new URL(request.url()).pathname === "/embed/frame" && asked.push(request));
  // A frame that did not wait would be asked for before the page has loaded.
  await page.goto(at("/below"));
  const frame = page.locator("iframe");
  assert.equal(await frame.count(), 1);
  const attributes = await frame.evaluate((frame) => ["sandbox", "loading", "referrerpolicy"].map((name) => frame.getAttribute(name)));
  assert.deepEqual(attributes, [SANDBOX, "lazy", "origin"]);
  await call(page, "close");
  assert.deepEqual([asked.length, await told()], [0, []], "there is nothing to close, and nothing that was loaded");
  await call(page, "open");
  await details(visited, "ready");
  assert.ok((await page.evaluate(() => scrollY)) > 8000, "opened is what is in sight");
  assert.equal(await page.evaluate(() => document.activeElement.id), "widget");
  assert.equal(asked.length, 1);
  assert.equal((await asked[0].allHeaders()).referer, `${hosts.origin(SHOP)}/`);
  await call(page, "close");
  await startIn(page).waitFor();
  assert.equal(await frame.count(), 1, "only a popup is closed");
  assertQuiet(noticed);
  const leaves = await (await widgetDocument(page)).evaluate(() => {
    try {
      top.location.href = "about:blank";
      return "left";
    } catch (error) {
      return error.name;
    }
  });
  assert.equal(leaves, "SecurityError");
  heard.push(...(await told()));
  await context.close();
});

test("a round that is given up is told as ended, a faucet that gives no token is told of, and what is begun anew is another frame", async () => {
  const visited = await visitHost(browser, at("/below"));
  const { context, page, noticed, told } = visited;
  await call(page, "open");
  await startIn(page).click();
  const frame = await widgetDocument(page);
  await frame.getByRole("application").waitFor();
  await frame.locator("body").press("KeyP");
  await frame.getByRole("button", { name: "Give up" }).click();
  const [opened, ended] = await details(visited, "round", 2);
  assert.equal(opened.state, "opened");
  assert.deepEqual(ended, { ...opened, state: "ended" });
  const asked = [];
  await context.route("**/verification", (route) => (asked.push(route.request().postDataJSON()), route.abort()));
  await change(page, "cdata", "basket 8");
  await playIn(page, "Play again");
  const [{ token, level }] = await details(visited, "cleared");
  assert.deepEqual([token, level], [undefined, "pipes-1"]);
  assert.deepEqual((await details(visited, "error")).map(({ code }) => code), ["verification_missing"]);
  assert.deepEqual(asked.map(({ cdata }) => cdata), ["basket 8"], "what the page says of its visitor meanwhile is what goes with the round");
  const address = () => page.locator("iframe").getAttribute("src");
  const before = await address();
  await call(page, "reset");
  await details(visited, "ready", 2);
  await startIn(page).waitFor();
  assert.equal(await page.locator("iframe").count(), 1);
  const [place, number] = (await address()).split("#");
  assert.equal(place, before.split("#")[0]);
  assert.notEqual(number, before.split("#")[1], "its number is another one, so that the old frame is heard no more");
  assert.equal(frame.isDetached(), true);
  assertQuiet(noticed);
  heard.push(...(await told()));
  await context.close();
});

test("a round that is left for another one is told as ended, and nothing is kept of rounds once they are over", async () => {
  const folder = await mkdtemp(join(tmpdir(), "dripline-profile-"));
  const context = await startProfile(folder, { viewport: { width: 1000, height: 900 } });
  try {
    const visited = await visitHostIn(context, at("/full"));
    const { page, noticed } = visited;
    const frame = await widgetDocument(page);
    const start = async (level) => {
      await frame.getByRole("link", { name: `Play ${level}`, exact: true }).click();
      await frame.getByRole("button", { name: "Start", exact: true }).click();
      await frame.getByRole("application").waitFor();
    };
    const [first, second] = await namesOf(["catch-1", "pipes-1"]);
    await start(first);
    await frame.getByRole("link", { name: "Levels" }).click();
    await start(second);
    const [one, other, ended] = await details(visited, "round", 3);
    assert.deepEqual([one.state, other.state], ["opened", "opened"]);
    assert.deepEqual(ended, { ...one, state: "ended" });
    assert.deepEqual(await frame.evaluate(() => Object.keys(sessionStorage)), [other.round]);
    await frame.locator("body").press("KeyP");
    await frame.getByRole("button", { name: "Give up" }).click();
    assert.deepEqual((await details(visited, "round", 4))[3], { ...other, state: "ended" });
    assert.equal(await frame.evaluate(() => sessionStorage.length), 0);
    await playIn(page, "Play again");
    await details(visited, "cleared");
    assert.equal(await frame.evaluate(() => sessionStorage.length), 0);
    assertQuiet(noticed);
    heard.push(...(await visited.told()));
  } finally {
    await context.close();
    await rm(folder, { recursive: true, force: true });
  }
});

test("a refusal that is none of the faucet's, but of something that stands before it, is no event", async () => {
  const visited = await visitHost(browser, at("/card"));
  const { context, page, noticed, told } = visited;
  await startIn(page).waitFor();
  // So often the page tries before it says that it did not succeed.
  const answers = [{ message: "blocked" }, null, [], { code: 1020 }];
  await context.route("**/api/v1/rounds", async (route) => {
    await (answers.length === 0 ? route.continue() : route.fulfill({ status: 403, json: answers.shift() }));
  });
  await startIn(page).click();
  await widgetFrame(page).getByRole("alert").waitFor();
  assert.deepEqual([answers, await told("error")], [[], []]);
  await playIn(page, "Start");
  await details(visited, "cleared");
  assert.deepEqual(await told("error"), []);
  assertQuiet({ errors: noticed.errors.filter((text) => !text.includes("403")) });
  await context.close();
});

test("a language's tag that is none is left out, and one is told to the page as it is written", async () => {
  const visited = await visitHost(browser, at("/card"));
  const { context, page, noticed } = visited;
  await details(visited, "ready");
  let count = 1;
  for (const [said, expected] of [["en-12", "en-GB"], ["de-at", "de-AT"], ["de-de-de", "en-GB"], ["auto", "en-GB"]]) {
    await change(page, "lang", said);
    count += 1;
    await details(visited, "ready", count);
    assert.equal(await (await widgetDocument(page)).evaluate(() => navigator.language), expected, said);
  }
  assertQuiet(noticed);
  await context.close();
});

test("an element without a site tells so and hides, and shows the games once it has one", async () => {
  const visited = await visitHost(browser, at("/popup"));
  const { context, page, noticed, told } = visited;
  const widget = page.locator("dripline-faucet");
  await widget.evaluate((widget) => widget.removeAttribute("site"));
  const [{ code, message }] = await details(visited, "error");
  assert.equal(code, "site_missing");
  assert.ok(noticed.errors.some((text) => text.includes(message)), `${noticed.errors}`);
  assert.equal(await widget.boundingBox(), null);
  await widget.evaluate((widget) => widget.setAttribute("site", "shop"));
  await page.getByRole("button", { name: "Play", exact: true }).click();
  await startIn(page).waitFor();
  assert.equal((await details(visited, "ready"))[0].site, "shop");
  heard.push(...(await told()));
  await context.close();
});

test("what is wrong with an element is told to whoever listens to it right after it was put into the page", async () => {
  const { context, page } = await visitHost(browser, at("/card"));
  await startIn(page).waitFor();
  const codes = await page.evaluate(async () => {
    const widget = document.createElement("dripline-faucet");
    document.body.append(widget);
    const codes = [];
    widget.addEventListener("error", ({ detail }) => codes.push(detail.code));
    // All that runs now has ended by then.
    await new Promise((resolve) => setTimeout(resolve, 0));
    return codes;
  });
  assert.deepEqual(codes, ["site_missing"]);
  await context.close();
});

test("an element without a site that the loader finds in the page tells so once, whatever else it says", async () => {
  const { context, tells, told } = await visitHost(browser, at("/siteless"));
  assert.equal((await tells("error")).code, "site_missing");
  assert.equal((await told("error")).length, 1);
  await context.close();
});

test("attributes may be changed later: each is as if it had been said at first, and another height makes no other frame", async () => {
  const visited = await visitHost(browser, at("/card"));
  const { context, page, noticed } = visited;
  const frame = page.locator("iframe");
  const [first] = await details(visited, "ready");
  assert.equal(first.level, "pipes-1");
  const address = await frame.getAttribute("src");
  for (const [said, height] of [["700", 700], ["820px", 820], [null, 640], ["900", 900], ["-7", 640], ["0", 640], ["700", 700], ["tall", 640], ["700", 700]]) {
    await change(page, "height", said);
    assert.equal(await heightOf(page), height, `${said}`);
  }
  await change(page, "cdata", "basket 8");
  assert.equal(await frame.getAttribute("src"), address);
  await change(page, "level", "pipes-2");
  assert.equal((await details(visited, "ready", 2))[1].level, "pipes-2");
  await change(page, "lang", "de");
  await details(visited, "ready", 3);
  assert.equal(await (await widgetDocument(page)).evaluate(() => navigator.language), "de");
  await change(page, "label", "Win");
  await details(visited, "ready", 4);
  assert.equal(await frame.getAttribute("title"), "Win");
  assert.equal(await heightOf(page), 700, "what was changed before stays so");
  await change(page, "layout", "full");
  await details(visited, "ready", 5);
  const box = async () => widgetIn(page).boundingBox().then(({ width, height }) => [width, height]);
  const [width] = await box();
  assert.ok(width > 420, `${width}`);
  for (const height of ["500", null, "700"]) {
    await change(page, "height", height);
    assert.deepEqual(await box(), [width, 900], "the window's height, whatever else is said");
  }
  await change(page, "layout", "popup");
  await page.getByRole("button", { name: "Win", exact: true }).waitFor();
  assert.equal(await frame.count(), 0);
  await change(page, "label", null);
  await page.getByRole("button", { name: "Play", exact: true }).click();
  await details(visited, "ready", 6);
  await change(page, "layout", null);
  await details(visited, "ready", 7);
  assert.deepEqual(await box(), [420, 700]);
  assert.equal(await page.getByRole("button", { name: "Play", exact: true }).count(), 0);
  assertQuiet(noticed);
  heard.push(...(await visited.told()));
  await context.close();
});

test("several attributes that are set one after the other are one change, with one frame", async () => {
  const visited = await visitHost(browser, at("/card"));
  const { context, page, noticed } = visited;
  await details(visited, "ready");
  const said = { layout: "inline", level: "pipes-2", lang: "de", label: "Win", theme: "dark", height: "700" };
  const made = await widgetIn(page).evaluate(async (widget, said) => {
    const observer = new MutationObserver(() => {});
    observer.observe(widget.shadowRoot, { childList: true });
    for (const [name, value] of Object.entries(said)) {
      widget.setAttribute(name, value);
    }
    // The change follows when all that runs now has ended, and this after it.
    await null;
    return observer.takeRecords().flatMap(({ addedNodes }) => [...addedNodes]).map(({ src, title }) => [new URL(src).search, title]);
  }, said);
  assert.deepEqual(made, [["?site=shop&level=pipes-2&layout=inline&lang=de&theme=dark", "Win"]]);
  assert.equal((await details(visited, "ready", 2))[1].level, "pipes-2");
  assert.equal(await heightOf(page), 700);
  assertQuiet(noticed);
  await context.close();
});

test("an inline widget keeps another height until its visitor has done something in it, and is as high as what it shows from then on", async () => {
  const visited = await visitHost(browser, at("/inline"));
  const { context, page, noticed } = visited;
  await details(visited, "ready");
  await change(page, "height", "700");
  assert.equal(await heightOf(page), 700);
  const frame = await widgetDocument(page);
  await frame.getByRole("link", { name: "Wallet" }).first().click();
  await frame.getByRole("heading", { level: 1 }).first().waitFor();
  await frame.waitForFunction(() => innerHeight > 700 && Math.abs(innerHeight - document.body.getBoundingClientRect().height) < 2);
  const before = await heightOf(page);
  await change(page, "height", "650");
  assert.equal(await heightOf(page), before);
  await call(page, "reset");
  assert.equal(await heightOf(page), 650, "another visitor may come");
  assertQuiet(noticed);
  await context.close();
});

test("what the widget tells is heard by nobody around it", async () => {
  const visited = await visitHost(browser, at("/popup"));
  const { context, page, told } = visited;
  await page.evaluate(() => {
    globalThis.risen = [];
    for (const name of ["ready", "round", "cleared", "drip", "balance", "error", "close"]) {
      document.querySelector("main").addEventListener(name, ({ type }) => globalThis.risen.push(type));
    }
  });
  await call(page, "open");
  await details(visited, "ready");
  await call(page, "close");
  await details(visited, "close");
  await change(page, "site", null);
  await details(visited, "error");
  const types = (await told()).map(({ type }) => type);
  assert.ok(["ready", "close", "error"].every((type) => types.includes(type)), `${types}`);
  assert.deepEqual(await page.evaluate(() => globalThis.risen), []);
  await context.close();
});

test("a widget that is begun anew while it is not in the page shows and tells nothing, and is there once when it is back", async () => {
  const visited = await visitHost(browser, at("/popup"));
  const { context, page, noticed, told } = visited;
  const button = page.getByRole("button", { name: "Play", exact: true });
  await button.waitFor();
  const without = await widgetIn(page).evaluate((widget) => {
    const place = widget.parentElement;
    widget.remove();
    widget.reset();
    const { length } = widget.shadowRoot.childNodes;
    place.append(widget);
    document.createElement("dripline-faucet").reset();
    return length;
  });
  assert.equal(without, 0);
  assert.equal(await button.count(), 1);
  await button.click();
  await details(visited, "ready");
  assert.deepEqual(await told("error"), []);
  assertQuiet(noticed);
  await context.close();
});

test("under a strict policy a level is cleared in a popup; a claim that waits has its token though the frame was loaded anew meanwhile", async () => {
  const folder = await mkdtemp(join(tmpdir(), "dripline-profile-"));
  // The profile of somebody whose browser keeps what frames of others store.
  const context = await startProfile(folder, { viewport: { width: 1000, height: 900 } });
  try {
    const visited = await visitHostIn(context, at("/popup"));
    const { page, noticed, tells, told } = visited;
    await call(page, "open");
    await page.getByRole("dialog").waitFor();
    const CLAIMS = "**/api/v1/claims";
    await context.route(CLAIMS, (route) => route.fulfill(refusal(503, [{ code: "overloaded", until_ms: Date.now() }])));
    await playIn(page, "Start");
    assert.equal((await tells("error")).code, "overloaded");
    // A page that has no frame makes no claim.
    await call(page, "reset");
    assert.equal(await page.locator("iframe").count(), 0);
    assert.equal(await page.getByRole("dialog").count(), 0);
    assert.deepEqual(await details(visited, "close"), [{}], "what is begun anew is closed");
    await context.unroute(CLAIMS);
    await call(page, "open");
    const [cleared] = await details(visited, "cleared");
    const [{ round }] = await told("round").then((all) => all.map(({ detail }) => detail));
    assert.deepEqual([cleared.round, cleared.level, typeof cleared.token], [round, "pipes-1", "string"]);
    assert.equal((await verified(cleared.token)).round, round);
    await call(page, "close");
    await details(visited, "close", 2);
    assert.equal(await page.getByRole("dialog").count(), 0);
    heard.push(...(await told()));
    assertQuiet(noticed);
  } finally {
    await context.close();
    await rm(folder, { recursive: true, force: true });
  }
});

/** What a site's server is told of a round. */
async function verified(token) {
  const answer = await fetch(`${server.origin}/api/v1/siteverify`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ secret: shop.secret, token }),
  });
  return (await answer.json()).verified;
}

test("a loader that cannot be had is told by the component, and asked for again by whoever asks again", async () => {
  const context = await browser.newContext({ viewport: { width: 1000, height: 900 } });
  const LOADER = `${faucetOf(server)}/embed/v1.js`;
  const missing = `expected the loader of a Dripline faucet at ${LOADER}`;
  await context.route(LOADER, (route) => route.abort());
  const visited = await visitHostIn(context, at("/react"));
  const { page, told } = visited;
  await page.waitForFunction(() => globalThis.missed.length > 0);
  const missed = await page.evaluate(() => globalThis.missed);
  assert.deepEqual(missed, [{ code: "loader_missing", message: missing }]);
  heard.push(...missed.map((detail) => ({ type: "error", detail })));
  const load = () => page.evaluate(() => globalThis.load());
  assert.equal(await load(), missing);
  await context.unroute(LOADER);
  // Whatever else is there, as behind a proxy that answers by itself, defines no element.
  await context.route(LOADER, (route) => route.fulfill({ contentType: "text/javascript", body: "" }));
  assert.equal(await load(), missing);
  await context.unroute(LOADER);
  assert.equal(await page.locator("script[src*=embed]").count(), 0);
  const both = await page.evaluate(() => Promise.all([globalThis.load(), globalThis.load()]));
  assert.deepEqual(both, ["dripline-faucet", "dripline-faucet"]);
  assert.equal(await page.locator("script[src*=embed]").count(), 1);
  assert.equal((await details(visited, "ready"))[0].level, "pipes-1");
  heard.push(...(await told()));
  await context.close();
});

test("all that was told is what the package's types say of it, and of every event something was told", async () => {
  const lines = heard.map(({ type, detail }) => `void (${JSON.stringify(detail)} satisfies DriplineEvents[${JSON.stringify(type)}]);`);
  const program = `import type { DriplineEvents } from "@dripline/embed";\n${[...new Set(lines)].join("\n")}\n`;
  assert.equal(await compile(installed.folder, { "heard.mts": program }), "");
  const types = [...new Set(heard.map(({ type }) => type))].sort();
  assert.deepEqual(types, ["balance", "cleared", "close", "drip", "error", "ready", "round"]);
});
