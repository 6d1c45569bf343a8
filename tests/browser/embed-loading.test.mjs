// How the widget comes into pages of others, and what becomes of it where it does not: it is held to a digest, the faucet is slow or gone for
// a while, the page is refused, or the loader is not loaded as it should be.

import { test } from "node:test";
import assert from "node:assert/strict";
import { reactPages } from "./support/hosts.mjs";
import { hosts, provideShop } from "./support/shop.mjs";
import { browser, server } from "./support/suite.mjs";
import { SHOP, assertQuiet, faucetOf, hostPage, register, visitHost, visitHostIn, widgetDocument, widgetFrame } from "./support/widget.mjs";

const KEPT = "<style nonce=abc>dripline-faucet{display:block;min-height:640px}body{margin:0}</style>";
const ONE = `<dripline-faucet id="widget" site="shop" level="pipes-1"></dripline-faucet>`;
/** Another faucet's name: what it has of the loader is the same. */
const OTHER = "faucet.other.localhost";
/** A page that shows the shop's in a frame, and a site whose widget is in pages of both. */
const MALL = "mall.localhost";

/** The shop's origin, by the host of another page. */
const inShop = (host) => `http://${SHOP}:${host.split(":")[1]}`;

provideShop({
  async pages(faucet) {
    const { script, integrity } = await (await fetch(`${server.origin}/embed/v1.json`)).json();
    const loader = { type: "text/javascript", body: await (await fetch(server.origin + script)).text() };
    const page = (body, more = {}) => ({ body: hostPage({ faucet, head: KEPT, body, ...more }) });
    const held = page(ONE, { path: script, attributes: `async integrity="${integrity}" crossorigin="anonymous"` });
    const policy = `default-src 'none'; script-src '${integrity}'; style-src 'nonce-abc'; frame-src ${faucet}; base-uri 'none'; form-action 'none'`;
    return {
      "/held": { ...held, headers: { "content-security-policy": policy } },
      "/digest": page(ONE, { path: script, attributes: `async integrity="${integrity}" crossorigin="anonymous"` }),
      "/named": { body: `<!doctype html><title>A shop</title><img name="currentScript" src="${faucet}/embed/v1.x"><script src="${faucet}/embed/v1.js"></script>${ONE}` },
      "/plain": page(ONE),
      "/typed": (_, url) => ({ ...page(ONE), headers: { "content-security-policy": url.searchParams.get("policy") } }),
      "/of-mall": page(ONE.replace("shop", "mall")),
      "/around": (host, url) => ({
        body: `<!doctype html><title>Around</title>
          <iframe id="inner" width="600" height="700" src="${inShop(host)}${url.searchParams.get("of")}"></iframe>`,
      }),
      "/popup": page(ONE.replace("site", 'layout="popup" site')),
      "/own": page(`${ONE.replace("site", 'layout="popup" site')}<button onclick="widget.open()">Win</button><button onclick="bought += 1">Buy</button>
        <script>globalThis.bought = 0</script>`),
      "/module": page(ONE, { attributes: "type=module" }),
      "/bundled": page(`${ONE}<script src="/bundle.js"></script>`, { attributes: "type=text/plain" }),
      "/bundle.js": loader,
      "/embed/v1.js": loader,
      "/package.js": reactPages().pages["/package/index.js"],
    };
  },
  site: { look: { title: "Win a coupon" } },
});

const at = (path, host = SHOP) => `${hosts.origin(host)}${path}`;
const widgetAt = (path, host) => visitHost(browser, at(path, host));
const startIn = (page) => widgetFrame(page).getByRole("button", { name: "Start", exact: true });
const codesOf = async (told) => (await told("error")).map(({ detail }) => detail.code);
/** A profile whose requests for these addresses go through `answer`. */
async function profile(address, answer) {
  const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1000, height: 900 } });
  await context.route(address, answer);
  return context;
}

test("a loader that is held to its digest, at the address of its content, shows the widget under a policy that names nothing else", async () => {
  const { context, page, noticed, tells } = await widgetAt("/held");
  assert.equal((await tells("ready")).level, "pipes-1");
  await startIn(page).waitFor();
  assertQuiet(noticed);
  await context.close();
});

test("the widget is there before the faucet has said what it knows of the site", async () => {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  const context = await profile("**/api/v1/sites/shop", (route) => held.then(() => route.continue()));
  const { page, noticed, tells } = await visitHostIn(context, at("/plain"));
  await tells("ready");
  const root = widgetFrame(page).locator("html");
  assert.equal(await root.getAttribute("data-title"), null, "the site's look is not known yet");
  release();
  await widgetFrame(page).locator("html[data-title]").waitFor();
  assertQuiet(noticed);
  await context.close();
});

test("a faucet that has too much to do when it is asked about the site is asked again", async () => {
  const refusals = [503, 429];
  const context = await profile("**/api/v1/sites/shop", (route) => (refusals.length ? route.fulfill({ status: refusals.shift() }) : route.continue()));
  const { page, noticed, tells } = await visitHostIn(context, at("/plain"));
  await tells("ready");
  await widgetFrame(page).locator("html[data-title]").waitFor();
  assert.deepEqual(refusals, []);
  assertQuiet(noticed);
  await context.close();
});

test("a frame that could not be had once is loaded again, and nobody is told that the page is refused", async () => {
  let refusals = 0;
  const context = await profile("**/embed/frame?*", (route) => (refusals++ ? route.continue() : route.fulfill({ status: 429 })));
  const { page, noticed, tells, told } = await visitHostIn(context, at("/plain"));
  await tells("ready");
  assert.equal(refusals, 2);
  await startIn(page).waitFor();
  assert.deepEqual(await codesOf(told), []);
  assertQuiet(noticed);
  await context.close();
});

for (const path of ["/plain", "/popup"]) {
  test(`a faucet that cannot be reached is told as that, and its widget is back once it can: ${path.slice(1)}`, async () => {
    let isGone = true;
    const gone = (route) => (isGone ? route.abort() : route.continue());
    const context = await profile("**/embed/frame?*", gone);
    // The loader that is asked for once more: what the page has of it was loaded before.
    await context.route("**/embed/v1.js?*", gone);
    const { page, noticed, tells, told } = await visitHostIn(context, at(path));
    const widget = page.locator("dripline-faucet");
    const button = page.getByRole("button", { name: "Play" });
    if (path === "/popup") {
      await button.click();
    }
    const { code, message } = await tells("error");
    assert.equal(code, "faucet_unreachable");
    assert.ok(message.startsWith(faucetOf(server)), message);
    assert.ok(noticed.errors.some((text) => text.startsWith("Dripline:")), `${noticed.errors}`);
    assert.equal(await widget.boundingBox(), null, "visitors see nothing");
    assert.notEqual(await widget.evaluate((widget) => widget.shadowRoot.querySelector("dialog")?.open), true, "nor is the page held by a dialog");
    isGone = false;
    await tells("ready");
    if (path === "/popup") {
      await button.click();
    }
    await startIn(page).waitFor();
    assert.deepEqual(await codesOf(told), ["faucet_unreachable"], "once");
    await context.close();
  });
}

test("a popup that is not displayed holds no page whose own button opens it: neither one that was taken away nor one that the page hides", async () => {
  let isGone = true;
  const gone = (route) => (isGone ? route.abort() : route.continue());
  const context = await profile("**/embed/frame?*", gone);
  await context.route("**/embed/v1.js?*", gone);
  const { page, tells } = await visitHostIn(context, at("/own"));
  const widget = page.locator("dripline-faucet");
  const win = page.getByRole("button", { name: "Win" });
  let bought = 0;
  const assertFree = async () => {
    assert.equal(await widget.evaluate((widget) => widget.shadowRoot.querySelector(":modal")), null);
    const buy = page.getByRole("button", { name: "Buy" });
    // Whatever else is there, and takes the press.
    const { x, y, width, height } = await buy.boundingBox();
    await page.mouse.click(x + width / 2, y + height / 2);
    bought += 1;
    assert.equal(await page.evaluate(() => globalThis.bought), bought);
  };
  await win.click();
  assert.equal((await tells("error")).code, "faucet_unreachable");
  await assertFree();
  await win.click();
  await assertFree();
  isGone = false;
  await tells("ready");
  await widget.evaluate((widget) => (widget.hidden = true));
  await win.click();
  await assertFree();
  await widget.evaluate((widget) => (widget.hidden = false));
  await win.click();
  await startIn(page).waitFor();
  await context.close();
});

test("a page in the frame that reloads itself while the faucet is away is missed like one that never came, each time", async () => {
  let isGone = false;
  const gone = (route) => (isGone ? route.abort() : route.continue());
  const context = await profile("**/embed/frame?*", gone);
  await context.route("**/embed/v1.js?*", gone);
  const { page, told } = await visitHostIn(context, at("/plain"));
  const widget = page.locator("dripline-faucet");
  const heard = (type, count) =>
    page.waitForFunction(([type, count]) => globalThis.told.filter((one) => one.type === type).length === count, [type, count]);
  for (const time of [1, 2]) {
    await heard("ready", time);
    isGone = true;
    await (await widgetDocument(page)).evaluate(() => void location.reload());
    await heard("error", time);
    assert.equal(await widget.boundingBox(), null, "visitors see nothing");
    isGone = false;
  }
  await heard("ready", 3);
  await startIn(page).waitFor();
  assert.deepEqual(await codesOf(told), ["faucet_unreachable", "faucet_unreachable"]);
  // And one that reloads itself while the faucet is there is greeted anew.
  await (await widgetDocument(page)).evaluate(() => void location.reload());
  await heard("ready", 4);
  await startIn(page).waitFor();
  await context.close();
});

test("a page that holds the loader to its digest is brought no other script, whatever the faucet has at the loader's address", async () => {
  const context = await profile("**/embed/frame?*", (route) => route.fulfill({ status: 404 }));
  let asked = 0;
  await context.route(/\/embed\/v1\..*\?/, (route) => {
    asked += 1;
    return route.fulfill({ contentType: "text/javascript", headers: { "access-control-allow-origin": "*" }, body: "globalThis.taken = true" });
  });
  const { page, tells } = await visitHostIn(context, at("/digest"));
  assert.equal((await tells("error")).code, "faucet_unreachable");
  assert.equal(asked, 1);
  assert.equal(await page.evaluate(() => globalThis.taken), undefined);
  await context.close();
});

test("a page whose policy lets in the loader's digest alone is told as well that its origin is not registered", async () => {
  const { context, tells } = await widgetAt("/held", MALL);
  assert.equal((await tells("error")).code, "origin_refused");
  await context.close();
});

test("an image that a user of the page has named like the running script has it load nothing", async () => {
  const { context, page, noticed } = await widgetAt("/named");
  assert.equal(await page.evaluate(() => customElements.get("dripline-faucet") === undefined), true);
  assert.ok(noticed.errors.some((text) => text.startsWith("Dripline:")), `${noticed.errors}`);
  assert.equal(await page.locator("iframe").count(), 0);
  await context.close();
});

test("a faucet that cannot be reached is tried seven times within a minute and a half, with pauses twice as long each time, and then not before it is opened", async () => {
  const asked = [];
  const context = await profile("**/embed/frame?*", (route) => (asked.push(route.request().url()), route.abort()));
  await context.route("**/embed/v1.js?*", (route) => route.abort());
  await context.clock.install({ time: 0 });
  await context.clock.pauseAt(1000);
  const { page, told } = await visitHostIn(context, at("/plain"));
  await page.evaluate(() => {
    const { shadowRoot } = document.querySelector("dripline-faucet");
    globalThis.loads = 0;
    globalThis.misses = 0;
    shadowRoot.addEventListener("load", () => (globalThis.loads += 1), true);
    document.addEventListener("error", ({ target }) => (globalThis.misses += target.localName === "script"), true);
    // The first may have been there before.
    document.querySelector("dripline-faucet").reset();
  });
  const number = () => page.locator("iframe").getAttribute("src");
  let passed = 0;
  const pass = async (duration) => {
    await context.clock.runFor(duration);
    passed += duration;
  };
  for (let load = 1; load <= 7; load += 1) {
    await page.waitForFunction((load) => globalThis.loads === load, load);
    const before = await number();
    await pass(2000);
    await page.waitForFunction((load) => globalThis.misses === load, load);
    if (load < 7) {
      await pass(1000 * 2 ** (load - 1) - 1);
      assert.equal(await number(), before, `before load ${load + 1}`);
      await pass(1);
      assert.notEqual(await number(), before, `load ${load + 1}`);
    }
  }
  assert.ok(passed > 60_000 && passed <= 90_000, `${passed} ms`);
  const last = await number();
  await pass(3_600_000);
  assert.equal(await number(), last);
  assert.deepEqual(await codesOf(told), ["faucet_unreachable"], "once");
  await page.evaluate(() => document.querySelector("dripline-faucet").open());
  assert.notEqual(await number(), last);
  assert.notEqual(await page.locator("dripline-faucet").boundingBox(), null);
  await context.close();
});

test("an origin that is not registered is refused: the developer is told, and visitors see nothing", async () => {
  for (const host of ["other.localhost", `${SHOP}.evil.localhost`]) {
    const { context, page, noticed, tells, told } = await widgetAt("/plain", host);
    const { code, message } = await tells("error");
    assert.equal(code, "origin_refused");
    assert.ok(message.includes(`${hosts.origin(host)}:`) && message.includes('"shop"'), message);
    assert.ok(noticed.errors.some((text) => text.startsWith("Dripline:") && text.includes(hosts.origin(host))), `${noticed.errors}`);
    await page.locator("dripline-faucet").evaluate((widget) => widget.style.setProperty("display", "block", "important"));
    assert.equal(await page.locator("dripline-faucet").boundingBox(), null, "whatever the page says");
    assert.equal(await page.locator("iframe").count(), 0);
    assert.deepEqual(await codesOf(told), ["origin_refused"]);
    await context.close();
  }
});

/** A page that has another one in a frame, and what there is in that: its document, and what its widget tells. */
async function framedAt(path, host) {
  const visited = await visitHost(browser, at(`/around?of=${path}`, host));
  const inner = await (await visited.page.$("#inner")).contentFrame();
  const tells = (type) => inner.waitForFunction((type) => globalThis.told.find((one) => one.type === type)?.detail, type).then((it) => it.jsonValue());
  return { ...visited, inner, tells };
}

test("a page of a registered origin is refused in a frame of a page that is not, and the developer is told that it may be that one", async () => {
  const { context, page, inner, noticed, tells } = await framedAt("/plain", "evil.localhost");
  const { code, message } = await tells("error");
  assert.equal(code, "origin_refused");
  assert.ok(message.includes(`${hosts.origin(SHOP)}, or not that of a page around this one:`), message);
  assert.ok(noticed.errors.some((text) => text.includes(message)), `${noticed.errors}`);
  assert.ok(noticed.errors.some((text) => text.includes("frame-ancestors")), `${noticed.errors}`);
  assert.equal(await inner.locator("dripline-faucet").boundingBox(), null);
  assert.deepEqual(page.frames().map((frame) => new URL(frame.url()).host), [`evil.localhost:${hosts.port}`, `${SHOP}:${hosts.port}`]);
  await context.close();
});

test("a page in a frame shows the widget where the page around it is of a registered origin, too", async () => {
  await register(server, { id: "mall", origins: [hosts.origin(SHOP), hosts.origin(MALL)], campaign: "default" });
  for (const [path, host, site] of [["/plain", SHOP, "shop"], ["/of-mall", MALL, "mall"]]) {
    const { context, noticed, tells } = await framedAt(path, host);
    assert.equal((await tells("ready")).site, site);
    assertQuiet(noticed);
    await context.close();
  }
});

test("what a page that wants trusted types lets in decides what the developer is told of an origin that is not registered", async () => {
  const TYPED = "require-trusted-types-for 'script'";
  const told = async (policy) => {
    const { context, tells } = await widgetAt(`/typed?policy=${encodeURIComponent(policy)}`, "other.localhost");
    const { code } = await tells("error");
    await context.close();
    return [policy, code];
  };
  const expected = {
    [TYPED]: "origin_refused",
    [`${TYPED}; trusted-types dripline`]: "origin_refused",
    // Without our policy nothing can be asked for, but where none is needed.
    [`${TYPED}; trusted-types shop`]: "faucet_unreachable",
    "trusted-types shop": "origin_refused",
  };
  assert.deepEqual(Object.fromEntries(await Promise.all(Object.keys(expected).map(told))), expected);
});

test("a page of no origin is refused", async () => {
  const { context, page } = await widgetAt("/plain");
  const refused = await page.evaluate(
    (faucet) =>
      new Promise((resolve) => {
        addEventListener("message", ({ data }) => data.told && resolve(data.told));
        const inner = document.createElement("iframe");
        inner.sandbox = "allow-scripts";
        inner.srcdoc = `<script src="${faucet}/embed/v1.js"></scr` + `ipt><dripline-faucet site="shop"></dripline-faucet>
          <script>document.querySelector("dripline-faucet").addEventListener("error", ({ detail }) => parent.postMessage({ told: detail.code }, "*"))</scr` + `ipt>`;
        document.body.append(inner);
      }),
    faucetOf(server),
  );
  assert.equal(refused, "origin_refused");
  await context.close();
});

for (const path of ["/module", "/bundled"]) {
  test(`a loader that is not loaded by a tag of its own does nothing and says so: ${path.slice(1)}`, async () => {
    const { context, page, noticed } = await widgetAt(path);
    assert.equal(await page.evaluate(() => customElements.get("dripline-faucet") === undefined), true);
    assert.deepEqual(noticed.errors.map((text) => /^Dripline: .*no module, and no part of a bundle/.test(text)), [true], `${noticed.errors}`);
    await context.close();
  });
}

test("the loader of a second faucet says that the page has one already, and the package's promise of it is broken", async () => {
  const { context, page, noticed } = await widgetAt("/plain");
  await startIn(page).waitFor();
  const told = await page.evaluate(async ([faucet, other]) => {
    const { load } = await import("/package.js");
    const element = await load(faucet);
    const refused = await load(other).catch((error) => error.message);
    return { isSame: element === customElements.get("dripline-faucet"), refused };
  }, [faucetOf(server), hosts.origin(OTHER)]);
  assert.equal(told.isSame, true);
  assert.ok(told.refused.includes(faucetOf(server)) && told.refused.includes(hosts.origin(OTHER)), told.refused);
  assert.equal(noticed.errors.length, 1, "the faucet's own loader, loaded twice, says nothing");
  assert.ok(noticed.errors[0].startsWith("Dripline:") && noticed.errors[0].includes(hosts.origin(OTHER)), noticed.errors[0]);
  assert.equal(await page.locator("iframe").count(), 1);
  await context.close();
});
