// The widget in pages that are built with React, Vue and Svelte as they come, and pasted into posts of WordPress.

import { test } from "node:test";
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { sveltePages, vuePages } from "./support/hosts.mjs";
import { bundle, install } from "./support/package.mjs";
import { hosts, provideShop } from "./support/shop.mjs";
import { browser } from "./support/suite.mjs";
import { SHOP, assertQuiet, hostPage, visitHost, widgetDocument, widgetFrame } from "./support/widget.mjs";
import { autop } from "./support/wordpress.mjs";

const KEPT = "<style>dripline-faucet{display:block;min-height:640px}</style>";
provideShop({
  async pages(faucet) {
    const react = `import { useState, version } from "react";
      import { createRoot } from "react-dom/client";
      import { DriplineFaucet } from "@dripline/embed/react";
      globalThis.heard = [];
      globalThis.version = version;
      const Shop = () => {
        const [theme, setTheme] = useState("light");
        return <>
          <button onClick={() => setTheme("dark")}>Dark</button>
          <DriplineFaucet faucet="${faucet}" site="shop" level="pipes-1" theme={theme} className="games" onReady={({ level }) => globalThis.heard.push(level)} />
        </>;
      };
      const root = createRoot(document.getElementById("root"));
      root.render(<Shop />);
      globalThis.gone = () => root.unmount();`;
    /** Put into a page that has the loader already: what is wrong with the element is found out as it is put there. */
    const wrong = `import { createRoot } from "react-dom/client";
      import { load } from "@dripline/embed";
      import { DriplineFaucet } from "@dripline/embed/react";
      globalThis.heard = [];
      load("${faucet}").then(() => {
        const root = createRoot(document.getElementById("root"));
        root.render(<DriplineFaucet faucet="${faucet}" site="" onError={({ code }) => globalThis.heard.push(code)} />);
      });`;
    const [react18, wrong18] = await bundled(18, react, wrong);
    const [wrong19] = await bundled(19, wrong);
    const built = (path) => ({
      body: `<!doctype html><html lang="en"><title>A shop</title>${KEPT}<div id="root"></div><script src="${path}"></script></html>`,
    });
    const vue = `import { createApp, ref } from "/vue.js";
      globalThis.heard = [];
      const app = createApp({
        setup() {
          const theme = ref("light");
          return { theme, heard: ({ detail }) => globalThis.heard.push(detail.level) };
        },
        template: '<button @click="theme = \\'dark\\'">Dark</button><dripline-faucet site="shop" level="pipes-1" :theme="theme" @ready="heard" />',
      });
      app.config.compilerOptions.isCustomElement = (tag) => tag === "dripline-faucet";
      app.mount("#root");
      globalThis.gone = () => app.unmount();`;
    const svelte = sveltePages(`<script>let theme = $state("light");</script>
      <button onclick={() => (theme = "dark")}>Dark</button>
      <dripline-faucet site="shop" level="pipes-1" {theme} onready={({ detail }) => globalThis.heard.push(detail.level)}></dripline-faucet>`);
    const component = `import { mount, unmount } from "svelte";
      import Component from "/component.js";
      globalThis.heard = [];
      const shown = mount(Component, { target: document.getElementById("root") });
      globalThis.gone = () => unmount(shown);`;
    const page = (script, imports = {}) => ({
      body: hostPage({
        faucet,
        head: `${KEPT}<script type="importmap">${JSON.stringify({ imports })}</script>`,
        body: `<div id="root"></div><script type="module">${script}</script>`,
      }),
    });
    return {
      ...vuePages(),
      ...svelte.pages,
      "/react-18.js": { type: "text/javascript", body: react18 },
      "/wrong-18.js": { type: "text/javascript", body: wrong18 },
      "/wrong-19.js": { type: "text/javascript", body: wrong19 },
      "/React-18": built("/react-18.js"),
      "/wrong-18": built("/wrong-18.js"),
      "/wrong-19": built("/wrong-19.js"),
      "/Vue": page(vue),
      "/Svelte": page(component, svelte.imports),
      ...(await posts(faucet)),
    };
  },
});

/** What a bundler makes of programs with this version of React and the package for npm. */
async function bundled(version, ...programs) {
  const { folder, end } = await install(version);
  try {
    return await Promise.all(programs.map((program) => bundle(folder, program)));
  } finally {
    await end();
  }
}

/** Posts with the lines that `docs/embed.md` has people paste: all of them in the post, and the loader's in the theme's head. */
async function posts(faucet) {
  const guide = await readFile(new URL("../../docs/embed.md", import.meta.url), "utf8");
  const ours = (lines) => lines.replaceAll("https://faucet.example", faucet).replaceAll("your-site", "shop");
  const lines = ours(/```html\n([^]+?)\n```/.exec(guide)[1]);
  const block = ours(/`(<div data-dripline-site="your-site"><\/div>)`/.exec(guide)[1]);
  const [loader] = lines.split("\n");
  const post = (head, text) => ({
    body: `<!doctype html><html lang="en"><head><title>A post</title>${head}</head><body><article><h1>A post</h1><div class="entry-content">
${autop(text)}</div></article></body></html>`,
  });
  return {
    "/post": post("", `Win a coupon.\n\nPlay here:\n${lines}\nGood luck!`),
    "/post-alone": post("", lines),
    "/post-block": post(loader, `Win a coupon:\n${block}\n\nGood luck!`),
  };
}

const startIn = (page) => widgetFrame(page).getByRole("button", { name: "Start", exact: true });

for (const framework of ["React 18", "Vue", "Svelte"]) {
  test(`a host built with ${framework} shows it, hears it, changes its theme and takes it away`, async () => {
    const { context, page, noticed, told } = await visitHost(browser, `${hosts.origin(SHOP)}/${framework.replace(" ", "-")}`);
    await startIn(page).waitFor();
    await page.waitForFunction(() => globalThis.heard.length === 1);
    assert.deepEqual(await page.evaluate(() => globalThis.heard), ["pipes-1"]);
    if (framework.startsWith("React")) {
      assert.equal(await page.evaluate(() => `React ${parseInt(globalThis.version, 10)}`), framework);
      assert.equal(await page.locator("dripline-faucet").getAttribute("class"), "games");
    }
    const frame = await widgetDocument(page);
    await page.getByRole("button", { name: "Dark" }).click();
    await frame.waitForFunction(() => getComputedStyle(document.documentElement).colorScheme === "dark");
    assert.equal((await told("ready")).length, 1, "the frame is the same");
    await page.evaluate(() => globalThis.gone());
    await page.waitForFunction(() => frames.length === 0);
    assertQuiet(noticed);
    await context.close();
  });
}

test("the component of React hears what is wrong with the element as it is put into the page", async () => {
  for (const version of [18, 19]) {
    const { context, page } = await visitHost(browser, `${hosts.origin(SHOP)}/wrong-${version}`);
    await page.waitForFunction(() => globalThis.told.length > 0);
    assert.deepEqual(await page.evaluate(() => globalThis.heard), ["site_missing"], `React ${version}`);
    await context.close();
  }
});

test("the documented lines show it in a post of WordPress, whatever paragraphs and breaks are made of them", async () => {
  const made = [];
  for (const path of ["/post", "/post-alone", "/post-block"]) {
    const { context, page, noticed, tells } = await visitHost(browser, `${hosts.origin(SHOP)}${path}`);
    assert.equal((await tells("ready")).site, "shop");
    await widgetFrame(page).getByRole("link", { name: /^Play/ }).first().waitFor();
    assert.equal(await page.locator("iframe").count(), 1);
    const { width, height } = await page.locator("dripline-faucet").boundingBox();
    assert.deepEqual([width, height], [420, 640], path);
    made.push(await page.locator("dripline-faucet").evaluate((widget) => widget.parentElement.localName));
    // And when the post is put there again, as some themes do, the loader is there already.
    await page.evaluate(async () => {
      const answer = await fetch(location.href);
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      globalThis.told.length = 0;
      document.querySelector(".entry-content").innerHTML = fresh.querySelector(".entry-content").innerHTML;
    });
    await tells("ready");
    assert.equal(await page.locator("iframe").count(), 1);
    assertQuiet(noticed);
    await context.close();
  }
  assert.deepEqual(made, ["p", "p", "div"]);
});
