// Having something signed: the text is shown in full, with what it means, and nothing is signed before whoever plays has agreed to it.

import * as bridge from "../embed/wallets.js";
import { toBase58, toBase64, toBase64url, toBytes, toHex } from "../modules/encoding.mjs";
import { phrases } from "./phrases.mjs";
import { Failed, faucet } from "./server.mjs";
import { STATEMENT_MS } from "./statements.mjs";
import { CLOSED, LEFT, element, failed, leave, paragraph, shown, waiting } from "./sheet.mjs";

/** How old a text may be when it is signed: it has to reach the faucet within its time, and wallets take theirs. */
const FRESH_MS = STATEMENT_MS - 60_000;

/** The key of this browser: as statements have it, as the page knows it again, and what signs a text with it. */
export const keyOf = ({ wallet, sign }) => ({
  key: toBase58(wallet),
  by: toBase64url(wallet),
  async sign(text) {
    try {
      return toBase58(await sign(toBytes(text)));
    } catch {
      throw new Failed("not_signed_here");
    }
  },
});

/** The wallets of a kind that can be reached from this page. */
export async function found(kind) {
  return (await bridge.wallets()).filter((wallet) => wallet.kind === kind);
}

/** A wallet that has told its address: `{ id, name, address }`. */
export async function connected({ id, name }, title = phrases.choose) {
  const { address } = await waiting(title, phrases.connecting(name), bridge.connect(id));
  return { id, name, address };
}

/** The wallet that this browser plays for, which has to be here and to answer with the same account. */
let session;
export async function reached({ wallet, name }) {
  if (session?.address !== wallet) {
    const own = (await waiting(phrases.agree, phrases.looking, found("solana"))).find((one) => one.name === name);
    if (!own) {
      throw new Failed("gone");
    }
    const here = await connected(own, phrases.agree);
    if (here.address !== wallet) {
      throw new Failed("other_account");
    }
    session = here;
  }
  return session;
}

/** The page at which wallets prompt: its origin, and in a page of others its site. */
export const place = () => ({ origin: bridge.origin(), site: window.driplineSite });

/** What goes into every request: the faucet, its clock, and the page at which the wallet prompts. */
export async function circumstances() {
  return { ...(await waiting(phrases.agree, phrases.asking, faucet())), ...place() };
}

/** The fields that every request has anew. */
export const fresh = ({ faucet, now, origin, site }) => ({
  client_id: toHex(crypto.getRandomValues(new Uint8Array(16))),
  issued_at_ms: now(),
  origin,
  ...(site === undefined ? {} : { site }),
  faucet,
});

/** Has a wallet sign a text. Gives the fields that say so in a request. */
export const byWallet = ({ id, name, address }) => async (text) => {
  const { signature, signedMessage } = await waiting(phrases.agree, phrases.signing(name), bridge.sign(id, address, text));
  const bare = toBytes(text);
  const isBare = signedMessage.length === bare.length && bare.every((byte, at) => byte === signedMessage[at]);
  return { ...(isBare ? {} : { signed_message: toBase64(signedMessage) }), signature: toBase58(signature) };
};

/**
 * Shows a request's text and what it means, and has it signed. `make` makes the request and its text anew, from what was chosen where
 * there is a choice (`{ label, values, name }`). Gives the request with what `by` adds, and its text. `isShownOnlyHere` is true where `by`
 * is not a wallet that shows the text once more: then a frame has it read in every browser.
 */
export async function agreed({ title = phrases.agree, means, make, by, label = phrases.sign, choice, isShownOnlyHere = false }) {
  let note;
  for (;;) {
    let made = make(choice?.values[0]);
    const text = element("pre", { class: "connect-text", tabindex: "0", role: "region", "aria-label": phrases.whole });
    // Written anew, it has the same lines: it is these that have to be seen.
    const write = () =>
      made.text.split("\n").forEach((line, at) => {
        const kept = text.children[at] ?? text.appendChild(element("span", line.startsWith("- ") ? { class: "connect-resource" } : {}));
        kept.textContent = `${at > 0 ? "\n" : ""}${line}`;
      });
    write();
    const select = choice && element("select", { id: "connect-choice" });
    for (const value of choice?.values ?? []) {
      select.append(element("option", { value }, choice.name(value)));
    }
    select?.addEventListener("change", () => {
      made = make(Number(select.value));
      write();
    });
    const pressed = await shown({
      title,
      content: [
        note && paragraph(note, { role: "status", class: "is-risk" }),
        paragraph(means),
        select && element("p", { class: "connect-choice" }, element("label", { for: "connect-choice" }, choice.label), select),
        text,
      ],
      buttons: [
        { name: label, value: "sign", kind: "", isAssured: true, isReadAnyhow: isShownOnlyHere },
        { name: phrases.back, value: "back" },
      ],
    });
    if (pressed !== "sign") {
      leave(pressed);
    }
    if (made.now() - made.request.issued_at_ms > FRESH_MS) {
      note = phrases.anew;
      continue;
    }
    return { request: { ...made.request, ...(await by(made.text)) }, text: made.text };
  }
}

/** Takes steps until they are done, or whoever plays goes back. Gives what they came to, if they did. */
export async function attempt(steps) {
  for (;;) {
    try {
      try {
        return await steps();
      } catch (error) {
        if (error === LEFT || error === CLOSED) {
          throw error;
        }
        await failed(error);
      }
    } catch (left) {
      if (left === LEFT) {
        return undefined;
      }
      throw left;
    }
  }
}
