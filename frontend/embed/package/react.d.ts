import type { CSSProperties, DetailedHTMLProps, ForwardRefExoticComponent, HTMLAttributes, RefAttributes } from "react";
import type {
  DriplineEvent,
  DriplineEvents,
  DriplineFaucetAttributes,
  DriplineFaucetElement,
  DriplineHandlers,
  DriplineLook,
  LoadOptions,
} from "./index.js";

/** Hears an event: what it tells, and the event itself unless the loader could not be had. */
export type Listener<Name extends keyof DriplineEvents> = (detail: DriplineEvents[Name], event?: DriplineEvent<Name>) => void;

/** What the component takes. */
export interface DriplineFaucetProps extends DriplineFaucetAttributes, LoadOptions {
  /** The faucet's origin: "https://faucet.example". */
  faucet: string;
  id?: string;
  className?: string;
  style?: CSSProperties & DriplineLook;
  onReady?: Listener<"ready">;
  onRound?: Listener<"round">;
  onCleared?: Listener<"cleared">;
  onDrip?: Listener<"drip">;
  onBalance?: Listener<"balance">;
  onError?: Listener<"error">;
  onClose?: Listener<"close">;
}

/** The element as a component; its ref is the element, with its methods. */
export const DriplineFaucet: ForwardRefExoticComponent<DriplineFaucetProps & RefAttributes<DriplineFaucetElement>>;

/** The tag itself in TSX. Its events are attributes from React 19 on; before, they are heard by the component, or by a ref. */
type Tag = Omit<DetailedHTMLProps<HTMLAttributes<DriplineFaucetElement>, DriplineFaucetElement>, "style"> &
  DriplineFaucetAttributes &
  DriplineHandlers<"on"> & {
    /** As React 18 has it, which takes `className` for an attribute of this name. */
    class?: string;
    style?: CSSProperties & DriplineLook;
  };

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "dripline-faucet": Tag;
    }
  }
}
