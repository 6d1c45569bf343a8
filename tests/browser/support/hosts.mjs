// Pages of others, which show the faucet's widget: a small server for hosts of many names, each a site of its own to the browser.

import { once } from "node:events";
import { readFileSync } from "node:fs";
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
    export const { createElement, forwardRef, useEffect, useImperativeHandle, useRef, useState } = require("react");
    export const { createRoot } = require("react-dom/client");`;
  const type = "text/javascript";
  const own = (name) => ({ type, body: readFileSync(new URL(`../../../frontend/embed/package/${name}`, import.meta.url), "utf8") });
  return {
    imports: { react: "/react-whole.js", "@dripline/embed/react": "/package/react.js" },
    pages: { "/react-whole.js": { type, body: whole }, "/package/react.js": own("react.js"), "/package/index.js": own("index.js") },
  };
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
