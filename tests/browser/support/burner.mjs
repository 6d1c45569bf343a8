// A real wallet of the Wallet Standard: the burner wallet of npm, in the standard's adapter, as a bundler makes a script of both.

import { build } from "esbuild";
import { fileURLToPath } from "node:url";

/**
 * What registers the wallet with the page, as it comes from npm: its key is made at the first connection, and gone with the page. With
 * `isKept` the browser's session keeps the key, as wallets do that are not burned. That overwrites the wallet's own way to connect and what
 * it has for itself, so it is only for pages that are loaded anew while they are connected.
 */
const SOURCE = (isKept) => `
  import { Keypair } from "@solana/web3.js";
  import { UnsafeBurnerWalletAdapter } from "@solana/wallet-adapter-unsafe-burner";
  import { SolanaWalletAdapterWallet } from "@solana/wallet-standard-wallet-adapter-base";
  import { registerWallet } from "@wallet-standard/wallet";
  const adapter = new UnsafeBurnerWalletAdapter();
  if (${isKept}) {
    adapter.connect = async () => {
      const kept = sessionStorage.getItem("burner");
      adapter._keypair = kept ? Keypair.fromSecretKey(Uint8Array.from(JSON.parse(kept))) : new Keypair();
      sessionStorage.setItem("burner", JSON.stringify([...adapter._keypair.secretKey]));
      adapter.emit("connect", adapter.publicKey);
    };
  }
  globalThis.burner = adapter;
  registerWallet(new SolanaWalletAdapterWallet(adapter, "solana:devnet", "http://127.0.0.1:1"));
`;

/** The script, for a page that has a wallet. */
export async function burner({ isKept = false } = {}) {
  const made = await build({
    stdin: { contents: SOURCE(isKept), resolveDir: fileURLToPath(new URL("..", import.meta.url)), loader: "js" },
    bundle: true,
    write: false,
    minify: true,
    format: "iife",
    define: { global: "globalThis" },
    logLevel: "error",
  });
  return made.outputFiles[0].text;
}
