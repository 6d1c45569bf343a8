// The program for players with wallets of their own. The page loads it when somebody asks for it, when a request about money is to be
// signed, and from the start where the browser plays for a wallet: then it tells what becomes of that.

import { attempt, keyOf } from "./agreement.mjs";
import { forget, remembered, standing } from "./connection.mjs";
import { connect, looked, moved, parted, renew } from "./delegating.mjs";
import { heldIfKnown, showKey, staying } from "./guest.mjs";
import { phrases } from "./phrases.mjs";
import { granted, sanctioned } from "./sanction.mjs";
import { CLOSED, close, element, noted, paragraph, shown, styled } from "./sheet.mjs";
import { isFramed } from "../embed/wallets.js";

/** What is remembered; nothing where the browser keeps nothing, as it then cannot be. */
function record() {
  try {
    return remembered();
  } catch {
    return undefined;
  }
}

/** What is remembered, where the page plays by it. */
function inForce({ own }) {
  const kept = record();
  return own !== undefined && kept?.wallet === own ? kept : undefined;
}

/**
 * Has a request about money signed, and gives it as it is sent; nothing where it was not signed. `decimals` are those of its asset. Without
 * a request, it shows what there is to do with wallets. `signer` is what signs with the browser's key.
 */
export async function consult(signer, request, decimals) {
  const own = keyOf(signer);
  try {
    const kept = inForce(signer);
    if (request) {
      const asked = JSON.parse(request);
      const signed = await (signer.own === undefined ? granted(own, asked, decimals) : sanctioned(kept ?? lostRecord(signer), asked, decimals));
      return signed && JSON.stringify(signed);
    }
    if (await (kept ? managed(own, kept) : connect(own))) {
      location.reload();
    }
  } catch (error) {
    if (error !== CLOSED) {
      throw error;
    }
  } finally {
    close();
  }
  return undefined;
}

/**
 * The page plays for a wallet that is remembered no more: since it was loaded, another window of this browser has parted from it or connected
 * another one, or what the browser keeps was cleared. Which wallet it was is still known, by what name it is found is not.
 */
const lostRecord = ({ own }) => ({ wallet: own, name: "" });

/** What there is to do with the wallet that is connected. Gives whether the page plays for somebody else, or for longer, now. */
async function managed(own, kept) {
  const guest = await heldIfKnown(own.key);
  const canMove = guest !== "" && !isFramed;
  for (;;) {
    const pressed = await shown({
      title: phrases.connected(kept.name),
      content: [
        paragraph(phrases.connectedWhy(kept.until)),
        element("p", { class: "connect-address" }, element("span", { class: "quiet" }, `${phrases.plays} `), element("code", {}, kept.wallet)),
        canMove ? paragraph(phrases.moveWhy(guest)) : undefined,
        ...(guest !== "" && isFramed ? [element("strong", {}, phrases.stays(guest)), staying()] : []),
      ],
      buttons: [
        ...(canMove ? [{ name: phrases.moveYes, value: "move", kind: "" }] : []),
        { name: phrases.renew, value: "renew" },
        { name: phrases.list, value: "list" },
        { name: phrases.disconnect, value: "part" },
        { name: phrases.close, value: "close" },
      ],
    });
    if (pressed === "renew") {
      kept = (await renew(own, kept)) ?? kept;
    } else if (pressed === "move") {
      // What the page shows is another balance then.
      if (await attempt(() => moved(own, kept))) {
        return true;
      }
    } else if (pressed === "list" || pressed === "part") {
      if (await attempt(() => (pressed === "list" ? looked(own, kept) : parted(kept)))) {
        return true;
      }
    } else {
      return false;
    }
  }
}

let isAttending = false;

/** Tells what has become of the connection that the browser remembers. `signer` is what the page signs with. */
export async function attend(signer) {
  const kept = record();
  // Of keys that are only looked at, as those of backups are, nobody has to be told.
  if (isAttending || !kept) {
    return;
  }
  isAttending = true;
  const own = keyOf(signer);
  const { name, until } = kept;
  const now = standing(kept, own.by, Date.now());
  const isPlaying = now === "holds" || now === "ends";
  document.documentElement.toggleAttribute("data-connected", isPlaying);
  const again = (steps) => async () => {
    // Whoever closes the dialog has not done it.
    const isDone = await steps(own, kept).catch(() => false);
    close();
    if (isDone) {
      location.reload();
    }
  };
  if (isPlaying) {
    watch(again(connect));
    void showKey(own.key);
  }
  if (now === "ends") {
    await noted(phrases.ends(name, until), [
      { name: phrases.renew, press: again(renew), kind: "" },
      { name: phrases.hide, press() {} },
    ]);
  } else if (!isPlaying) {
    await noted(phrases[now](name, until), [
      { name: phrases.reconnect, press: again(connect), kind: "" },
      { name: phrases.guest, press: forget },
    ]);
  } else {
    await styled();
  }
}

/** Hears when the faucet refuses the key: the wallet has revoked it, perhaps on another machine. */
function watch(again) {
  const fetchOf = window.fetch.bind(window);
  let isTold = false;
  window.fetch = async (address, init) => {
    const answer = await fetchOf(address, init);
    const place = /^\/api\/v1\/(rounds|claims)$/.exec(address)?.[1];
    if (place && answer.status === 403 && !isTold) {
      const { code } = await answer.clone().json().catch(() => ({}));
      if (code === "not_delegated") {
        isTold = true;
        void lost(place === "claims", again);
      }
    }
    return answer;
  };
}

/** From the next start on the page plays for the browser's own key. A round in play goes on for whom it was opened. */
async function lost(isClaim, again) {
  forget();
  const pressed = await shown({
    title: phrases.lost,
    content: [isClaim ? paragraph(phrases.lostClaim) : undefined, paragraph(phrases.lostWhy)],
    buttons: [
      { name: phrases.reconnect, value: "again", kind: "" },
      { name: phrases.guest, value: "guest" },
    ],
  });
  if (pressed === "again") {
    await again();
  }
  close();
  location.reload();
}
