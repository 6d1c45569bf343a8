// Finds the wallets of a page's visitor, and has them sign what the visitor has read. Wallets are not to be had in frames: so this runs in
// the page around the frame, which the loader asks for it when the frame does, and in the faucet's own pages.
//
// It hands on what the standards say and nothing more: Wallet Standard (`standard:connect`, `solana:signMessage`, `solana:signIn`) and, for
// addresses on other chains, EIP-6963 with EIP-1193's `eth_requestAccounts` and `personal_sign`. It asks a wallet for a signature over
// texts of the form of the faucet's statements alone, made for the page that it is in; for a transaction it cannot ask.
(() => {
  /** So many wallets are told of, and so much of each, in letters. */
  const WALLETS_MAX = 32;
  const NAME_MAX = 64;
  const ICON_MAX = 65_536;
  /** The longest text, and what a wallet may return as signed, in bytes. */
  const SIGNED_BYTES_MAX = 2048;
  const SIGNATURE_BYTES = { solana: 64, ethereum: 65 };
  const ICON = /^data:image\/(png|webp|svg\+xml|jpeg|gif)[;,]/;
  const ADDRESS = { solana: /^[1-9A-HJ-NP-Za-km-z]{32,44}$/, ethereum: /^0x[\da-f]{40}$/i };
  const ACCOUNT = { Solana: "solana", Ethereum: "ethereum" };
  /**
   * All that wallets are asked to agree to, as `docs/protocol.md` has it (sections 10 and 14), with `*` for a word or an amount. A host
   * has texts of its own to sign in by: with none of these a frame could have its visitors sign one of those.
   */
  const SENTENCES = [
    "Let this browser's key * start rounds and claim rewards for me in Dripline until *. It cannot choose where I am paid. This moves no money.",
    "List the keys that may play for me in Dripline. This changes nothing.",
    "Let a key no longer play for me in Dripline, from now on. This moves no money.",
    "Pay what I withdraw from Dripline to * by *. This alone moves no money.",
    "Withdraw * to * by *. Of this, the fee takes at most *.",
    "Pay to this address what the wallet * withdraws from Dripline by *. This alone moves no money.",
  ].map((text) => new RegExp(`^${text.replace(/\./g, "\\.").replace(/\*/g, "\\S+(?: \\S+)?")}$`));

  /** Why nothing came of it, by a code that stays. */
  const failed = (code) => Object.assign(new Error(code), { code });

  // --- Who is there ------------------------------------------------------------------------------------------------------------

  /** Wallets of the Wallet Standard, in the order in which they came. */
  const registered = new Set();
  const api = Object.freeze({
    register: (...wallets) => {
      wallets.forEach((wallet) => registered.add(wallet));
      return () => wallets.forEach((wallet) => registered.delete(wallet));
    },
  });
  addEventListener("wallet-standard:register-wallet", ({ detail }) => typeof detail === "function" && detail(api));
  dispatchEvent(new CustomEvent("wallet-standard:app-ready", { detail: api }));

  /** Providers of EIP-6963, by their ids. */
  const announced = new Map();
  addEventListener("eip6963:announceProvider", ({ detail }) => {
    if (typeof detail?.info?.uuid === "string" && typeof detail.provider?.request === "function") {
      announced.set(detail.info.uuid, detail);
    }
  });

  const canSign = ({ features, chains }) =>
    features["standard:connect"] &&
    (features["solana:signMessage"] || features["solana:signIn"]) &&
    chains.some((chain) => chain.startsWith("solana:"));

  /** Every wallet that could sign, by an id of its own. A wallet that does not keep to the standard is none. */
  const known = () => {
    dispatchEvent(new Event("eip6963:requestProvider"));
    const found = new Map();
    const add = (kind, id, { name: said, icon }, wallet) => {
      // Without what is not seen, and turns the letters around it.
      const name = typeof said === "string" ? said.slice(0, NAME_MAX).replace(/\p{C}/gu, "").trim() : "";
      if (found.size < WALLETS_MAX && name !== "" && id.length <= NAME_MAX + kind.length + 1) {
        const picture = typeof icon === "string" && icon.length <= ICON_MAX && ICON.test(icon) ? icon : "";
        // Of two that say the same of themselves, the visitor could not choose one.
        found.has(id) || found.set(id, { wallet, told: { id, kind, name, icon: picture } });
      }
    };
    for (const wallet of registered) {
      try {
        if (canSign(wallet)) {
          add("solana", `solana:${wallet.name}`, wallet, wallet);
        }
      } catch {
        // It has no features, or chains that are none.
      }
    }
    for (const [uuid, detail] of announced) {
      try {
        add("ethereum", `ethereum:${uuid}`, detail.info, detail.provider);
      } catch {
        // It does not say who it is. The others do.
      }
    }
    return found;
  };

  const chosen = (id) => {
    const found = known().get(id);
    if (!found) {
      throw failed("unavailable");
    }
    return { kind: found.told.kind, wallet: found.wallet };
  };

  // --- What is asked of them ---------------------------------------------------------------------------------------------------

  /** What a wallet answers. That it throws means that its owner did not want it: wallets have no other word for that in common. */
  const asked = async (ask) => {
    try {
      return await ask();
    } catch (error) {
      throw failed(["unavailable", "unsupported"].includes(error?.code) ? error.code : "declined");
    }
  };

  const connect = async (id) => {
    const { kind, wallet } = chosen(id);
    const accounts = await asked(async () => {
      if (kind === "ethereum") {
        return await wallet.request({ method: "eth_requestAccounts" });
      }
      // Accounts that the page has already are not asked for again: some wallets would make a new one.
      return wallet.accounts.length > 0 ? wallet.accounts : (await wallet.features["standard:connect"].connect()).accounts;
    });
    // A wallet of several chains has accounts of the others as well, whose addresses may look alike.
    const isSolana = (account) => Array.from(account?.chains ?? []).some((chain) => String(chain).startsWith("solana:"));
    const addresses =
      kind === "ethereum" ? Array.from(accounts ?? []) : Array.from(accounts ?? []).filter(isSolana).map(({ address }) => address);
    // Wallets put the one that their owner has chosen first.
    const address = addresses.find((address) => typeof address === "string" && ADDRESS[kind].test(address));
    if (!address) {
      throw failed("unsupported");
    }
    return { address };
  };

  /** What a statement's text says, line by line; `null` where it is none of the faucet's for this page and this address. */
  const fields = (kind, address, site, text) => {
    const [account, owner, blank, statement, gap, ...lines] = text.split("\n");
    const said = {};
    const resources = [];
    for (const line of lines) {
      const [, name, value] = /^(URI|Version|Chain ID|Nonce|Issued At|Expiration Time): (.+)$/.exec(line) ?? [];
      if (line.startsWith("- dripline:")) {
        resources.push(line.slice(2));
      } else if (name) {
        said[name] = value;
      } else if (line !== "Resources:") {
        return null;
      }
    }
    const chain = / your (\w+) account:$/.exec(account)?.[1];
    const isOurs =
      ACCOUNT[chain] === kind &&
      account === `${location.host} wants you to sign in with your ${chain} account:` &&
      owner === address &&
      blank === "" &&
      SENTENCES.some((sentence) => sentence.test(statement)) &&
      gap === "" &&
      said.URI === location.origin &&
      /^[\da-f]{32}$/.test(said.Nonce) &&
      resources.filter((resource) => /^dripline:faucet:[\da-f]{64}$/.test(resource)).length === 1 &&
      resources.every((resource) => !resource.startsWith("dripline:site:") || resource === `dripline:site:${site}`) &&
      // What a key may do is for the site of the page that prompts, and for no other.
      (!site || !resources.some((resource) => resource.startsWith("dripline:delegate:")) || resources.includes(`dripline:site:${site}`));
    return isOurs ? { ...said, statement, resources } : null;
  };

  const bytesOf = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));

  const bySolana = async (wallet, address, text, said) => {
    const own = () => wallet.accounts.find((account) => account.address === address);
    if (!own()) {
      // The page was loaded anew since the visitor has connected.
      await wallet.features["standard:connect"].connect();
    }
    const account = own();
    if (!account) {
      throw failed("unavailable");
    }
    const { "solana:signMessage": message, "solana:signIn": signIn } = wallet.features;
    const answers = message
      ? await message.signMessage({ account, message: new TextEncoder().encode(text) })
      : await signIn.signIn({
          domain: location.host,
          address,
          statement: said.statement,
          uri: said.URI,
          version: said.Version,
          chainId: said["Chain ID"],
          nonce: said.Nonce,
          issuedAt: said["Issued At"],
          expirationTime: said["Expiration Time"],
          resources: said.resources,
        });
    return { signature: answers?.[0]?.signature, signedMessage: answers?.[0]?.signedMessage };
  };

  const byEthereum = async (wallet, address, text) => {
    const signedMessage = new TextEncoder().encode(text);
    const hex = Array.from(signedMessage, (byte) => byte.toString(16).padStart(2, "0")).join("");
    const signature = await wallet.request({ method: "personal_sign", params: [`0x${hex}`, address] });
    return { signature: typeof signature === "string" && /^0x[\da-f]+$/i.test(signature) ? bytesOf(signature.slice(2)) : undefined, signedMessage };
  };

  const sign = async ({ id, address, text }, site) => {
    const { kind, wallet } = chosen(id);
    const said = typeof text === "string" && text.length <= SIGNED_BYTES_MAX && fields(kind, address, site, text);
    if (!said) {
      throw failed("unsupported");
    }
    const { signature, signedMessage } = await asked(() => (kind === "solana" ? bySolana : byEthereum)(wallet, address, text, said));
    // Some wallets are of a realm of their own: their arrays are not ours.
    const isBytes = (value) => ArrayBuffer.isView(value);
    if (!isBytes(signature) || !isBytes(signedMessage) || signature.length !== SIGNATURE_BYTES[kind] || signedMessage.length > SIGNED_BYTES_MAX) {
      throw failed("unsupported");
    }
    return { signature: Uint8Array.from(signature), signedMessage: Uint8Array.from(signedMessage) };
  };

  /** What gives up the question that a wallet has not answered yet. */
  let giveUp = () => {};

  /** Does what is asked: `wallets`, `connect` or `sign`. A wallet that never answers is left by asking again. */
  const bridge = async (request, site) => {
    if (request?.ask === "wallets") {
      return Array.from(known().values(), ({ told }) => told);
    }
    giveUp(failed("declined"));
    const left = new Promise((_, refuse) => (giveUp = refuse));
    switch (request?.ask) {
      case "connect":
        return Promise.race([connect(request.id), left]);
      case "sign":
        return Promise.race([sign(request, site), left]);
      default:
        throw failed("unsupported");
    }
  };
  // Whoever has put this script into the page waits for it.
  document.currentScript?.dripline?.(bridge);
})();
