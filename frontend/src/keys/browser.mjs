// The player key in the browser's hands: its WebCrypto signs with it, its database keeps it. Nothing in here decides.
//
// JavaScript, for all of it is waiting for the browser: as futures of Rust the page is 2 KB larger. xtask puts it into the
// page's own script.

const ALGORITHM = "Ed25519";
/** What stands before the secret of an Ed25519 key in PKCS #8 (RFC 8410, section 7). */
const PKCS8 = [48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32];
/** The id of the element that says where the script is that lends a browser the algorithm. */
const SCRIPT = "curve";
/** What the browser may take for one step, in milliseconds: it needs a thousandth of that, but the script comes by the network. */
const PATIENCE_MS = 20_000;
/** How the record is encrypted. */
const CIPHER = "AES-GCM";
/** The id of the element that says where the program for wallets is. */
const PROGRAM = "connect";
/** The name under which the browser remembers which wallet is played for, but for the site's. */
const CONNECTION = "dripline/connection/1/";
const DATABASE = "dripline";
const DATABASE_VERSION = 1;
const STORE = "keys";

/**
 * What signs with a secret: `wallet` is the secret's public half, `own` the wallet that has it play for that here, if one does, and `sign`
 * gives the signature of bytes. Some browsers never sign twice alike: whatever must stay the same is kept. `consult` gives a request about
 * money signed, by that wallet where there is one; without a request it shows what can be done with wallets. It gives an empty text where
 * nothing was signed.
 */
export async function signer(secret) {
  const bytes = Uint8Array.of(...PKCS8, ...secret);
  // It can be read back, for a public half is told only so: whoever holds the key has the secret anyway, and no script but this
  // page's own holds it.
  const taken = () => settled(crypto.subtle.importKey("pkcs8", bytes, ALGORITHM, true, ["sign"]));
  try {
    const key = await taken().catch(async () => {
      await settled(lend());
      return taken();
    });
    const { x } = await settled(crypto.subtle.exportKey("jwk", key));
    const wallet = fromBase64url(x);
    const signer = {
      wallet,
      sign: async (text) => new Uint8Array(await settled(crypto.subtle.sign(ALGORITHM, key, text))),
      consult: async (request, decimals) => (await (await program()).consult(signer, request, decimals)) ?? "",
    };
    signer.own = connected(signer, x);
    return signer;
  } finally {
    // The browser has its own copy by now.
    bytes.fill(0);
  }
}

/** The wallet that has this key play for it here, if the browser remembers one; then the program tells when that ends. */
function connected(signer, key) {
  try {
    const { wallet, by, until } = JSON.parse(localStorage.getItem(CONNECTION + (window.driplineSite ?? "")));
    program().then(({ attend }) => attend(signer));
    return by === key && until > Date.now() ? wallet : undefined;
  } catch {
    // It remembers none, or nothing at all.
  }
}

/** Loads the program for players with wallets of their own. */
function program() {
  return import(document.getElementById(PROGRAM).content);
}

/** The secret that the browser keeps under a name; undefined where it keeps none. Fails where it cannot be read. */
export async function kept(name) {
  const database = await open();
  let record;
  try {
    record = await answer(database.transaction(STORE).objectStore(STORE).get(name));
  } finally {
    database.close();
  }
  if (record !== undefined) {
    const { wrapping, vector, sealed } = record;
    return new Uint8Array(await crypto.subtle.decrypt({ name: CIPHER, iv: vector }, wrapping, sealed));
  }
}

/** Encrypts a secret under a new key of the browser's, keeps both under a name, and returns once the browser says that both are written. */
export async function keep(name, secret) {
  const bytes = Uint8Array.from(secret);
  const vector = crypto.getRandomValues(new Uint8Array(12));
  // Not extractable: no script, this one included, can read the bytes of the wrapping key.
  const wrapping = await crypto.subtle.generateKey({ name: CIPHER, length: 256 }, false, ["encrypt", "decrypt"]);
  const sealed = await crypto.subtle.encrypt({ name: CIPHER, iv: vector }, wrapping, bytes);
  bytes.fill(0);
  const database = await open();
  try {
    const transaction = database.transaction(STORE, "readwrite");
    transaction.objectStore(STORE).put({ wrapping, vector, sealed }, name);
    await new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = transaction.onerror = reject;
    });
  } finally {
    database.close();
  }
}

/** Has the browser load the script that lends it the algorithm. */
function lend() {
  const script = document.createElement("script");
  script.type = "module";
  script.src = document.getElementById(SCRIPT).content;
  document.documentElement.append(script);
  return new Promise((resolve, reject) => {
    script.onload = resolve;
    script.onerror = reject;
  });
}

/** Waits for what the browser does, but not for ever. */
function settled(promise) {
  return Promise.race([promise, new Promise((_, reject) => setTimeout(reject, PATIENCE_MS))]);
}

/** The bytes of a text in base64url without padding (RFC 4648, section 5). */
function fromBase64url(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}

function open() {
  const request = indexedDB.open(DATABASE, DATABASE_VERSION);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return answer(request);
}

/** Waits for a request of the database. */
function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = reject;
  });
}
