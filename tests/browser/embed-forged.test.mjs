// Messages that others forge, between the widget's frame and the page around it. Each is right but for one thing, so that each check of
// the loader (`#heard`) and of the frame is held by itself.

import { test } from "node:test";
import assert from "node:assert/strict";
import { hosts, provideShop } from "./support/shop.mjs";
import { browser } from "./support/suite.mjs";
import { SHOP, assertQuiet, hostPage, visitHostIn, widgetDocument, widgetFrame } from "./support/widget.mjs";

const EVIL = "evil.localhost";

provideShop({
  pages(faucet) {
    const widget = (id) => `<dripline-faucet id="${id}" site="shop" level="pipes-1" height="420"></dripline-faucet>`;
    return {
      "/one": { body: hostPage({ faucet, body: widget("one") }) },
      "/two": { body: hostPage({ faucet, body: widget("one") + widget("other") }) },
      "/stranger": { body: "<!doctype html><title>A stranger</title>" },
    };
  },
});

/** Opens a host's page in the light, with its widgets ready. What channels its loader makes is counted there. */
async function visitWidgets(path, ids) {
  const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1000, height: 900 }, colorScheme: "light" });
  await context.addInitScript(() => {
    globalThis.channels = 0;
    globalThis.MessageChannel = class extends MessageChannel {
      constructor() {
        super();
        globalThis.channels += 1;
      }
    };
  });
  const visited = await visitHostIn(context, `${hosts.origin(SHOP)}${path}`);
  const { page } = visited;
  for (const id of ids) {
    await page.waitForFunction((id) => globalThis.told.some((one) => one.type === "ready" && one.id === id), id);
  }
  return { ...visited, context, channels: () => page.evaluate(() => globalThis.channels) };
}

/** The number that the loader has made up for a widget's frame. */
const numberOf = (page, id) =>
  page.locator(`#${id}`).evaluate((widget) => new URL(widget.shadowRoot.querySelector("iframe").src).hash.slice(1));

/** Does something in a document that sends messages to another one, and waits until that has had them all. */
async function sending(receiver, send) {
  await receiver.evaluate(() => {
    globalThis.hadAll = new Promise((resolve) => addEventListener("message", ({ data }) => data === "that was all" && resolve()));
  });
  await send();
  await receiver.evaluate(() => globalThis.hadAll);
}

/** Asserts that a widget's frame listens to its host, and to nobody who wanted it dark. */
async function assertListens(page, frame, radius) {
  await page.locator("#one").evaluate((widget, radius) => {
    widget.style.setProperty("--dripline-radius", radius);
    widget.setTheme("auto");
  }, radius);
  await frame.waitForFunction((radius) => document.documentElement.style.getPropertyValue("--radius") === radius, radius);
  assert.equal(await frame.locator("html").getAttribute("data-theme"), "light");
}

test("the widget's frame takes no port but from its parent's window, though it be of the host's origin and know the number", async () => {
  const { context, page, noticed } = await visitWidgets("/one", ["one"]);
  const frame = await widgetDocument(page, "one");
  const number = await numberOf(page, "one");
  await page.evaluate(() => new Promise((resolve) => document.body.append(Object.assign(document.createElement("iframe"), { id: "inner", src: "/stranger", onload: resolve }))));
  const inner = await (await page.$("#inner")).contentFrame();
  await sending(frame, () =>
    inner.evaluate((number) => {
      // A page of the host's origin finds the frame.
      const target = parent.document.querySelector("dripline-faucet").shadowRoot.querySelector("iframe").contentWindow;
      const { port1, port2 } = new MessageChannel();
      target.postMessage({ dripline: number }, "*", [port2]);
      port1.postMessage({ theme: "dark", look: {} });
      target.postMessage("that was all", "*");
    }, number),
  );
  await assertListens(page, frame, "7px");
  assertQuiet(noticed);
  await context.close();
});

test("the widget's frame takes no port from a page of another site that it has opened, though that know the number", async () => {
  const { context, page, noticed } = await visitWidgets("/one", ["one"]);
  const frame = await widgetDocument(page, "one");
  const number = await numberOf(page, "one");
  const opened = context.waitForEvent("page");
  await frame.evaluate((address) => void window.open(address), `${hosts.origin(EVIL)}/stranger`);
  const stranger = await opened;
  await stranger.waitForLoadState();
  await sending(frame, () =>
    stranger.evaluate((number) => {
      const { port1, port2 } = new MessageChannel();
      opener.postMessage({ dripline: number }, "*", [port2]);
      port1.postMessage({ theme: "dark", look: {} });
      opener.postMessage("that was all", "*");
    }, number),
  );
  await stranger.close();
  await assertListens(page, frame, "7px");
  assertQuiet(noticed);
  await context.close();
});

test("the widget's frame takes no port from its host with a wrong number, nor the number without a port", async () => {
  const { context, page, noticed } = await visitWidgets("/one", ["one"]);
  const frame = await widgetDocument(page, "one");
  const number = await numberOf(page, "one");
  await sending(frame, () =>
    page.locator("#one").evaluate((widget, number) => {
      const target = widget.shadowRoot.querySelector("iframe").contentWindow;
      const { port1, port2 } = new MessageChannel();
      target.postMessage({ dripline: "1-2-3-4" }, "*", [port2]);
      port1.postMessage({ theme: "dark", look: {} });
      target.postMessage({ dripline: number }, "*");
      target.postMessage({ theme: "dark" }, "*");
      target.postMessage("that was all", "*");
    }, number),
  );
  await assertListens(page, frame, "7px");
  // And rounds are told.
  await widgetFrame(page, "one").getByRole("button", { name: "Start", exact: true }).click();
  await page.waitForFunction(() => globalThis.told.some(({ type, detail }) => type === "round" && detail.state === "opened"));
  assertQuiet(noticed);
  await context.close();
});

test("the host answers no greeting of another frame of the faucet's, though that know the number", async () => {
  const { context, page, noticed, channels } = await visitWidgets("/two", ["one", "other"]);
  const number = await numberOf(page, "one");
  const before = await channels();
  assert.equal(before, 2, "one for each");
  const other = await widgetDocument(page, "other");
  await sending(page, () =>
    other.evaluate((number) => {
      parent.postMessage({ dripline: number }, "*");
      parent.postMessage("that was all", "*");
    }, number),
  );
  assert.equal(await channels(), before);
  await assertListens(page, await widgetDocument(page, "one"), "7px");
  assertQuiet(noticed);
  await context.close();
});

test("the host answers no greeting of a page of another site in the widget's frame, though that know the number", async () => {
  const { context, page, noticed, channels } = await visitWidgets("/one", ["one"]);
  const number = await numberOf(page, "one");
  const frame = await widgetDocument(page, "one");
  // The loader would miss its own page in the frame after a while, and take that one away.
  await page.clock.install();
  await page.clock.pauseAt(await page.evaluate(() => Date.now() + 1000));
  await frame.goto(`${hosts.origin(EVIL)}/stranger`);
  await sending(page, () =>
    frame.evaluate((number) => {
      parent.postMessage({ dripline: number }, "*");
      parent.postMessage("that was all", "*");
    }, number),
  );
  assert.equal(await channels(), 1, "that with the frame as it was");
  assertQuiet(noticed);
  await context.close();
});

test("the host answers no greeting of the widget's own frame with another number, nor one of itself", async () => {
  const { context, page, noticed, channels } = await visitWidgets("/one", ["one"]);
  const number = await numberOf(page, "one");
  const frame = await widgetDocument(page, "one");
  await sending(page, async () => {
    await page.evaluate((number) => postMessage({ dripline: number }, "*"), number);
    await frame.evaluate(() => {
      parent.postMessage({ dripline: "1-2-3-4" }, "*");
      parent.postMessage({}, "*");
      parent.postMessage(null, "*");
      parent.postMessage("that was all", "*");
    });
  });
  assert.equal(await channels(), 1);
  assertQuiet(noticed);
  await context.close();
});
