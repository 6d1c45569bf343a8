// What this browser's key has of its own: earned as a guest, before a wallet was connected, and not moved to it. In a frame it moves to
// no wallet at all, for the wallets there are those that the page around tells of, which could be one of that page's own.

import { coins } from "../modules/encoding.mjs";
import { phrases } from "./phrases.mjs";
import { ask, faucet } from "./server.mjs";
import { element, ownPage, paragraph } from "./sheet.mjs";
import { isFramed } from "../embed/wallets.js";

/** What a key has, in words, as `0.0047 DRIP`; an empty text where it has nothing. */
export async function held(key) {
  // Asked with a query, which means nothing to the faucet: without one the frame's script takes the answer for the player's own balance.
  const { money } = await ask(`/api/v1/wallets/${key}?of=guest`);
  const all = Object.entries(money).filter(([, { balance }]) => balance !== "0");
  if (all.length === 0) {
    return "";
  }
  const { assets } = await faucet();
  return all.map(([code, { balance }]) => coins(balance, assets.find((asset) => asset.code === code))).join(", ");
}

/** The same where it is of no weight: without an answer nothing is said of it. */
export const heldIfKnown = (key) => held(key).catch(() => "");

/** In a frame: why what a guest has moves to no wallet there, and how its owner takes it along. */
export const staying = () =>
  element("div", { class: "connect-part" }, paragraph(phrases.staysWhy), element("ol", {}, ...phrases.staysSteps.map((step) => element("li", {}, step))), ownPage());

/**
 * Has the card of the key shown, which is in the wallet page, while the browser plays for a wallet: only its backup brings back what the key
 * has itself. `data-guest` says to the stylesheet that it has something, and `--guest` what is said of that.
 */
export async function showKey(key) {
  // What is not known is said without an amount: better once too often than not at all.
  const amounts = await held(key).catch(() => undefined);
  const root = document.documentElement;
  root.toggleAttribute("data-guest", amounts !== "");
  root.style.setProperty("--guest", JSON.stringify(phrases.keyHas(amounts, isFramed)));
}
