// What is seen: one dialog over the page, in which one thing is shown at a time, and a line at its foot for what has become of a
// connection. Who shows something waits for what is pressed.

import { assured, pressedLater } from "../embed/wallets.js";
import { phrases } from "./phrases.mjs";
import { mistaken, question, understood, waitLeft } from "./reading.mjs";

/** Makes an element: its attributes, and what is in it. */
export function element(tag, attributes = {}, ...content) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) {
      made.setAttribute(name, value);
    }
  }
  made.append(...content.filter((part) => part !== undefined));
  return made;
}

export const paragraph = (text, attributes) => element("p", attributes, text);

let style;

/** Has the looks of it loaded, once. */
export function styled() {
  style ??= new Promise((resolve) => {
    const link = element("link", { rel: "stylesheet", href: new URL("./connect.css", import.meta.url).pathname });
    // Without its looks it still says what it says.
    link.onload = link.onerror = resolve;
    document.head.append(link);
  });
  return style;
}

let dialog;
/** Told what was pressed in what is shown now. */
let answer = () => {};
/** What had the focus before. */
let before;

function opened() {
  if (!dialog) {
    dialog = element("dialog", { class: "connect", "aria-labelledby": "connect-title" });
    // A frame in a popup closes it at this key; here it is the dialog's.
    dialog.addEventListener("keydown", (event) => event.key === "Escape" && event.stopPropagation());
    dialog.addEventListener("close", () => answer("close"));
    document.body.append(dialog);
  }
  if (!dialog.open) {
    before = document.activeElement;
    dialog.showModal();
  }
  return dialog;
}

/** How often it was put away: what was to be shown before that is not. */
let closings = 0;

/** Puts the dialog away, and the focus back. */
export function close() {
  closings += 1;
  answer = () => {};
  dialog?.close();
  before?.focus?.();
  before = undefined;
}

/**
 * Shows something under a title, and gives the value of the button that was pressed, or `close`. Of the buttons, each is
 * `{ name, value, kind?, isAssured?, isReadAnyhow? }`; an assured one is pressed only by somebody who has seen it and all this for a moment, or
 * has read it, or both where it is to be read anyhow.
 * What is shown next takes the place of this: then this is closed.
 */
export async function shown({ title, content = [], buttons = [] }) {
  const before = closings;
  await styled();
  if (before !== closings) {
    return "close";
  }
  answer("close");
  const place = opened();
  const heading = element("h2", { id: "connect-title", tabindex: "-1" }, title);
  const parts = [heading, ...content.filter((part) => part !== undefined)];
  const row = element("div", { class: "buttons" });
  let unseen;
  const pressed = new Promise((resolve) => {
    answer = resolve;
    for (const { name, value, kind = "is-quiet", isAssured, isReadAnyhow } of buttons) {
      const button = element("button", { type: "button", class: `button ${kind}` }, name);
      if (isAssured) {
        button.dataset.assured = "";
        assured(button, () => resolve(value), {
          texts: parts,
          isRead: () => isRead(row),
          isReadAnyhow,
          onUnseen(part) {
            unseen?.remove();
            unseen = paragraph(phrases.unseen, { role: "alert", class: "is-risk" });
            row.after(unseen);
            part.scrollIntoView({ block: "nearest" });
          },
        });
      } else {
        button.addEventListener("click", () => resolve(value));
      }
      row.append(button);
    }
    for (const chosen of content.flatMap((part) => [...(part?.querySelectorAll?.("[data-value]") ?? [])])) {
      chosen.addEventListener("click", () => resolve(chosen.dataset.value));
    }
  });
  place.replaceChildren(...parts, row);
  place.scrollTop = 0;
  heading.focus();
  return pressed;
}

/** What was said of the last wrong number. */
let mistold;

/**
 * Asks, in the place of the dialog's buttons, for numbers that only stand there, one after another. Promises whether they were the ones that
 * were pressed: where they were not, or whoever plays goes back, the buttons are there as before.
 */
function isRead(buttons) {
  const { wanted, numbers } = question();
  const asks = paragraph(phrases.pressNumbers(...wanted), { id: "connect-question", role: "status", tabindex: "-1" });
  const row = element("div", { class: "connect-numbers", role: "group", "aria-labelledby": "connect-question" });
  const back = element("button", { type: "button", class: "button is-quiet" }, phrases.back);
  const ways = element("div", { class: "buttons" }, back);
  const wait = waitLeft();
  const waits = wait > 0 ? paragraph(phrases.pressLater(Date.now() + wait)) : undefined;
  const asked = element("div", { class: "connect-question" }, asks, row, waits, paragraph(phrases.pressNumbersWhy), ways);
  mistold?.remove();
  buttons.replaceWith(asked);
  asks.focus();
  return new Promise((resolve) => {
    let next = 0;
    for (const number of numbers) {
      const button = element("button", { type: "button", class: "button is-quiet" }, `${number}`);
      const chosen = () => {
        // A second press of the same one is a slip of the finger.
        if (button.hasAttribute("aria-pressed")) {
          return;
        }
        if (number !== wanted[next]) {
          mistaken();
          mistold = paragraph(phrases.otherNumber, { class: "is-risk", role: "status", tabindex: "-1" });
          asked.replaceWith(mistold, buttons);
          mistold.focus();
          resolve(false);
          return;
        }
        button.setAttribute("aria-pressed", "true");
        next += 1;
        if (next < wanted.length) {
          asks.textContent = phrases.pressNext(wanted[next]);
        } else {
          understood();
          resolve(true);
        }
      };
      pressedLater(button, chosen, waitLeft);
      row.append(button);
    }
    // The numbers are below what is signed: all of them are to be seen.
    dialog.scrollTop = dialog.scrollHeight;
    back.addEventListener("click", () => {
      asked.replaceWith(buttons);
      buttons.firstElementChild.focus();
      resolve(false);
    });
  });
}

/** Wallets to choose from, each by its place. Their pictures are `data:` addresses. */
export function walletList(wallets) {
  const list = element("ul", { class: "connect-wallets", "aria-label": phrases.wallets });
  wallets.forEach(({ name, icon }, at) => {
    const picture = icon ? element("img", { src: icon, alt: "", width: "32", height: "32" }) : undefined;
    list.append(element("li", {}, element("button", { type: "button", class: "button is-quiet", "data-value": at }, picture, name)));
  });
  return list;
}

/** Thrown where the player went back, and where the dialog was closed. */
export const LEFT = Symbol("left");
export const CLOSED = Symbol("closed");

/** Throws what it means that something was pressed that does not lead on. */
export function leave(pressed) {
  throw pressed === "close" ? CLOSED : LEFT;
}

/** Says what is waited for. Whoever goes back meanwhile leaves: what comes then is not taken. */
export async function waiting(title, text, promise) {
  // Whatever comes of it, somebody hears of it.
  promise.catch(() => {});
  const left = shown({
    title,
    content: [element("p", { role: "status", class: "connect-wait" }, text)],
    buttons: [{ name: phrases.back, value: "back" }],
  }).then(leave);
  left.catch(() => {});
  return Promise.race([promise, left]);
}

/** What a failure is called, and what to do about it. */
export function explained(error) {
  const code = error?.code ?? "unavailable";
  const [title, advice] = phrases.failures[code] ?? [error?.detail ?? error?.message ?? code, undefined];
  return { title, advice, code };
}

/** A link to the faucet's own page, in a page of others. */
export const ownPage = () => element("p", {}, element("a", { href: "/wallet#backup", target: "_blank", rel: "noopener" }, phrases.carryLink));

/** Tells of a failure. Comes back only where it is to be tried again. */
export async function failed(error) {
  const { title, advice, code } = explained(error);
  const pressed = await shown({
    title,
    content: [
      element(
        "div",
        { role: "alert", class: "connect-part" },
        ...(advice ? [paragraph(advice)] : []),
        ...(error?.detail && advice ? [paragraph(error.detail, { class: "quiet" })] : []),
      ),
      code === "no_key" && window.driplineSite !== undefined ? ownPage() : undefined,
      paragraph(phrases.code(code), { class: "quiet" }),
    ],
    buttons: [
      { name: phrases.again, value: "again", kind: "" },
      { name: phrases.back, value: "back" },
    ],
  });
  if (pressed !== "again") {
    leave(pressed);
  }
}

let line;

/** Says something at the foot of the page, with buttons `{ name, press }`; it stays until one is pressed, and is not seen in play. */
export async function noted(text, buttons) {
  await styled();
  line?.remove();
  line = element("aside", { class: "connect-line" }, paragraph(text, { role: "status" }));
  for (const { name, press, kind = "is-quiet" } of buttons) {
    const button = element("button", { type: "button", class: `button is-small ${kind}` }, name);
    button.addEventListener("click", () => {
      line.remove();
      press();
    });
    line.append(button);
  }
  document.body.append(line);
}
