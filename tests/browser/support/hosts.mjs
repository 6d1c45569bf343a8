// Pages of others, which show the faucet's widget: a small server for hosts of many names, each a site of its own to the browser.

import { once } from "node:events";
import { readFileSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/**
 * Serves pages by their paths, whatever the host is called. A page is `{ body, headers?, type? }`, or what gives it from the name of
 * the host.
 */
export async function startHosts(pages) {
  const server = createServer((request, response) => {
    const url = new URL(request.url, "http://host");
    const found = pages[url.pathname];
    const page = typeof found === "function" ? found(request.headers.host, url) : found;
    if (!page) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "content-type": page.type ?? "text/html; charset=utf-8", "cache-control": "no-store", ...page.headers });
    response.end(page.body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  return {
    port,
    /** The origin of a host: `shop.localhost`. */
    origin: (name) => `http://${name}:${port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/**
 * React as a module of a page, and the package for npm: what a bundler makes of them, without one. Gives pages for `startHosts`, and
 * the import map that names them.
 */
export function reactPages() {
  const require = createRequire(import.meta.url);
  const script = (path) => readFileSync(require.resolve(path), "utf8");
  const folder = (name) => dirname(require.resolve(`${name}/package.json`));
  const parts = {
    scheduler: join(folder("scheduler"), "cjs/scheduler.production.js"),
    react: join(folder("react"), "cjs/react.production.js"),
    "react-dom": join(folder("react-dom"), "cjs/react-dom.production.js"),
    "react-dom/client": join(folder("react-dom"), "cjs/react-dom-client.production.js"),
  };
  const modules = Object.entries(parts).map(([name, path]) => `${JSON.stringify(name)}: (module, exports, require) => {${script(path)}\n}`);
  const whole = `const modules = {${modules.join(",")}}, made = {};
    const require = (name) => made[name]?.exports ?? (modules[name](made[name] = { exports: {} }, made[name].exports, require), made[name].exports);
    export const { createElement, forwardRef, useEffect, useImperativeHandle, useLayoutEffect, useRef, useState } = require("react");
    export const { createRoot } = require("react-dom/client");`;
  const type = "text/javascript";
  const own = (name) => ({ type, body: readFileSync(new URL(`../../../frontend/embed/package/${name}`, import.meta.url), "utf8") });
  return {
    imports: { react: "/react-whole.js", "@dripline/embed/react": "/package/react.js" },
    pages: { "/react-whole.js": { type, body: whole }, "/package/react.js": own("react.js"), "/package/index.js": own("index.js") },
  };
}

/** Vue with its compiler, as a page loads it that is built by nothing: a page for `startHosts`. */
export function vuePages() {
  const require = createRequire(import.meta.url);
  const path = join(dirname(require.resolve("vue/package.json")), "dist/vue.esm-browser.prod.js");
  return { "/vue.js": { type: "text/javascript", body: readFileSync(path, "utf8") } };
}

/**
 * A component of Svelte, compiled, with all modules of Svelte that it may load, as they come. Gives pages for `startHosts`, and the import map
 * that names them; the component is `/component.js`.
 */
export function sveltePages(source) {
  const require = createRequire(import.meta.url);
  const type = "text/javascript";
  const pages = { "/component.js": { type, body: require("svelte/compiler").compile(source, { generate: "client" }).js.code } };
  const folders = { svelte: dirname(require.resolve("svelte/package.json")) };
  for (const name of ["clsx", "esm-env"]) {
    folders[name] = dirname(createRequire(join(folders.svelte, "package.json")).resolve(name));
  }
  for (const [name, folder] of Object.entries(folders)) {
    for (const file of readdirSync(folder, { recursive: true }).filter((file) => /\.m?js$/.test(file) && !/compiler|server|node_modules/.test(file))) {
      pages[`/modules/${name}/${file}`] = { type, body: readFileSync(join(folder, file), "utf8") };
    }
  }
  const imports = {
    svelte: "/modules/svelte/src/index-client.js",
    "svelte/internal/client": "/modules/svelte/src/internal/client/index.js",
    "svelte/internal/disclose-version": "/modules/svelte/src/internal/disclose-version.js",
    "svelte/reactivity": "/modules/svelte/src/reactivity/index-client.js",
    "svelte/events": "/modules/svelte/src/events/index.js",
    "#client/constants": "/modules/svelte/src/internal/client/constants.js",
    "esm-env": "/modules/esm-env/index.js",
    "esm-env/browser": "/modules/esm-env/true.js",
    "esm-env/development": "/modules/esm-env/false.js",
    "esm-env/node": "/modules/esm-env/false.js",
    clsx: "/modules/clsx/clsx.mjs",
  };
  return { pages, imports };
}

/** A port that is free at the moment. */
export async function freePort() {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
