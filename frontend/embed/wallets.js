// The wallets of the player's own, as the faucet's page asks for them: on its own origin it finds them itself, in a frame it asks the
// page around. And the buttons that lead to a signature: in a frame, they are pressed only by somebody who has seen or read them.

/** How long a button must have been seen whole before a press of it counts, in milliseconds. */
const SEEN_MS = 500;
/** How often the browser looks whether it is seen, at most; it accepts no less than 100 ms. */
const LOOK_MS = 100;
/** How long the bridge may take to load, in milliseconds. */
const LOAD_MS = 10_000;

/** Whether this page is shown in one of others. */
export const isFramed = window !== window.parent;
const failed = (code) => Object.assign(new Error(code), { code });

let own;

/** The bridge in this page itself. */
const ownBridge = () => {
  own ??= fetch("/embed/v1.json", { credentials: "omit" })
    .then((answer) => answer.json())
    .then(
      ({ bridge, bridge_integrity: integrity }) =>
        new Promise((resolve, reject) => {
          const script = Object.assign(document.createElement("script"), { src: bridge, integrity, dripline: resolve, onerror: reject });
          setTimeout(reject, LOAD_MS);
          document.head.append(script);
        }),
    )
    .catch(() => {
      own = undefined;
      throw failed("unavailable");
    });
  return own;
};

const ask = async (request) => (isFramed ? (await window.driplineHost?.ask(request)) ?? Promise.reject(failed("unavailable")) : (await ownBridge())(request));

/** The wallets that are there: `{ id, name, icon, kind }`, where `kind` is "solana" or "ethereum" and `icon` a `data:` address or "". */
export const wallets = () => ask({ ask: "wallets" });

/** Has a wallet say who it is: `{ address }`. Fails with a `code`: "declined", "unavailable" or "unsupported". */
export const connect = (id) => ask({ ask: "connect", id });

/** Has a wallet sign a text that the player has read. Gives the bytes of the signature, and those that it is over. */
export const sign = (id, address, text) => ask({ ask: "sign", id, address, text });

/** The origin of the page in which wallets prompt. */
export const origin = () => (isFramed ? window.driplineHost?.origin ?? location.origin : location.origin);

const canTellWhatIsSeen = "isVisible" in (window.IntersectionObserverEntry?.prototype ?? {});

/**
 * Calls `onPress` at presses by a person of a button that has been there for a moment, once `left` says that there is nothing more to wait for,
 * in milliseconds. Until then it has the attribute `aria-disabled`.
 */
export const pressedLater = (button, onPress, left = () => 0) => {
  let isReady;
  const wait = (ms) => {
    isReady = ms <= 0;
    button.setAttribute("aria-disabled", String(!isReady));
    if (!isReady) {
      setTimeout(() => wait(left()), ms);
    }
  };
  wait(Math.max(SEEN_MS, left()));
  button.addEventListener("click", ({ isTrusted }) => {
    if (isTrusted && isReady) {
      // There may be more to wait for by now.
      wait(left());
      if (isReady) {
        onPress();
      }
    }
  });
};

/**
 * Calls `onPress` at a press of the button by somebody who has seen it and what it signs: the button whole, and of each of `texts` a part,
 * covered by nothing and not made pale, small or slanted, for half a second. The button and the last of the texts, which stands beside it, are
 * seen at the time of the press. The others may have been scrolled out of sight by then, for not everything has room in a small window; but
 * what is covered while it is in sight has to be seen anew. Until then the button has the attribute `aria-disabled`, and a press has `onUnseen`
 * told what is to be seen first.
 *
 * Where the browser cannot tell (IntersectionObserver v2), a press after half a second has `isRead` asked, and counts where that promises
 * `true`: it has to ask what only somebody answers who reads this page, which the page around cannot. With `isReadAnyhow` that is asked of who
 * has seen it, too: browsers tell nothing of a mask or an outline by which the page around hides the frame. On the faucet's own origin nothing
 * can be laid over it, and a press is one.
 */
export const assured = (button, onPress, { texts = [], isRead, isReadAnyhow = false, onUnseen } = {}) => {
  const askFirst = async () => (await isRead()) === true && onPress();
  if (isFramed && !canTellWhatIsSeen) {
    pressedLater(button, askFirst);
    return;
  }
  if (!isFramed) {
    button.addEventListener("click", ({ isTrusted }) => isTrusted && onPress());
    return;
  }
  // A text is looked at by its lines, where it has some: of what is partly out of sight, browsers tell that it is covered where the rest is.
  const parts = [...texts, button].map((element) => {
    const pieces = element.children.length > 0 ? [...element.children] : [element];
    return { element, pieces: new Map(pieces.map((piece) => [piece, "away"])), since: Infinity, wasSeen: false };
  });
  const seenNow = parts.slice(-2);
  const isSeen = ({ since }) => performance.now() - since >= SEEN_MS;
  const isAssured = () => seenNow.every(isSeen) && parts.every((part) => part.wasSeen || isSeen(part));
  let timer;
  const show = () => {
    clearTimeout(timer);
    button.toggleAttribute("data-unseen", seenNow.some(({ since }) => since === Infinity));
    button.setAttribute("aria-disabled", String(!isAssured()));
    const waits = parts.map(({ since }) => since + SEEN_MS - performance.now()).filter((wait) => wait > 0 && wait < Infinity);
    if (waits.length > 0) {
      timer = setTimeout(show, Math.ceil(Math.max(...waits)));
    }
  };
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isVisible, intersectionRatio, intersectionRect } of entries) {
        const isAway = intersectionRect.width * intersectionRect.height === 0 || (isVisible && target === button && intersectionRatio < 1);
        parts.find(({ pieces }) => pieces.has(target)).pieces.set(target, isAway ? "away" : isVisible ? "seen" : "covered");
      }
      for (const part of parts) {
        const pieces = [...part.pieces.values()];
        const isCovered = pieces.includes("covered");
        if (!isCovered && pieces.includes("seen")) {
          part.since = Math.min(part.since, performance.now());
        } else {
          part.wasSeen = !isCovered && (part.wasSeen || isSeen(part));
          part.since = Infinity;
        }
      }
      show();
    },
    { threshold: [0, 0.5, 1], trackVisibility: true, delay: LOOK_MS },
  );
  for (const piece of parts.flatMap(({ pieces }) => [...pieces.keys()])) {
    observer.observe(piece);
  }
  show();
  button.addEventListener("click", ({ isTrusted }) => {
    if (isTrusted && isAssured()) {
      (isReadAnyhow ? askFirst : onPress)();
    } else if (isTrusted) {
      const unseen = parts.find(({ since, wasSeen }) => since === Infinity && !wasSeen);
      if (unseen) {
        onUnseen?.(unseen.element);
      }
    }
  });
};
