// A wallet of the Wallet Standard that does what a test tells it to: it declines, has another account, or puts what it signs into an
// envelope. That a real one is understood is for tests with one.

/**
 * Has pages of a context find it, before their own scripts run. What it is to do next is in `driplineWallet` of the page: `declines`,
 * `seed` (of the account's key), and what it was asked to sign is in `signed`, as texts.
 */
export async function bringWallet(context, { name = "Test wallet", seed = 1 } = {}) {
  await context.addInitScript(register, { name, seed });
}

function register({ name, seed }) {
  // Wallets do not come into frames.
  if (self !== top) {
    return;
  }
  const state = (globalThis.driplineWallet = { declines: false, seed, signed: [] });
  const ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  const base58 = (bytes) => {
    let number = bytes.reduce((number, byte) => number * 256n + BigInt(byte), 0n);
    let text = "";
    for (; number > 0n; number /= 58n) {
      text = ALPHABET[number % 58n] + text;
    }
    return text;
  };
  const keyOf = async () => {
    const secret = new Uint8Array(32).fill(state.seed);
    const bytes = Uint8Array.of(48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32, ...secret);
    const key = await crypto.subtle.importKey("pkcs8", bytes, "Ed25519", true, ["sign"]);
    const { x } = await crypto.subtle.exportKey("jwk", key);
    const publicKey = Uint8Array.from(atob(x.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
    return { key, publicKey };
  };
  const chains = ["solana:mainnet", "solana:devnet"];
  const features = ["solana:signMessage"];
  const wallet = {
    version: "1.0.0",
    name,
    icon: "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCAxIDEiPjxyZWN0IHdpZHRoPSIxIiBoZWlnaHQ9IjEiIGZpbGw9IiM3YTFmYTIiLz48L3N2Zz4=",
    chains,
    accounts: [],
    features: {
      "standard:connect": {
        version: "1.0.0",
        async connect() {
          const { publicKey } = await keyOf();
          wallet.accounts = [{ address: base58(publicKey), publicKey, chains, features }];
          return { accounts: wallet.accounts };
        },
      },
      "standard:events": { version: "1.0.0", on: () => () => {} },
      "solana:signMessage": {
        version: "1.1.0",
        async signMessage({ message }) {
          state.signed.push(new TextDecoder().decode(message));
          if (state.declines) {
            throw Object.assign(new Error("User rejected the request."), { code: 4001 });
          }
          const { key } = await keyOf();
          return [{ signedMessage: message, signature: new Uint8Array(await crypto.subtle.sign("Ed25519", key, message)) }];
        },
      },
    },
  };
  const callback = ({ register }) => register(wallet);
  const announce = () => dispatchEvent(new CustomEvent("wallet-standard:register-wallet", { detail: callback }));
  addEventListener("wallet-standard:app-ready", ({ detail }) => callback(detail));
  announce();
}
