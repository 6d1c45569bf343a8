// The element as a component of React. It renders on a server, too: there is nothing but the tag then.
import { createElement, forwardRef, useEffect, useImperativeHandle, useLayoutEffect, useRef } from "react";
import { load } from "./index.js";

const EVENTS = {
  onReady: "ready",
  onRound: "round",
  onCleared: "cleared",
  onDrip: "drip",
  onBalance: "balance",
  onError: "error",
  onClose: "close",
};

/** Listens before the element tells what is wrong with it as it stands. On a server, where nobody listens, React would warn of the other one. */
const useListening = typeof document === "undefined" ? useEffect : useLayoutEffect;

export const DriplineFaucet = forwardRef(function DriplineFaucet(props, ref) {
  const { faucet, nonce, integrity, path, ...rest } = props;
  const element = useRef(null);
  /** What listens at the moment: a new function in each render is no new listener. */
  const listeners = useRef({});
  const attributes = {};
  listeners.current = {};
  for (const [name, value] of Object.entries(rest)) {
    if (name in EVENTS) {
      listeners.current[EVENTS[name]] = value;
    } else if (name === "className") {
      // Older versions take it for an attribute of a custom element.
      attributes.class = value;
    } else {
      attributes[name] = value;
    }
  }
  useImperativeHandle(ref, () => element.current, []);
  useListening(() => {
    const place = element.current;
    const hear = (event) => listeners.current[event.type]?.(event.detail, event);
    const names = Object.values(EVENTS);
    names.forEach((name) => place.addEventListener(name, hear));
    return () => names.forEach((name) => place.removeEventListener(name, hear));
  }, []);
  useEffect(() => {
    load(faucet, { nonce, integrity, path }).catch((error) => {
      listeners.current.error?.({ code: "loader_missing", message: error.message });
    });
  }, [faucet, nonce, integrity, path]);
  return createElement("dripline-faucet", { ...attributes, ref: element });
});
