// Pages of others, which show the faucet's widget: a small server for hosts of many names, each a site of its own to the browser.

import { once } from "node:events";
import { createServer } from "node:http";

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
