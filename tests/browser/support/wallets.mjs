// Wallets of a host's page, which do as a test says: those that keep to the standards, and those that do not.

/**
 * Runs in the page before anything else of it, and has it announce these wallets: `{ name, kind?, icon?, signs?, breaks?, also? }`.
 * `also` is an address on Bitcoin, which it names before its own. `signs` is "other key", or "signIn" for one that signs no messages and makes
 * its text by the page's `signInText`; `breaks` is what of it throws. What the wallets were asked for is in `prompts`. It stands by itself, with
 * its own base58: it is sent to the browser as text.
 */
export function hostWallets(wallets) {
  if (window !== window.top || location.protocol === "about:") {
    return;
  }
  globalThis.prompts = [];
  const ICON = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>";
  const ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  const base58 = (bytes) => {
    let number = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
    let text = "";
    for (; number > 0n; number /= 58n) {
      text = ALPHABET[Number(number % 58n)] + text;
    }
    return "1".repeat(bytes.findIndex((byte) => byte !== 0)) + text;
  };
  const newKey = () => crypto.subtle.generateKey("Ed25519", true, ["sign"]);
  const solana = ({ name, icon = ICON, signs, breaks, also }) => {
    const chains = ["solana:devnet"];
    let pair;
    const wallet = {
      version: "1.0.0",
      name,
      icon,
      chains,
      accounts: [],
      features: {
        "standard:connect": {
          version: "1.0.0",
          async connect() {
            globalThis.prompts.push(`${name} connects`);
            pair = await newKey();
            const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
            const other = { address: also, publicKey: new Uint8Array(33), chains: ["bitcoin:mainnet"], features: ["bitcoin:connect"] };
            const own = { address: base58(publicKey), publicKey, chains, features: ["solana:signMessage"] };
            wallet.accounts = also ? [other, own] : [own];
            return { accounts: wallet.accounts };
          },
        },
        "solana:signMessage": {
          version: "1.1.0",
          async signMessage({ message }) {
            globalThis.prompts.push(`${name} signs`);
            const { privateKey } = signs === "other key" ? await newKey() : pair;
            return [{ signature: new Uint8Array(await crypto.subtle.sign("Ed25519", privateKey, message)), signedMessage: message }];
          },
        },
      },
    };
    if (signs === "signIn") {
      delete wallet.features["solana:signMessage"];
      wallet.features["solana:signIn"] = {
        version: "1.0.0",
        async signIn(input) {
          globalThis.prompts.push(`${name} signs in`);
          const signedMessage = new TextEncoder().encode(await globalThis.signInText(input));
          const signature = new Uint8Array(await crypto.subtle.sign("Ed25519", pair.privateKey, signedMessage));
          return [{ account: wallet.accounts.at(-1), signature, signedMessage }];
        },
      };
    }
    if (breaks) {
      Object.defineProperty(wallet, breaks, {
        get() {
          throw new Error("broken");
        },
      });
    }
    const tell = ({ register }) => register(wallet);
    addEventListener("wallet-standard:app-ready", ({ detail }) => tell(detail));
    dispatchEvent(new CustomEvent("wallet-standard:register-wallet", { detail: tell }));
  };

  const ethereum = ({ name, icon = ICON, breaks }) => {
    const info = { uuid: crypto.randomUUID(), name, icon, rdns: "example.wallet" };
    if (breaks === "info") {
      Object.defineProperty(info, "name", {
        get() {
          throw new Error("broken");
        },
      });
    }
    const provider = {
      async request({ method }) {
        if (method === "eth_requestAccounts") {
          globalThis.prompts.push(`${name} connects`);
          return [`0x${"ab".repeat(20)}`];
        }
        if (method === "personal_sign") {
          globalThis.prompts.push(`${name} signs`);
          return `0x${"1b".repeat(65)}`;
        }
        throw Object.assign(new Error("unsupported"), { code: 4200 });
      },
    };
    const tell = () => dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail: Object.freeze({ info, provider }) }));
    addEventListener("eip6963:requestProvider", tell);
    tell();
  };

  for (const wallet of wallets) {
    (wallet.kind === "ethereum" ? ethereum : solana)(wallet);
  }
}
