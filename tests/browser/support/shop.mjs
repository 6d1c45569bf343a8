// A shop on another site than the faucet's, whose pages show the widget.

import { freePort, startHosts } from "./hosts.mjs";
import { provide, server } from "./suite.mjs";
import { FAUCET, SHOP, faucetOf, register } from "./widget.mjs";

/** The pages of others, while the tests of this file run: the shop is the host `SHOP` of them. */
export let hosts;
/** The shop as it was registered, with its keys. */
export let shop;

/**
 * Has a server and a browser started as `provide` has, pages served to others, and the shop registered as a site of the faucet's. `pages`
 * gives them from the faucet's origin, as `startHosts` takes them; `site` is what else the shop is registered with. `variables` are for
 * the server's environment, or give it, `more` gives further arguments of it, `prepare` is what else has to happen before the first
 * test, and `end` after the last.
 */
export function provideShop({ pages, site = {}, variables = {}, more, prepare = async () => {}, end = async () => {} }) {
  provide({
    port: freePort,
    more,
    async variables(port) {
      const given = typeof variables === "function" ? await variables() : variables;
      return { withKey: true, DRIPLINE_SERVER_PUBLIC_ORIGINS: `http://${FAUCET}:${port}`, ...given };
    },
    async prepare() {
      hosts = await startHosts(await pages(faucetOf(server)));
      shop = await register(server, { id: "shop", origins: [hosts.origin(SHOP)], campaign: "default", ...site });
      await prepare();
    },
    end: () => Promise.all([hosts?.close(), end()]),
  });
}
