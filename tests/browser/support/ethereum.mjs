// A wallet for EVM chains (EIP-6963, EIP-1193) with a real key. It does what a test tells it to: it says that it is somebody else, or signs
// something else than it was asked to.

import { hexToString } from "viem";

/**
 * Has a page find it, before the page's own scripts run. `account` is who it says it is, `signer` whose key it has and `text` what it
 * signs of what it is asked to, which is in `asked`. A test changes them at any time.
 */
export async function bringEthereum(page, account, { name = "Ether" } = {}) {
  const wallet = { account, signer: account, text: (asked) => asked, asked: [] };
  await page.exposeFunction("ethereumRequest", ({ method, params }) => {
    if (method === "eth_requestAccounts") {
      // Wallets give them without their checksum.
      return [wallet.account.address.toLowerCase()];
    }
    const [data, address] = params ?? [];
    if (method !== "personal_sign" || address?.toLowerCase() !== wallet.account.address.toLowerCase()) {
      throw new Error(`${method} is nothing that it does for ${address}`);
    }
    const text = hexToString(data);
    wallet.asked.push(text);
    return wallet.signer.signMessage({ message: wallet.text(text) });
  });
  await page.addInitScript(announce, name);
  return wallet;
}

/** Runs in the page. A test takes the wallet out of it by `ethereumIsThere`, and puts it back. */
function announce(name) {
  // Wallets do not come into frames.
  if (self !== top) {
    return;
  }
  globalThis.ethereumIsThere = true;
  const info = { uuid: "350670db-19fa-4704-a166-e52e178b59d2", name, icon: "data:image/svg+xml,<svg/>", rdns: "example.ether" };
  const detail = Object.freeze({ provider: { request: (request) => globalThis.ethereumRequest(request) }, info });
  const tell = () => globalThis.ethereumIsThere && dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));
  addEventListener("eip6963:requestProvider", tell);
  tell();
}
