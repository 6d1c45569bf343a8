// The widget in pages that are built with Vue and Svelte as they come, and pasted into a page that is there already.

import { test } from "node:test";
import assert from "node:assert/strict";
import { sveltePages, vuePages } from "./support/hosts.mjs";
import { hosts, provideShop } from "./support/shop.mjs";
import { browser, server } from "./support/suite.mjs";
import { SHOP, assertQuiet, faucetOf, hostPage, visitHost, widgetDocument, widgetFrame } from "./support/widget.mjs";

const KEPT = "<style>dripline-faucet{display:block;min-height:640px}</style>";
provideShop({
  async pages(faucet) {
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
      "/vue": page(vue),
      "/svelte": page(component, svelte.imports),
      "/pasted": { body: `<!doctype html><html lang="en"><title>A post</title><main><h1>A post</h1><div class="entry-content"></div></main></html>` },
    };
  },
});

const startIn = (page) => widgetFrame(page).getByRole("button", { name: "Start", exact: true });

for (const framework of ["vue", "svelte"]) {
  test(`a host built with ${framework} shows it, hears it, changes its theme and takes it away`, async () => {
    const { context, page, noticed, told } = await visitHost(browser, `${hosts.origin(SHOP)}/${framework}`);
    await startIn(page).waitFor();
    await page.waitForFunction(() => globalThis.heard.length === 1);
    assert.deepEqual(await page.evaluate(() => globalThis.heard), ["pipes-1"]);
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

test("lines that are pasted into a page that is there already show it, as an element and as a block", async () => {
  const faucet = faucetOf(server);
  for (const lines of [`<dripline-faucet site="shop" level="pipes-1"></dripline-faucet>`, `<p><div data-dripline-site="shop" data-dripline-level="pipes-1"></div></p>`]) {
    const { context, page, noticed, tells } = await visitHost(browser, `${hosts.origin(SHOP)}/pasted`);
    await page.evaluate(
      ({ faucet, lines }) => {
        // As an editor or a plugin does: the loader once, and then the post's own lines.
        document.head.append(Object.assign(document.createElement("script"), { src: `${faucet}/embed/v1.js`, async: true }));
        document.querySelector(".entry-content").innerHTML = lines;
      },
      { faucet, lines },
    );
    assert.equal((await tells("ready")).level, "pipes-1");
    // And when the post is put there again, the loader is there already.
    await page.evaluate((lines) => {
      globalThis.told.length = 0;
      document.querySelector(".entry-content").innerHTML = lines;
    }, lines);
    await tells("ready");
    await startIn(page).waitFor();
    assert.equal(await page.locator("iframe").count(), 1);
    assertQuiet(noticed);
    await context.close();
  }
});
